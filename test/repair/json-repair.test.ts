import fc from 'fast-check'
import t, { type Test } from 'tap'
import { createJsonWalker } from '../../src/bytes/json-walker.ts'
import { createKeyTable } from '../../src/bytes/key-table.ts'
import { repairKindNames, repairKinds } from '../../src/contracts/repair-kinds.ts'
import { createJsonRepairer } from '../../src/repair/json-repair.ts'

const repairer = createJsonRepairer()
const walk = createJsonWalker({ keys: createKeyTable([]), maxDepth: 200 })

interface Result { readonly text: string, readonly kinds: string, readonly reason: string | undefined }

/** Repairs the line in several surroundings, none of which may show in the result. */
function repair (line: string | Uint8Array): Result {
  const bytes = Buffer.from(line)
  const [result, ...others] = ['', '"}', '1,"b":2}', 'x41\\x41"}', '\n'].map(around => repairWithin(bytes, Buffer.from(around)))
  if (result === undefined) throw new Error('nothing tried')
  for (const other of others) {
    if (JSON.stringify(other) !== JSON.stringify(result)) throw new Error(`depends on what is around it: ${bytes.toString()}`)
  }
  return result
}

function repairWithin (line: Buffer, around: Buffer): Result {
  const end = around.length + line.length
  const outcome = repairer.repair(Buffer.concat([around, line, around]), around.length, end)
  const { buffer, reason } = repairer
  if ((outcome === 'invalid') !== (reason !== undefined)) throw new Error(`${outcome}, ${reason}`)
  if (outcome === 'repaired' && walk(buffer, repairer.start, repairer.end) !== 0) throw new Error(`not strict JSON: ${line.toString()}`)
  const kinds = repairKindNames.filter(kind => (repairer.kinds & repairKinds[kind]) !== 0).join(' ')
  return { text: reason === undefined ? buffer.toString('utf8', repairer.start, repairer.end) : '', kinds, reason }
}

const latin1 = (text: string) => Buffer.from(text, 'latin1')

function becomes (t: Test, line: string | Uint8Array, text: string, kinds: string): void {
  t.same(repair(line), { text, kinds, reason: undefined }, encodeURI(line.toString()))
}

t.test('a valid line comes out byte for byte', async t => {
  for (const line of ['{}', ' { "a" : [ ] , "b":{"c":[1,-0.5e+3,true,false,null,"x"]}}\r', '{"a":"\\"\\\\\\/\\b\\f\\n\\r\\t\\u12aF"}',
    '{"a":"\\ud800 田😀\u2028\x7f","":1}', '{"a":1,"a":2}', '{"a":"","b":"-","c":{"a":{"a":1}}}', '{"time":{"time":1}}',
    '{"a":"{\\"a\\":","b":"]}"}', '{"a":"\\\\x41"}', '{"a":12345678901234567890.000}', '{"a":"\\\\"}']) {
    becomes(t, line, line, '')
  }
  const someObject = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue())
  fc.assert(fc.property(someObject, fc.constantFrom(0, 1, '\t'), (value, indent) => {
    const line = JSON.stringify(value, null, indent)
    return repair(line).text === line.replaceAll('\n', ' ')
  }), { numRuns: 500 })
})

t.test('a run of \\xhh becomes the text it encodes, else Latin-1', async t => {
  const value = (raw: string, text: string) => becomes(t, `{"a":"${raw}"}`, `{"a":"${text}"}`, 'hex_escape')
  value('\\xe6\\x97\\xa5\\xE6\\x9C\\xAC', '日本')
  value('x\\xf0\\x9f\\x9a\\xa8y', 'x🚨y')
  value('\\xff\\xfe', 'ÿþ')
  value('\\xe3\\x81', 'ã\u0081')
  value('\\xed\\xa0\\x80', 'í\u00a0\u0080')
  value('\\xc6\\xfc\\xcb\\xdc\\xb8\\xec', 'ÆüËÜ¸ì')
  value('\\x93\\xfa\\x96{\\x8c\\xea', '\u0093ú\u0096{\u008cê')
  value('\\x16\\x03\\x01', '\\u0016\\u0003\\u0001')
  value('\\x22\\x5c\\x0a\\x7d\\x41\\x7f', '\\"\\\\\\n}A\x7f')
  value('\\xe2\\x80\\xa8', '\u2028')
  value('\\\\\\xe3\\x81\\x82\\\\x41', '\\\\あ\\\\x41')
})

t.test('\\\\x41 stays what the client sent', async t => {
  becomes(t, '{"a":"\\\\x41"}', '{"a":"\\\\x41"}', '')
  becomes(t, '{"a":"\\\\\\x41"}', '{"a":"\\\\A"}', 'hex_escape')
  becomes(t, '{"a":"\\\\v\\v"}', '{"a":"\\\\v\\u000b"}', 'illegal_escape')
})

t.test('other escapes that JSON forbids become legal ones', async t => {
  const value = (raw: string, text: string) => becomes(t, `{"a":"${raw}"}`, `{"a":"${text}"}`, 'illegal_escape')
  value('\\v', '\\u000b')
  value('\\a', '\\u0007')
  value("it\\'s", "it's")
  value('\\x4', '\\\\x4')
  value('\\xg1', '\\\\xg1')
  value('\\u12', '\\\\u12')
  value('\\u12g4', '\\\\u12g4')
  value('\\q\\0', '\\\\q\\\\0')
  becomes(t, '{"a":"\\\n"}', '{"a":"\\\\\\n"}', 'illegal_escape control_byte')
})

t.test('a bare value becomes null, what JSON has for it, or a string', async t => {
  const value = (raw: string, text: string, kind = 'bare_value') => {
    for (const [before, after] of [['', ''], ['"z":1,', ''], ['', ',"z":1'], ['"y":[],', ', "z":[]'], ['"y":{"x":1,', '}']]) {
      becomes(t, `{${before}"a":${raw}${after}}`, `{${before}"a":${text}${after}}`, kind)
    }
  }
  value('-', 'null')
  value('', 'null')
  value('TLSv1.2', '"TLSv1.2"')
  value('text/html, */*;q=0.8', '"text/html, */*;q=0.8"')
  value('10.0.0.1', '"10.0.0.1"')
  value('+', '"+"')
  value('nul', '"nul"')
  value('NaN', '"NaN"')
  value('0x1F', '"0x1F"')
  value('1,5', '"1,5"')
  value('[23/Nov/2026:19:41:55 +0000]', '"[23/Nov/2026:19:41:55 +0000]"')
  value('007', '7', 'number')
  value('-0123.50', '-123.50', 'number')
  value('+1', '1', 'number')
  value('.5', '0.5', 'number')
  value('-.5', '-0.5', 'number')
  value('1.', '1', 'number')
  value('00', '0', 'number')
  becomes(t, '{"a":x\\xe3\\x81\\x82\\"y,"b":1}', '{"a":"xあ\\"y","b":1}', 'hex_escape bare_value')
  for (const raw of ['{\\"x\\":1}', '{\\"x\\":\\"', '\\"},', '}', '},', '12}x', '[::1]', '{x}', 'a{b}c', '}}', '{\\"x\\":{}']) {
    becomes(t, `{"a":${raw},"z":{"y":1}}`, `{"a":"${raw}","z":{"y":1}}`, 'bare_value')
    if (raw.endsWith(',')) continue
    becomes(t, `{"y":1,"a":${raw}}`, `{"y":1,"a":"${raw}"}`, 'bare_value')
    becomes(t, `{"y":{"x":"1","z":{"a":${raw} } } }`, `{"y":{"x":"1","z":{"a":"${raw}" } } }`, 'bare_value')
  }
  becomes(t, '{"y":{"a":-},"z":{"a":x }  ,"b":[{"c":x},{"d":-}]}',
    '{"y":{"a":null},"z":{"a":"x" }  ,"b":[{"c":"x"},{"d":null}]}', 'bare_value')
  becomes(t, '{"a":- , "b":1 , "c": }', '{"a":null , "b":1 , "c": null}', 'bare_value')
  becomes(t, '{"a":[-,x y,,007,"z"]}', '{"a":[null,"x y",null,7,"z"]}', 'bare_value number')
})

t.test('the two quotes that stand for an empty user name are taken out', async t => {
  becomes(t, '{"user":"""","a":1}', '{"user":"","a":1}', 'empty_user')
  becomes(t, '{"a":1,"user":""""}', '{"a":1,"user":""}', 'empty_user')
  becomes(t, '{"who":"""@10.0.0.1"}', '{"who":"@10.0.0.1"}', 'empty_user')
  becomes(t, '{"user":"","a":""}', '{"user":"","a":""}', '')
})

t.test('raw bytes that a JSON string must not have are kept as text', async t => {
  becomes(t, '{"a":"\x00\t\n\x1b[0m"}', '{"a":"\\u0000\\t\\n\\u001b[0m"}', 'control_byte')
  becomes(t, latin1('{"a":"caf\xe9 \xc6\xfc","b":"\xe3\x81\x82"}'), '{"a":"café Æü","b":"あ"}', 'invalid_utf8')
  becomes(t, '{"a":1,\n"b":\n2}\n', '{"a":1, "b": 2} ', 'control_byte')
})

t.test('a comma before the end is taken out', async t => {
  becomes(t, '{"a":[1,],"b":"x",}', '{"a":[1],"b":"x"}', 'comma')
  becomes(t, '{"a":"x" ,\n }', '{"a":"x"   }', 'control_byte comma')
  becomes(t, '{"a":-,}', '{"a":null}', 'bare_value comma')
})

t.test('what cannot be repaired says why', async t => {
  for (const [line, reason] of [
    ['', 'not_object'], [' ', 'not_object'], ['[app] {"a":1}', 'not_object'], ['["a"]', 'not_object'], ['\ufeff{}', 'not_object'],
    ['{', 'truncated'], ['{"a', 'truncated'], ['{"a\\', 'truncated'], ['{"a"', 'truncated'], ['{"a":', 'truncated'],
    ['{"a":12', 'truncated'], ['{"a":"\\x4', 'truncated'], ['{"a":1,', 'truncated'], ['{"a":[1', 'truncated'], ['{"a":[', 'truncated'],
    ['{"a":""""', 'truncated'], ['{"a":x\\', 'truncated'],
    ['{"a" 1}', 'syntax'], ['{a:1}', 'syntax'], ['{"a":1}}"', 'syntax'], ['{"a":1}]{"b":2}', 'syntax'], ['{"a":1},1', 'syntax'], ['{"a":1} x', 'syntax'], ['{"a":"b"c"}', 'syntax'],
    ['{"a":"b" "c":1}', 'syntax'], ['{"a":x"b":1}', 'syntax'], ['{"a":[{"b":x{}}]}', 'syntax'], ['{,}', 'syntax'], ['{"a":[1}', 'syntax'],
    ['{"a":[x"y"]}', 'syntax'], ['{"a":1]', 'truncated'],
  ] as const) t.same(repair(line).reason, reason, line)
})

t.test('two lines torn into each other are told, wherever the second begins', async t => {
  for (const first of ['{"time":"t1","path":"/a","size":12,"x":[1,"b"],"user":""}', '{ "time":"t1", "path":"/\\"a", "size":- }']) {
    const second = first.replace('t1', 't2')
    const openingEnd = first.indexOf(':') + 1
    for (let cut = openingEnd; cut <= first.length; cut++) {
      t.equal(repair(first.slice(0, cut) + second).reason, 'torn', `${first.slice(0, cut)} before a whole line`)
      for (let until = openingEnd; until < second.length; until++) {
        const torn = first.slice(0, cut) + second.slice(0, until) + first.slice(cut)
        if (repair(torn).reason !== 'torn') t.fail(`not torn: ${torn}`)
      }
    }
  }
  const sent = '{"time":"t","agent":"{\\"time\\":\\"u\\"","size":-}'
  t.equal(repair(sent).reason, undefined, 'a client may send what looks like a second line')
})

t.test('a repair makes no key equal to another', async t => {
  t.equal(repair('{"a\\x62":1,"ab":2}').reason, 'duplicate_key')
  t.equal(repair('{"ab":1,"x":{"y":[{"k":1,"\\x6b":2}]}}').reason, 'duplicate_key')
  t.equal(repair(latin1('{"\xe9":1,"\\u00e9":2}')).reason, 'duplicate_key')
  becomes(t, '{"a\\x62":1,"b":{"ab":2}}', '{"ab":1,"b":{"ab":2}}', 'hex_escape')
  becomes(t, latin1('{"\xe9":1,"e":":"}'), '{"é":1,"e":":"}', 'invalid_utf8')
  becomes(t, '{"a":-,"a":1}', '{"a":null,"a":1}', 'bare_value')
  const long = `{"\\v":"${'\\\\'.repeat(500_000)}"}`
  t.equal(repairer.repair(Buffer.from(long), 0, long.length), 'repaired', 'however long the line')
})

t.test('nesting is followed up to the limit and not one deeper', async t => {
  const nested = createJsonRepairer({ maxDepth: 3 })
  for (const [text, reason] of [['{"a":[[-]]}', undefined], ['{"a":[[[-]]]}', 'too_deep']] as const) {
    nested.repair(Buffer.from(text), 0, text.length)
    t.equal(nested.reason, reason)
  }
  const bomb = Buffer.from('{"a":' + '['.repeat(1_000_000))
  t.equal(repairer.repair(bomb, 0, bomb.length), 'invalid')
})

t.test('a line is repaired by its own bytes, wherever it lies, and they stay as they are', async t => {
  const bytes = Buffer.from('"}{"a":-}"}')
  const before = Buffer.from(bytes)
  t.equal(repairer.repair(bytes, 2, 9), 'repaired')
  t.equal(repairer.buffer.toString('utf8', repairer.start, repairer.end), '{"a":null}')
  t.equal(repairer.repair(bytes, 2, 8), 'invalid')
  t.same(bytes, before)
})

t.test('what a format has behind the object is dropped, where it is brackets, braces, commas and spaces', async t => {
  for (const [behind, kinds] of [
    ['}]', 'closing_bracket'], ['}}', 'closing_bracket'], ['} ]', 'closing_bracket'], ['}}}', 'closing_bracket'], ['}\t]\n', 'closing_bracket'],
    ['}],', 'comma closing_bracket'], ['} ] ,', 'comma closing_bracket'], ['},', 'comma'], ['} , ', 'comma'], ['},\n]', 'comma closing_bracket'],
  ] as const) {
    becomes(t, `{"a":"x"${behind}`, '{"a":"x"}', kinds)
    becomes(t, `{"a":{"b":[1]}${behind}`, '{"a":{"b":[1]}}', kinds)
  }
  const behind = fc.string({ unit: fc.constantFrom('}', ']', ',', ' ', '\t'), maxLength: 8 })
  fc.assert(fc.property(fc.dictionary(fc.string(), fc.jsonValue()), behind, (value, rest) => {
    const line = JSON.stringify(value)
    return repair(`${line}${rest}`).text.trimEnd() === line
  }), { numRuns: 500 })
})
