import { isUtf8 } from 'node:buffer'
import fc from 'fast-check'
import t from 'tap'
import { createJsonWalker, hasNewline, notAnObject } from '../../src/bytes/json-walker.ts'
import { createKeyTable } from '../../src/bytes/key-table.ts'
import type { HintWatch } from '../../src/contracts/hints.ts'
import { Places } from '../../src/contracts/places.ts'
import { accessKeys, createRandom, fixtureLines, guarded, mutate } from '../support/access-lines.ts'

const groups = [accessKeys.statusKeys, accessKeys.requestKeys]
const walk = createJsonWalker({ keys: createKeyTable(groups), maxDepth: 500 })

function verdict (text: string | Buffer): number {
  const bytes = Buffer.from(text)
  return walk(guarded(bytes), 0, bytes.length)
}

/** The same answer the slow way. */
function oracle (bytes: Buffer): number {
  if (!isUtf8(bytes)) return notAnObject
  const text = bytes.toString()
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // Invalid is an answer.
    return notAnObject
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return notAnObject
  let bits = text.includes('\n') ? hasNewline : 0
  for (const [index, keys] of groups.entries()) {
    if (keys.some(key => Object.hasOwn(value, key))) bits |= 1 << index
  }
  return bits
}

function agrees (bytes: Buffer, actual: number): boolean {
  const expected = oracle(bytes)
  if (actual === expected) return true
  // A key written with escapes is not recognised: bits may be missing, and only then.
  return actual >= 0 && expected >= 0 && bytes.includes(0x5c) && (actual & ~expected) === 0
}

t.test('an object is valid with the bits of its top-level keys', async t => {
  t.equal(verdict('{}'), 0)
  t.equal(verdict('{"status":200,"path":"/"}'), 3)
  t.equal(verdict('{"status":200}'), 1)
  t.equal(verdict('{"a":{"status":1,"path":2},"path":[]}'), 2, 'keys further in do not count')
  t.equal(verdict('{"a":["status","path"],"b":"status"}'), 0, 'values do not count')
  t.equal(verdict('{"http.request.method":"GET"}'), 2)
  t.equal(verdict('{"st\\u0061tus":200}'), 0, 'a key with an escape is not recognised')
  t.equal(verdict('{"__proto__":1,"constructor":2,"":3}'), 0)
})

t.test('white space is allowed between tokens, and a newline there is told', async t => {
  t.equal(verdict(' \t\r{ "status" : 200 , "path" : [ ] } \r'), 3)
  for (const text of ['\n{"status":1}', '{\n"status":1}', '{"status"\n:1}', '{"status":\n1}', '{"status":1\n}',
    '{"status":1}\n', '{"status":1,\n"a":[\n]}']) {
    t.equal(verdict(text), 1 | hasNewline, JSON.stringify(text))
  }
})

t.test('what RFC 8259 allows is valid', async t => {
  for (const value of ['0', '-0', '1', '-12', '1.5', '-0.0', '1e5', '1E+5', '0e-10', '12.34e56', '1e999', 'true', 'false',
    'null', '""', '"}"', '"}}{"', '"\\"\\\\\\/\\b\\f\\n\\r\\t"', '"\\u0000\\uD83D\\ude00\\ud800"', '"\x7f田é😀\u2028"', '[]', '{}',
    '[[],{},[{}]]', '[1,"a",null]']) {
    for (const text of [`{"a":${value}}`, `{"a":[${value}]}`, `{"a":{"b":${value}},"c":${value}}`]) {
      t.same([verdict(text), oracle(Buffer.from(text))], [0, 0], encodeURI(text))
    }
  }
})

t.test('what RFC 8259 forbids is invalid', async t => {
  for (const value of ['', '-', '+1', '01', '-01', '00', '1.', '.5', '1.e5', '1e', '1e+', '0x1', '1_0', 'NaN', 'Infinity',
    'True', 'nul', 'nulll', 'tru', 'fals', 'undefined', "'a'", '"', '"\\"', '"\\', '"\\x41"', '"\\v"', '"\\u12g4"',
    '"\\u123"', '"\t"', '"\n"', '"\0"', '""""', '[', ']', '[1', '[1,]', '[,1]', '[,]', '[1 2]', '{,}', '{"a"}', '{"a":}',
    '{"a":1,}', '{a:1}', '{1:1}', '[}', '{]', '{"a" 1}', '1 2', '1,', '1}', '1]', '//', '\ufeff1']) {
    for (const text of [`{"a":${value}}`, `{"a":[${value},1]}`, `{"b":1,"a":${value}}`]) {
      t.same([verdict(text), oracle(Buffer.from(text))], [notAnObject, notAnObject], encodeURI(text))
    }
  }
  for (const text of ['', ' ', '{', '}', '[]', '[{}]', '1', '"a"', 'null', '{}}', '{}{}', '{} {}', '{}x', '\ufeff{}', '\v{}', '{}\0']) {
    t.equal(verdict(text), notAnObject, encodeURI(text))
  }
})

t.test('bytes that are not UTF-8 are invalid in keys and in values', async t => {
  for (const hex of ['80', 'c0af', 'c3', 'e38182'.slice(0, 4), 'eda080', 'f4908080', 'f8', 'ff', 'f09f98']) {
    const bytes = Buffer.from(hex, 'hex')
    t.equal(verdict(Buffer.concat([Buffer.from('{"a":"'), bytes, Buffer.from('"}')])), notAnObject, hex)
    t.equal(verdict(Buffer.concat([Buffer.from('{"'), bytes, Buffer.from('":1}')])), notAnObject, hex)
    t.equal(verdict(Buffer.concat([Buffer.from('{"a":'), bytes, Buffer.from('}')])), notAnObject, hex)
  }
})

t.test('nesting is allowed up to the limit and not one deeper', async t => {
  const nested = createJsonWalker({ keys: createKeyTable([]), maxDepth: 3 })
  for (const [text, isValid] of [['{"a":[[]]}', true], ['{"a":[[[]]]}', false], ['{"a":{"a":{}}}', true],
    ['{"a":{"a":[{}]}}', false], ['{"a":[[],[],{}],"b":[[1]]}', true]] as const) {
    t.equal(nested(Buffer.from(text), 0, text.length) !== notAnObject, isValid, text)
  }
  const bomb = Buffer.from('{"a":' + '['.repeat(100_000) + '}')
  t.equal(walk(bomb, 0, bomb.length), notAnObject)
})

t.test('a line is judged by its own bytes, wherever it lies', async t => {
  const bytes = Buffer.from('}{"status":1}{"path":2}"')
  t.equal(walk(bytes, 1, 13), 1)
  t.equal(walk(bytes, 13, 23), 2)
  t.equal(walk(bytes, 13, 22), notAnObject)
  t.equal(walk(bytes, 5, 5), notAnObject)
})

t.test('a line cut at any byte is invalid, and nothing outside of it is read', async t => {
  const line = Buffer.from('{"a":"é\\u00e9","b":[-1.5e+3,true,{"c":null}],"status":200}')
  for (let end = 0; end < line.length; end++) {
    t.equal(verdict(line.subarray(0, end)), notAnObject, `cut to ${end} bytes`)
    t.equal(walk(guarded(line), 0, end), notAnObject)
  }
  t.equal(verdict(line), 1)
})

t.test('agrees with JSON.parse on 200,000 random changes to genuine lines', async t => {
  const lines = [...fixtureLines('stdout.log'), ...fixtureLines('access.f2.log'), ...fixtureLines('access.f3.log')]
    .filter(line => line.length < 600)
  const seed = 20261123
  const random = createRandom(seed)
  let validCount = 0
  for (let count = 0; count < 200_000; count++) {
    const line = mutate(lines[count % lines.length] ?? Buffer.alloc(0), random)
    const actual = walk(line, 0, line.length)
    if (actual !== notAnObject) validCount++
    // Asked again: in one of ten runs JSON.parse of Node 24.21 gives the members before the mistake of one line that is
    // no object, where a full garbage collection falls into it; the next call of the same text throws.
    if (!agrees(line, actual) && !agrees(line, actual)) {
      t.fail(`seed ${seed}, line ${count}: ${actual}, ${oracle(line)}: ${JSON.stringify(line.toString('latin1'))}`)
    }
    // Reading outside of the line throws here.
    if (count % 50 === 0 && verdict(line) !== actual) t.fail(`seed ${seed}, line ${count}: other when guarded`)
  }
  t.ok(validCount > 10_000 && validCount < 190_000, `${validCount} valid`)
})

t.test('agrees with JSON.parse on any JSON, written with and without white space', async t => {
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(undefined, 1, '\t', '\n'), (value, space) => {
    for (const text of [JSON.stringify(value, null, space), JSON.stringify({ a: value, status: value }, null, space)]) {
      const bytes = Buffer.from(text)
      if (!agrees(bytes, verdict(bytes))) return false
    }
    return true
  }), { numRuns: 1000 })
})

const slotByKey = new Map([['status', 0], ['path', 1], ['url', 1], ['ua', 2]])
const noted = new Places(3)
const notingKeys = createKeyTable(groups, slotByKey)
const noting = createJsonWalker({ keys: notingKeys, maxDepth: 500, places: noted })

/** The values of a line by the name of their key, as the walk noted them. */
function valuesOf (text: string): Record<string, string> | undefined {
  const bytes = Buffer.from(text)
  if (noting(guarded(bytes), 0, bytes.length) === notAnObject) return undefined
  const found = [0, 1, 2].filter(slot => noted.startOf(slot) >= 0)
  return Object.fromEntries(found.map(slot => {
    return [notingKeys.names[noted.keyOf(slot)], bytes.toString('utf8', noted.startOf(slot), noted.endOf(slot))]
  }))
}

t.test('the walk notes where the values lie of keys that somebody asks for', async t => {
  t.same(valuesOf('{"status": 200 ,"path":"/a\\"é","ua":null,"x":"y"}'), { status: '200', path: '/a\\"é', ua: 'null' })
  t.same(valuesOf('{"status":{"status":1},"in":{"path":"/b"},"url":["/c"]}'), {}, 'arrays, objects and what is in them')
  t.same(valuesOf('{"path":"/a","path":"/b"}'), { path: '/b' }, 'the last of a repeated key')
  t.same(valuesOf('{"path":"/a","url":"/b"}'), { url: '/b' }, 'of two keys of one value')
  t.same(valuesOf('{"path":"/a","path":{}}'), {}, 'the last of a repeated key, which is an object')
  t.same(valuesOf('{}'), {}, 'nothing is left of the line before')
  t.equal(valuesOf('{"status":200'), undefined)
})

t.test('noting values changes no verdict, and the values are those of JSON.parse', async t => {
  const name = fc.constantFrom('status', 'path', 'ua', 'x', 'in')
  const object = fc.dictionary(name, fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.string({ unit: 'binary' })))
  fc.assert(fc.property(object, value => {
    const text = JSON.stringify(value)
    const bytes = Buffer.from(text)
    const expected = Object.entries(value)
      .filter(([key, each]) => slotByKey.has(key) && (typeof each !== 'object' || each === null))
      .map(([key, each]) => [key, typeof each === 'string' ? JSON.stringify(each).slice(1, -1) : JSON.stringify(each)])
    return walk(bytes, 0, bytes.length) === noting(bytes, 0, bytes.length) &&
      JSON.stringify(Object.entries(valuesOf(text) ?? {}).sort()) === JSON.stringify(expected.sort())
  }), { numRuns: 2000 })
})

/** A walk with all that it can be asked for, and what it said of a line. */
function createAll () {
  const places = new Places(3)
  const watch: HintWatch = {
    hints: 0,
    isAfterKey: (bytes, lineStart, at) => /pw"?\s*$/.test(Buffer.from(bytes.subarray(lineStart, at)).toString('latin1')),
    isToken: () => false,
  }
  const all = createJsonWalker({ keys: notingKeys, places, watch })
  return (line: Buffer) => {
    const found = all(line, 0, line.length)
    if (found < 0) return 'none'
    const slots = [0, 1, 2].filter(slot => places.startOf(slot) >= 0)
    const values = slots.map(slot => [places.startOf(slot), places.endOf(slot), places.keyOf(slot)])
    return JSON.stringify([found, watch.hints, values])
  }
}

t.test('lines that were walked before change nothing that is said of a line', async t => {
  const key = fc.constantFrom(
    'status', 'path', 'url', 'ua', 'a', 'statu', 'statuss', 'pw', 'apw', '', '}', 'a"b', 'é', 'a=b', 'x'.repeat(70)
  )
  const text = fc.constantFrom(1, 'x', 'pw=1', '"', '}', null, { pw: 1 }, { status: 2 }, ['url'], '\\')
  const order = fc.array(key, { maxLength: 6 })
  const values = fc.array(text, { minLength: 6, maxLength: 6 })
  const line = fc.record({ which: fc.nat(2), values, cut: fc.nat(400), space: fc.constantFrom('', ' ') })
  const lines = fc.array(line, { minLength: 5, maxLength: 25 })
  fc.assert(fc.property(fc.tuple(order, order, order), lines, (orders, lines) => {
    const before = createAll()
    for (const { which, values, cut, space } of lines) {
      const pairs = (orders[which] ?? []).map((name, index) =>
        `${JSON.stringify(name)}${space}:${space}${JSON.stringify(values[index])}`)
      const bytes = Buffer.from(`{${pairs.join(',')}}`)
      const part = bytes.subarray(0, cut < bytes.length ? cut : undefined)
      if (before(part) !== createAll()(part)) return false
    }
    return true
  }), { numRuns: 3000 })
})
