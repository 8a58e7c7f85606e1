import t from 'tap'
import { createErrorReading } from '../../src/formats/error-reading.ts'

const lines = [
  '[Mon Nov 23 19:41:53.202944 2026] [core:error] [pid 1:tid 1] (13)Permission denied: AH00132: \\xe6\\x97\\xa5',
  '[23-Nov-2026 19:38:39] WARNING: [pool www] child 7 said into stderr: "NOTICE: PHP message: PHP Warning:  x in /a.php on line 3"',
  '{"level":"ERROR","message":"x"}',
  'text',
].map(line => Buffer.from(line))

t.test('whatever is asked for first, each part of a record is the same, and of that record', async t => {
  const parts = ['text', 'level', 'fields', 'report'] as const
  const show = (reading: ReturnType<typeof createErrorReading>, part: typeof parts[number]) => {
    const { text } = reading
    return part === 'text' ? text.buffer.toString('utf8', text.start, text.end) : reading[part]
  }
  const expected = lines.map(line => {
    return parts.map(part => {
      const reading = createErrorReading()
      reading.begin(line, 0, line.length)
      return show(reading, part)
    })
  })
  const reading = createErrorReading()
  for (const order of [parts, parts.toReversed(), ['fields', 'level', 'text', 'report'] as const]) {
    for (const [index, line] of lines.entries()) {
      reading.begin(line, 0, line.length)
      const found = new Map(order.map(part => [part, show(reading, part)]))
      t.same(parts.map(part => found.get(part)), expected[index], line.toString())
    }
  }
})

t.test('the fields of a record are read once, however often they are asked for', async t => {
  const reading = createErrorReading()
  reading.begin(lines[0] as Buffer, 0, lines[0]?.length ?? 0)
  t.equal(reading.fields, reading.fields)
  t.equal(reading.level, reading.fields.level)
})
