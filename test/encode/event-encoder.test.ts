import fc from 'fast-check'
import t from 'tap'
import { createRecord, type LogRecord } from '../../src/contracts/record.ts'
import { createEventEncoder, decodeEvent } from '../../src/encode/event-encoder.ts'
import { asText } from '../support/readable-text.ts'
import { textVerdict } from '../support/verdicts.ts'

function recordOf (message: string | Uint8Array, timeMs = 1_795_000_000_123, container = 'web'): LogRecord {
  const bytes = Buffer.concat([Buffer.from('before'), Buffer.from(message), Buffer.from('after')])
  return { ...createRecord(), bytes, start: 6, end: bytes.length - 5, timeMs, container }
}

const encoder = createEventEncoder()

function encode (record: LogRecord): string {
  encoder.encode(record, textVerdict)
  return encoder.buffer.toString('utf8', encoder.start, encoder.end)
}

t.test('the form is fixed', async t => {
  t.equal(encode(recordOf('PHP Warning:  Undefined "x"')),
    '{"t":1795000000123,"c":"web","m":"PHP Warning:  Undefined \\"x\\""}')
  t.equal(encode(recordOf('', 0, '')), '{"t":0,"c":"","m":""}')
  t.equal(encode(recordOf(Buffer.from('a\n\t\0\x1f\\é\xe3\xff', 'latin1'))),
    '{"t":1795000000123,"c":"web","m":"a\\n\\t\\u0000\\u001f\\\\\\\\xe9\\\\xe3\\\\xff"}')
  t.equal(encode(recordOf('決済 😀', 1, '/コンテナ"1"')), '{"t":1,"c":"/コンテナ\\"1\\"","m":"決済 😀"}')
})

t.test('any bytes, time and container come back, as one line of JSON', async t => {
  const message = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.string({ unit: 'grapheme', maxLength: 300 }).map(text => new Uint8Array(Buffer.from(text))),
    fc.array(fc.constantFrom(0x0a, 0x22, 0x5c, 0x78, 0x7f, 0x80, 0xe3, 0x81, 0x82, 0xf0, 0x9f), { maxLength: 50 })
      .map(bytes => Uint8Array.from(bytes)))
  const time = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })
  fc.assert(fc.property(message, time, fc.string(), (bytes, timeMs, container) => {
    const line = encode(recordOf(bytes, timeMs, container))
    const event = decodeEvent(line)
    return !line.includes('\n') && event?.timeMs === timeMs && event.container === container &&
      event.message === asText(bytes)
  }), { numRuns: 1000 })
})

t.test('a time that is no whole number is one in the event', async t => {
  for (const [timeMs, expected] of [[1.9, 1], [-1.5, -2], [-5, -5], [NaN, 0], [Infinity, 0], [-Infinity, 0],
    [9_999_999, 9_999_999], [99_999_999, 99_999_999], [100_000_000, 100_000_000], [2 ** 60, 2 ** 60]] as const) {
    t.equal(decodeEvent(encode(recordOf('', timeMs)))?.timeMs, expected, String(timeMs))
  }
})

t.test('a long line of nothing but escapes has room, and its memory is given back', async t => {
  const line = encode(recordOf(new Uint8Array(1024 * 1024)))
  t.equal(line.length, '{"t":1795000000123,"c":"web","m":""}'.length + 6 * 1024 * 1024)
  encode(recordOf('short'))
  t.ok(encoder.buffer.length <= 256 * 1024)
})

t.test('a line that is no event is told from one', async t => {
  for (const line of ['', '{', '1', 'null', '[]', '{}', '{"t":"1","c":"","m":""}', '{"t":1,"m":""}', '{"t":1,"c":""}']) {
    t.equal(decodeEvent(line), undefined, line)
  }
  t.same(decodeEvent('{"t":1,"c":"web","m":"x","level":"warn"}'), { timeMs: 1, container: 'web', message: 'x' })
})
