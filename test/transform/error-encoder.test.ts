import t from 'tap'
import { createRecord, type LogRecord } from '../../src/record.ts'
import { createErrorEncoder } from '../../src/transform/error-encoder.ts'
import { decodeEvent } from '../../src/transform/event-encoder.ts'

function recordOf (line: string): LogRecord {
  const bytes = Buffer.from(`<${line}>`)
  return { ...createRecord(), bytes, start: 1, end: bytes.length - 1, timeMs: 1_795_000_000_123, container: 'web' }
}

function encode (format: 'text' | 'json', line: string): string {
  const encoder = createErrorEncoder({ format, maxMessageBytes: 1_000_000 })
  encoder.encode(recordOf(line))
  return encoder.buffer.toString('utf8', encoder.start, encoder.end)
}

const line = '[Mon Nov 23 19:41:56.4 2026] [php:error] [pid 1:tid 1] [client 127.0.0.1:5] ' +
  'PHP Fatal error:  Uncaught E: \\xe6\\x97\\xa5 in /a.php:3\\nStack trace:\\n#0 {main}\\n  thrown in /a.php on line 3'

t.test('text is the line, readable', async t => {
  const event = encode('text', line)
  t.notOk(event.includes('\n'), 'one line of the segment')
  t.same(decodeEvent(event), {
    timeMs: 1_795_000_000_123,
    container: 'web',
    message: line.replaceAll('\\n', '\n').replace('\\xe6\\x97\\xa5', '日'),
  })
})

t.test('json is one object of what the line tells', async t => {
  const event = encode('json', line)
  t.notOk(event.includes('\n'))
  const fields = JSON.parse(decodeEvent(event)?.message ?? '') as Readonly<Record<string, unknown>>
  t.match(fields, { level: 'error', origin: 'php', exception: 'E', message: '日', file: '/a.php', line: 3, client: '127.0.0.1' })
})

t.test('fields that would make a message too long are left out: the line is sent as text', async t => {
  const line = `PHP Fatal error:  Uncaught RuntimeException: ${'x'.repeat(400)} in /a.php:3`
  const encoder = createErrorEncoder({ format: 'json', maxMessageBytes: 500 })
  encoder.encode(recordOf(line))
  const event = decodeEvent(encoder.buffer.toString('utf8', encoder.start, encoder.end))
  t.equal(event?.message, line)
})
