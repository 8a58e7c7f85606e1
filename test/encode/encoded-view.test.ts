import t from 'tap'
import { createRecord, stream } from '../../src/contracts/record.ts'
import { createEncodedView, inTurn } from '../../src/encode/encoded-view.ts'
import { createErrorEncoder } from '../../src/encode/error-encoder.ts'
import { createObjectEncoder } from '../../src/encode/object-encoder.ts'
import { readingOf } from '../support/error-reading.ts'
import { textVerdict } from '../support/verdicts.ts'

const line = 'PHP Warning:  \\xe6\\x97\\xa5 in /a.php on line 3'
const record = {
  ...createRecord(), bytes: Buffer.from(line), end: line.length, stream: stream.stderr, timeMs: 1_795_000_000_123, container: 'web',
}
const options = { reading: readingOf(record), maxMessageBytes: 1000, enrichment: '' }

t.test('an encoded record has the time, stream and container of the one before', async t => {
  const view = createEncodedView(createErrorEncoder({ ...options, format: 'text' }))(record, textVerdict)
  t.equal(view.bytes.toString('utf8', view.start, view.end), 'PHP Warning:  \\xe6\\x97\\xa5 in /a.php on line 3')
  t.match(view, { timeMs: record.timeMs, stream: stream.stderr, container: 'web' })
})

t.test('a line that lies anywhere in its memory stays as it is', async t => {
  const bytes = Buffer.from(`<${line}>`)
  const within = { ...record, bytes, start: 1, end: bytes.length - 1 }
  const asItIs = createErrorEncoder({ ...options, reading: readingOf(within), format: 'text' })
  const view = createEncodedView(asItIs)(within, textVerdict)
  t.equal(view.bytes.toString('utf8', view.start, view.end), line)
  const encoder = inTurn(asItIs, createObjectEncoder({ isJsonLine: () => true }))
  encoder.encode(within, textVerdict)
  t.equal(encoder.buffer.toString('utf8', encoder.start, encoder.end), line)
})

t.test('the second encoder takes what the first has made', async t => {
  const encoder = inTurn(createErrorEncoder({ ...options, format: 'json' }), createObjectEncoder({ isJsonLine: () => true }))
  encoder.encode(record, textVerdict)
  t.match(JSON.parse(encoder.buffer.toString('utf8', encoder.start, encoder.end)), { level: 'warn', file: '/a.php', line: 3 })
})
