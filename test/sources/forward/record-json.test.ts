import { ExtData } from '@msgpack/msgpack'
import fc from 'fast-check'
import t from 'tap'
import { Scratch } from '../../../src/bytes/scratch.ts'
import { RecordJson } from '../../../src/sources/forward/record-json.ts'
import { encode, eventTime, toJson } from '../support.ts'

const json = (value: unknown) => toJson(encode(value), 0)

t.test('any JSON value comes out as JSON.stringify writes it', async t => {
  t.doesNotThrow(() => fc.assert(fc.property(fc.jsonValue(), value => json(value) === JSON.stringify(value))))
})

t.test('keys mean nothing to JavaScript and keep their order', async t => {
  const map = Buffer.concat([
    Buffer.of(0x85), ...['__proto__', 'b', '1', 'constructor', 'b'].flatMap((key, index) => [encode(key), encode(index)]),
  ])
  t.equal(toJson(map, 0), '{"__proto__":0,"b":1,"1":2,"constructor":3,"b":4}')
  t.equal(({} as Record<string, unknown>)['polluted'], undefined)
})

t.test('keys that are no text are written as text', async t => {
  const map = Buffer.concat([Buffer.of(0x84), encode(7), encode(1), encode(null), encode(2), encode(['a']), encode(3), encode(1.5), encode(4)])
  t.equal(toJson(map, 0), '{"7":1,"null":2,"[\\"a\\"]":3,"1.5":4}')
})

t.test('a key within a key that is no text is its msgpack in base64, so that escapes do not double at each level', async t => {
  const key = Buffer.concat([Buffer.of(0x82), encode(['a']), encode(1), encode('b'), encode(['c'])])
  const map = Buffer.concat([Buffer.of(0x81), key, encode(2)])
  t.equal(toJson(map, 0), `{"{\\"${encode(['a']).toString('base64')}\\":1,\\"b\\":[\\"c\\"]}":2}`)
})

t.test('integers keep every digit', async t => {
  const positive = [0n, 127n, 128n, 255n, 2n ** 16n, 2n ** 32n, 2n ** 53n + 1n, 2n ** 64n - 1n]
  const negative = [-1n, -33n, -129n, -40_000n, -(2n ** 31n), -(2n ** 63n)]
  for (const value of [...positive, ...negative]) {
    t.equal(json(value), String(value))
    if (value >= -(2n ** 53n) && value <= 2n ** 53n) t.equal(json(Number(value)), String(value))
  }
})

t.test('numbers that JSON lacks are null', async t => {
  for (const value of [NaN, Infinity, -Infinity]) t.equal(json(value), 'null')
})

t.test('bytes are text where they are UTF-8, Latin-1 where not', async t => {
  t.equal(json(Buffer.from('語')), '"語"')
  t.equal(json(Buffer.from([0xff, 0x00, 0x22])), '"ÿ\\u0000\\""')
  t.equal(toJson(Buffer.of(0xa2, 0xe3, 0x81), 0), '"ã\u0081"', 'a str cut in a character')
})

t.test('extensions: EventTime as seconds, others as type and data', async t => {
  t.equal(json(eventTime(1_795_462_683, 5)), '1795462683.000000005')
  for (const length of [1, 2, 4, 8, 16, 3, 300, 70_000]) {
    const data = Buffer.alloc(length, 1)
    t.equal(json([new ExtData(5, data), true]), `[{"type":5,"data":"${data.toString('base64')}"},true]`)
  }
  t.equal(json(new ExtData(-1, new Uint8Array(4))), '{"type":-1,"data":"AAAAAA=="}')
})

t.test('what is long is the same, whatever pieces it is written in', async t => {
  for (const text of ['x'.repeat(10_000), '語'.repeat(4000), '"\\\n\u0001'.repeat(3000)]) {
    t.equal(json({ [text]: [text, { a: text }] }), JSON.stringify({ [text]: [text, { a: text }] }))
    const key = Buffer.concat([Buffer.of(0x81), encode([text]), encode(1)])
    t.equal(toJson(key, 0), JSON.stringify({ [JSON.stringify([text])]: 1 }))
  }
  const notUtf8 = Buffer.alloc(10_000, 0xe4)
  t.equal(json(notUtf8), JSON.stringify(notUtf8.toString('latin1')))
  const data = Buffer.alloc(10_001, 7)
  t.equal(json(new ExtData(5, data)), `{"type":5,"data":"${data.toString('base64')}"}`)
})

t.test('keys that are extensions are the JSON of them, also within a key', async t => {
  const extension = encode(new ExtData(5, Buffer.from('ab')))
  const written = JSON.stringify({ type: 5, data: Buffer.from('ab').toString('base64') })
  const map = Buffer.concat([Buffer.of(0x81), extension, encode(1)])
  t.equal(toJson(map, 0), JSON.stringify({ [written]: 1 }))
  const keyed = Buffer.concat([Buffer.of(0x81), map, encode(2)])
  t.equal(toJson(keyed, 0), JSON.stringify({ [JSON.stringify({ [written]: 1 })]: 2 }))
  const time = Buffer.concat([Buffer.of(0x81), encode(eventTime(1, 2)), encode(3)])
  t.equal(toJson(time, 0), '{"1.000000002":3}')
})

t.test('nothing of a deep or broad record is written in one step', async t => {
  const writer = new RecordJson()
  const out = new Scratch()
  writer.begin(encode(Array.from({ length: 50_000 }, () => [[], {}])), 0)
  let steps = 0
  for (let isDone = false, before = 0; !isDone; before = out.end, steps++) {
    isDone = writer.write(out)
    t.ok(out.end - before < 50_000)
  }
  t.ok(steps > 10)
})
