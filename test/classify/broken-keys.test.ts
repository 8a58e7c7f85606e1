import fc from 'fast-check'
import t from 'tap'
import { brokenKeyBits } from '../../src/classify/broken-keys.ts'
import { createJsonWalker, hasNewline, notAnObject } from '../../src/bytes/json-walker.ts'
import { createKeyTable } from '../../src/bytes/key-table.ts'
import { accessKeys, createRandom, fixtureLines, guarded, mutate } from '../support/access-lines.ts'

const keys = createKeyTable([accessKeys.statusKeys, accessKeys.requestKeys])
const walk = createJsonWalker({ keys })

function bitsOf (text: string | Buffer): number {
  const bytes = Buffer.from(text)
  return brokenKeyBits(keys, guarded(bytes), 0, bytes.length)
}

t.test('keys are found in lines as Apache breaks them', async t => {
  t.equal(bitsOf('{"path":"/\\xe3\\x81\\x82","status":200}'), 3, 'escapes that JSON forbids')
  t.equal(bitsOf('{"size":-,"status":200,"in":,"path":"/"}'), 3, 'bare and missing values')
  t.equal(bitsOf('{"user":"""","status":200,"path":"/"}'), 3, 'an empty user')
  t.equal(bitsOf('{"path":"a\x01\tb","status":200}'), 3, 'raw control bytes')
  t.equal(bitsOf(Buffer.from([...Buffer.from(' {"path":"'), 0xe3, 0xff, ...Buffer.from('","status":2}')])), 3, 'not UTF-8')
  t.equal(bitsOf('{"path":"/","status":200,"agent":"cut of'), 3, 'a line without its end')
  t.equal(bitsOf('{"path":"\\"status\\":","x":1}'), 2, 'an escaped quote ends no string')
})

t.test('quotes and braces that a client sent in a bare value are none of the line', async t => {
  for (const sent of ['\\"q\\\\\\"', '{\\"a\\":', '\\"},', '{', '{{', '}', '[', '[::1]', ',']) {
    t.equal(bitsOf(`{"user":${sent},"status":200,"path":"/",x}`), 3, sent)
  }
})

t.test('the rest of a line that another was written into is known, where it begins within a value', async t => {
  const line = '{"time":"a","agent":"Mozilla \\"5\\xe3\\"","n":12, "path":"/a", "status":404 }'
  for (const value of ['a"', 'Mozilla', 'zilla', '12', '2,', '/a', 'a", ']) {
    t.equal(bitsOf(line.slice(line.indexOf(value))), 3, value)
  }
  for (const text of ['[app] x {"path":"/","status":200}', 'x: {"a":"","path":"/","status":200} ', 'x","path":"/","status":200,"a":""',
    'a"b {"path":"/","status":200}', '} "path" "status" }', '","userId":3}', 'a "b", c}', 'x",', 'x","}', '}', 'x"}']) t.equal(bitsOf(text), 0, text)
})

t.test('a line that another begins in has the keys of both, wherever the first is cut', async t => {
  const second = '{"time":"b","type":"access","path":"/b","status":200}'
  const first = '{"time":"a","xff":"1.2.3.4","n":12,"type":"access","path":"/a\\\\xe3","status":404}'
  for (let cut = '{"time":'.length; cut < first.length; cut++) {
    const begun = first.slice(0, cut)
    // A cut behind a colon looks like an object within the line.
    if (begun.endsWith(':')) continue
    t.equal(bitsOf(begun + second), 3, `${begun} before a whole line`)
  }
})

t.test('an object within a line is no line of its own', async t => {
  t.equal(bitsOf('{"time":1,"in":{"time":2,"status":200,"path":"/"},x}'), 0, 'a value')
  t.equal(bitsOf('{"time":1,"in":[{"time":2,"status":200},{"time":2,"path":"/"}],x}'), 0, 'elements')
  t.equal(bitsOf('{"time":1,"in":"{\\"time\\":2,\\"status\\":200,\\"path\\":1}",x}'), 0, 'text')
})

t.test('what only looks like a key is none', async t => {
  t.equal(bitsOf('[app] "status": "path":'), 0, 'text')
  t.equal(bitsOf('["status":1,"path":2]'), 0, 'an array')
  t.equal(bitsOf('{"a":["status","path"],x'), 0, 'items')
  t.equal(bitsOf('{"a":{"status":1,"path":2'), 0, 'further in')
  t.equal(bitsOf('{"a":"status","b":"path" x'), 0, 'values')
  t.equal(bitsOf('{"status" "path"}'), 0, 'no colon')
  for (const text of ['', ' ', '{', '{"', '{"status', '{"status"', '{"status\\']) t.equal(bitsOf(text), 0, text)
})

t.test('finds in valid JSON the keys that the strict check finds', async t => {
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 4 }), fc.jsonValue(), fc.boolean(), (value, other, isFirst) => {
    const object = isFirst ? { status: value, a: other } : { a: other, path: value, b: { status: 1 } }
    const bytes = Buffer.from(JSON.stringify(object, null, isFirst ? 1 : 0))
    return bitsOf(bytes) === (walk(bytes, 0, bytes.length) & ~hasNewline)
  }), { numRuns: 500 })
})

t.test('a genuine line keeps its keys through any escape in its values, and any bytes end', async t => {
  const random = createRandom(7)
  const lines = fixtureLines('access.f2.log').filter(line => line.length < 600)
  for (let count = 0; count < 2000; count++) {
    const line = mutate(lines[count % lines.length] ?? Buffer.alloc(0), random)
    const verdict = walk(line, 0, line.length)
    const bits = bitsOf(line)
    if (verdict !== notAnObject && bits !== (verdict & ~hasNewline)) t.fail(JSON.stringify(line.toString('latin1')))
  }
})
