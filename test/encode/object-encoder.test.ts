import fc from 'fast-check'
import t from 'tap'
import { createRecord, stream, type LogRecord, type Stream } from '../../src/contracts/record.ts'
import { createObjectEncoder } from '../../src/encode/object-encoder.ts'
import { asText } from '../support/readable-text.ts'
import { textVerdict } from '../support/verdicts.ts'

function recordOf (line: string | Uint8Array, from: Stream = stream.stdout): LogRecord {
  const bytes = Buffer.from(line)
  return {
    ...createRecord(), bytes, end: bytes.length, timeMs: Date.UTC(2026, 10, 23, 19, 41, 55, 7), container: 'web', stream: from,
  }
}

const encoder = createObjectEncoder({ isJsonLine: ({ bytes, start, end }) => end > start && bytes[start] === 0x7b })

function encode (record: LogRecord): string {
  encoder.encode(record, textVerdict)
  return encoder.buffer.toString('utf8', encoder.start, encoder.end)
}

t.test('a line that is JSON stays byte for byte, in its own memory', async t => {
  const record = recordOf('{"level":"INFO",  "a":1}')
  t.equal(encode(record), '{"level":"INFO",  "a":1}')
  t.equal(encoder.buffer, record.bytes)
})

t.test('any other line is wrapped with time, container and stream', async t => {
  const before = '{"time":"2026-11-23T19:41:55.007Z","container":"web",'
  t.equal(encode(recordOf('[app] "hello"')), `${before}"stream":"stdout","log":"[app] \\"hello\\""}`)
  t.equal(encode(recordOf('x', stream.stderr)), `${before}"stream":"stderr","log":"x"}`)
  t.equal(encode(recordOf('x', stream.none)), `${before}"log":"x"}`)
  t.equal(encode(recordOf('')), `${before}"stream":"stdout","log":""}`)
})

t.test('wrapped and unwrapped lines may follow each other', async t => {
  t.match(encode(recordOf('text')), /^\{"time".*"log":"text"\}$/)
  t.equal(encode({ ...recordOf('  {"a":1}'), start: 2 }), '{"a":1}')
  t.match(encode(recordOf('text')), /^\{"time".*"log":"text"\}$/)
})

t.test('any bytes come back from the wrapping, as one line of JSON', async t => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }).filter(bytes => bytes[0] !== 0x7b), bytes => {
    const line = encode(recordOf(bytes))
    return !line.includes('\n') && (JSON.parse(line) as { log: unknown }).log === asText(bytes)
  }), { numRuns: 1000 })
})
