import fc from 'fast-check'
import t from 'tap'
import { createRecord } from '../../src/contracts/record.ts'
import { createInvalidEncoder } from '../../src/encode/invalid-encoder.ts'
import { asText } from '../support/readable-text.ts'
import { textVerdict } from '../support/verdicts.ts'

const encoder = createInvalidEncoder({ reasonOf: ({ start }) => start === 0 ? 'torn' : 'trunc"ated' })

function encode (line: string | Uint8Array, start = 0): string {
  const bytes = Buffer.from(line)
  const timeMs = Date.UTC(2026, 10, 23, 19, 41, 55, 7)
  encoder.encode({ ...createRecord(), bytes, start, end: bytes.length, timeMs }, textVerdict)
  return encoder.buffer.toString('utf8', encoder.start, encoder.end)
}

t.test('a line that cannot be repaired is kept whole, with its time and the reason', async t => {
  t.equal(encode('{"a":"b"c}'), '{"time":"2026-11-23T19:41:55.007Z","raw":"{\\"a\\":\\"b\\"c}","reason":"torn"}')
  t.equal(encode('x{', 1), '{"time":"2026-11-23T19:41:55.007Z","raw":"{","reason":"trunc\\"ated"}')
})

t.test('any bytes come back, as one line of JSON', async t => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
    const text = encode(bytes)
    return !text.includes('\n') && (JSON.parse(text) as { raw: unknown }).raw === asText(bytes)
  }))
})
