import fc from 'fast-check'
import t from 'tap'
import { createBatchCutting } from '../../../src/sinks/cloudwatch/batch-rules.ts'
import { cutSlowly, lineText } from './oracle.ts'

const day = 24 * 3_600_000
const line = (timeMs: number, message: string) =>
  lineText({ timeMs, container: 'web', message, isEscaped: false, hasMore: false })
const bytesOf = (lines: readonly string[]) => Buffer.from(lines.map(each => `${each}\n`).join(''))
const count = (lines: readonly string[], maxBytes = 1_048_576, maxRecords = 10_000) =>
  createBatchCutting({ maxBytes, maxRecords }).cut(bytesOf(lines))

t.test('a batch is what the simple duplicate takes, and not full only when the lines ran out', async t => {
  const message = fc.string({ unit: fc.constantFrom('a', '"', '\n', 'é', '😀'), maxLength: 30 })
  const timeMs = fc.constantFrom(0, 1, day, day + 1, day * 2, 1_700_000_000_000)
  const event = fc.record({
    timeMs, message, container: fc.constant('w'), isEscaped: fc.boolean(), hasMore: fc.boolean(),
  })
  const text = fc.oneof(
    { weight: 9, arbitrary: event.map(lineText) },
    { weight: 1, arbitrary: fc.constantFrom('', '{', '{"t":-5,"c":"","m":"x"}') })
  await fc.assert(fc.asyncProperty(
    fc.array(text, { minLength: 1, maxLength: 30 }), fc.integer({ min: 27, max: 300 }), fc.integer({ min: 1, max: 12 }),
    fc.nat(20),
    async (lines, maxBytes, maxRecords, missingBytes) => {
      const whole = bytesOf(lines)
      const records = cutSlowly(lines, { maxBytes, maxRecords })
      const found = createBatchCutting({ maxBytes, maxRecords }).cut(whole)
      t.equal(found.records, records)
      t.equal(found.endByte, bytesOf(lines.slice(0, records)).length)
      t.ok(found.isFull || records === lines.length)
      const most = Math.max(0, whole.length - missingBytes)
      const cut = createBatchCutting({ maxBytes, maxRecords }).cut(whole.subarray(0, most))
      if (cut.isFull) t.same(cut, found)
      else t.ok(cut.records <= records)
    }), { numRuns: 300 })
})

t.test('bytes are counted as UTF-8 with 26 for each event: exactly full is full, one more is not in', async t => {
  const messages = ['あ'.repeat(100), '"'.repeat(50), '\n\u0007', '😀']
  const total = messages.reduce((sum, message) => sum + Buffer.byteLength(message) + 26, 0)
  const lines = messages.map(message => line(1, message))
  t.equal(count(lines, total).records, 4)
  t.equal(count(lines, total - 1).records, 3)
})

t.test('a batch is never over what the service takes, whatever is asked for', async t => {
  const lines = Array.from({ length: 10_001 }, () => line(1, 'x'))
  t.same(count(lines, Infinity, Infinity).records, 10_000)
  const half = 'x'.repeat(1_048_576 / 2 - 26)
  t.equal(count([line(1, half), line(1, half)], Infinity).records, 2)
  t.equal(count([line(1, half), line(1, `${half}x`)], Infinity).records, 1)
})

t.test('a batch spans 24 hours and no more, in whichever order the times come', async t => {
  t.equal(count([line(day, 'a'), line(0, 'b')]).records, 2)
  t.equal(count([line(day + 1, 'a'), line(0, 'b')]).records, 1)
  t.equal(count([line(5, 'a'), line(day + 5, 'b'), line(4, 'c')]).records, 2)
})

t.test('an event over the limit of a batch goes alone', async t => {
  const long = line(1, 'x'.repeat(1000))
  t.equal(count([long, long], 100).records, 1)
})
