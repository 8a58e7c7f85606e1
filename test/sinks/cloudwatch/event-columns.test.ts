import fc from 'fast-check'
import t from 'tap'
import { createBatchCutting } from '../../../src/sinks/cloudwatch/batch-rules.ts'
import { plainClosing } from '../../../src/sinks/cloudwatch/entity.ts'
import { EventColumns } from '../../../src/sinks/cloudwatch/event-columns.ts'
import { createPutBody } from '../../../src/sinks/cloudwatch/request-body.ts'
import { lineText } from './oracle.ts'

const limits = { maxBytes: 1_048_576, maxRecords: 10_000 }
const text = fc.record({
  timeMs: fc.nat(5),
  message: fc.string({ unit: 'grapheme', maxLength: 20 }),
  container: fc.constant('w'),
  isEscaped: fc.boolean(),
  hasMore: fc.boolean(),
}).map(lineText)
const batch = fc.array(fc.oneof({ weight: 9, arbitrary: text }, fc.constant('{"t":-5}')), { minLength: 1, maxLength: 200 })
  .map(lines => Buffer.from(lines.map(line => `${line}\n`).join('')))

t.test('a request is the same, whatever batch was cut or sent before it', async t => {
  const columns = new EventColumns()
  const shared = createBatchCutting(limits, columns)
  const what = fc.constantFrom('whole', 'first half', 'second half', 'another cut between')
  await fc.assert(fc.property(batch, batch, what, (first, other, what) => {
    const { records } = shared.cut(first)
    if (what === 'another cut between') shared.cut(other)
    // As a batch is cut in two when something in it was refused.
    const half = Math.ceil(records / 2)
    let at = 0
    for (let line = 0; line < half; line++) at = first.indexOf('\n', at) + 1
    const [lines, count] = what === 'first half'
      ? [first.subarray(0, at), half]
      : what === 'second half' ? [first.subarray(at), records - half] : [first, records]
    const of = (columns: EventColumns) =>
      createPutBody('/app', 's', lines, count, plainClosing, Buffer.allocUnsafe, columns)
    const [got, wanted] = [of(columns), of(new EventColumns())]
    t.equal(got.body.toString(), wanted.body.toString())
    t.same([...got.lineOf], [...wanted.lineOf])
    t.same(got.rejections, wanted.rejections)
  }), { numRuns: 300 })
})

t.test('the lines of a batch that was just cut are not read again', async t => {
  const columns = new EventColumns()
  const lines = Buffer.from('{"t":1,"c":"w","m":"one"}\n{"t":2,"c":"w","m":"two"}\n')
  const { endByte, records } = createBatchCutting(limits, columns).cut(lines)
  lines.fill('x', 0, 9)
  const { body } = createPutBody(
    '/app', 's', lines.subarray(0, endByte), records, plainClosing, Buffer.allocUnsafe, columns)
  t.match(body.toString(), '"message":"one"')
})
