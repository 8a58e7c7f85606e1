import t from 'tap'
import { createRecord, type LogRecord } from '../../src/contracts/record.ts'
import { createErrorEncoder } from '../../src/encode/error-encoder.ts'
import { readingOf } from '../support/error-reading.ts'
import { textVerdict } from '../support/verdicts.ts'

function recordOf (line: string): LogRecord {
  const bytes = Buffer.from(`<${line}>`)
  return { ...createRecord(), bytes, start: 1, end: bytes.length - 1, timeMs: 1_795_000_000_123, container: 'web' }
}

function encode (format: 'text' | 'json', line: string, maxMessageBytes = 1_000_000, enrichment = ''): string {
  const record = recordOf(line)
  const encoder = createErrorEncoder({ reading: readingOf(record), format, maxMessageBytes, enrichment })
  encoder.encode(record, textVerdict)
  return encoder.buffer.toString('utf8', encoder.start, encoder.end)
}

const line = '[Mon Nov 23 19:41:56.4 2026] [php:error] [pid 1:tid 1] [client 127.0.0.1:5] ' +
  'PHP Fatal error:  Uncaught E: \\xe6\\x97\\xa5 in /a.php:3\\nStack trace:\\n#0 {main}\\n  thrown in /a.php on line 3'

t.test('text is the line, readable', async t => {
  t.equal(encode('text', line), line.replaceAll('\\n', '\n').replace('\\xe6\\x97\\xa5', '日'))
})

t.test('json is one object of what the line tells', async t => {
  const message = encode('json', line)
  t.notOk(message.includes('\n'), 'one line')
  const fields = JSON.parse(message) as Readonly<Record<string, unknown>>
  t.match(fields, { level: 'error', origin: 'php', exception: 'E', message: '日', file: '/a.php', line: 3, client: '127.0.0.1' })
})

t.test('fields that would make a message too long are left out: the line is sent as text', async t => {
  const line = `PHP Fatal error:  Uncaught RuntimeException: ${'x'.repeat(400)} in /a.php:3`
  t.equal(encode('json', line, 500), line)
})

t.test('one encoder encodes one line after another, as text and as fields, wherever it lies', async t => {
  const [long, short] = [recordOf(`PHP Fatal error:  ${'x'.repeat(500)}`), recordOf('PHP Notice:  y in /a.php on line 3')]
  const reading = readingOf(long)
  const encoder = createErrorEncoder({ reading, format: 'json', maxMessageBytes: 400, enrichment: '' })
  const encoded = (record: LogRecord) => {
    encoder.encode(record, textVerdict)
    return encoder.buffer.toString('utf8', encoder.start, encoder.end)
  }
  t.equal(encoded(long), `PHP Fatal error:  ${'x'.repeat(500)}`)
  reading.begin(short.bytes, short.start, short.end)
  t.match(JSON.parse(encoded(short)), { level: 'notice', line: 3 })
})

t.test('fields of ECS stand in the object, and text is left alone', async t => {
  const enrichment = '"ecs_cluster":"shop"'
  t.match(JSON.parse(encode('json', line, 1_000_000, enrichment)), { ecs_cluster: 'shop', exception: 'E' })
  t.notMatch(encode('text', line, 1_000_000, enrichment), /shop/)
  const braces = 'Monolog {"a":1}'
  t.equal(encode('json', braces, 10, enrichment), braces, 'also where fields would make it too long')
})
