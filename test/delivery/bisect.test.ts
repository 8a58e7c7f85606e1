import fc from 'fast-check'
import t from 'tap'
import { sendInHalves } from '../../src/delivery/bisect.ts'
import { SluiceError } from '../../src/contracts/errors.ts'
import type { Batch, Rejection, Send } from '../../src/contracts/sink.ts'

const never = new AbortController().signal

function batchOf (lines: readonly string[]): Batch {
  const bytes = Buffer.from(lines.map(line => `${line}\n`).join(''))
  return { segment: {} as Batch['segment'], startByte: 7, endByte: 7 + bytes.length, records: lines.length, lines: bytes }
}

/** Sends it; what was refused, by its index in the whole batch. The parts come in order and leave nothing out. */
async function sendAll (send: Send, whole: Batch): Promise<Rejection[]> {
  const all: Rejection[] = []
  let end = whole.startByte
  let before = 0
  for await (const { batch, rejections } of sendInHalves(send, whole, never)) {
    if (batch.startByte !== end) throw new Error(`expected a part from byte ${end}, found one from ${batch.startByte}`)
    all.push(...rejections.map(({ index, reason }) => ({ index: before + index, reason })))
    end = batch.endByte
    before += batch.records
  }
  if (end !== whole.endByte || before !== whole.records) throw new Error('expected all of the batch')
  return all
}

/** A destination that refuses any batch with a poisoned line, and keeps the others. */
function destination (stored: string[], requests: { count: number } = { count: 0 }): Send {
  return async batch => {
    requests.count++
    const lines = batch.lines?.toString().split('\n').slice(0, -1) ?? []
    if (lines.length !== batch.records) throw new Error(`expected ${batch.records} lines, found ${lines.length}`)
    if (lines.some(line => line.startsWith('bad'))) throw new SluiceError('ERR_SINK_REJECTED', 'no', { reason: 'invalid' })
    stored.push(...lines)
    return []
  }
}

t.test('every good record is stored once, in order, and every bad one is named', async t => {
  const line = fc.oneof({ weight: 5, arbitrary: fc.constant('good') }, { weight: 1, arbitrary: fc.constant('bad') })
  await fc.assert(fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 40 }), async kinds => {
    const lines = kinds.map((kind, index) => `${kind} ${index}`)
    const stored: string[] = []
    const rejections = await sendAll(destination(stored), batchOf(lines))
    t.same(stored, lines.filter(each => each.startsWith('good')))
    t.same(rejections.map(({ index }) => lines[index]), lines.filter(each => each.startsWith('bad')))
  }), { numRuns: 50 })
})

t.test('one bad record among ten thousand costs about two requests a halving', async t => {
  const lines = Array.from({ length: 10_000 }, (_, index) => index === 7_777 ? 'bad' : `good ${index}`)
  const requests = { count: 0 }
  const rejections = await sendAll(destination([], requests), batchOf(lines))
  t.same(rejections, [{ index: 7_777, reason: 'invalid' }])
  t.ok(requests.count <= 30, `${requests.count} requests`)
})

t.test('what the destination itself rejects within a half keeps its place in the batch', async t => {
  const send: Send = async batch => {
    if (batch.records > 2) throw new SluiceError('ERR_SINK_REJECTED', 'no')
    return [{ index: batch.records - 1, reason: 'too_old' }]
  }
  t.same((await sendAll(send, batchOf(['a', 'b', 'c', 'd']))).map(({ index }) => index), [1, 3])
})

t.test('a failure to retry, and a batch without lines, pass through', async t => {
  const unavailable: Send = async () => { throw new SluiceError('ERR_SINK_UNAVAILABLE', 'down') }
  await t.rejects(sendAll(unavailable, batchOf(['a', 'b'])), { code: 'ERR_SINK_UNAVAILABLE' })
  const refused: Send = async () => { throw new SluiceError('ERR_SINK_REJECTED', 'no') }
  await t.rejects(sendAll(refused, { ...batchOf(['a', 'b']), lines: undefined }), { code: 'ERR_SINK_REJECTED' })
})
