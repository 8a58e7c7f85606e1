import { SluiceError } from '../contracts/errors.ts'
import type { Batch, Layer, Rejection, Send } from '../contracts/sink.ts'

/**
 * Finds the records for which the destination refuses a batch: halves the batch until one is left, so that one bad
 * record costs about twenty requests and no other record.
 *
 * Stands outside of retrying: a half that fails for another reason is sent again by itself. Batches that name a whole
 * segment have no halves and pass through.
 */
export function withBisect (): Layer {
  return next => async (batch, signal) => await sendInHalves(next, batch, signal)
}

async function sendInHalves (next: Send, batch: Batch, signal: AbortSignal): Promise<readonly Rejection[]> {
  try {
    return await next(batch, signal)
  } catch (error) {
    if (!(error instanceof SluiceError) || error.disposition !== 'reject' || batch.lines === undefined) throw error
    if (batch.records === 1) return [{ index: 0, reason: error.reason }]
    const [first, second] = halves(batch, batch.lines)
    const rejectedFirst = await sendInHalves(next, first, signal)
    const rejectedSecond = await sendInHalves(next, second, signal)
    return [...rejectedFirst, ...rejectedSecond.map(({ index, reason }) => ({ index: index + first.records, reason }))]
  }
}

const newline = 10

function halves (batch: Batch, lines: Buffer): [Batch, Batch] {
  const records = Math.floor(batch.records / 2)
  let endByte = 0
  for (let count = 0; count < records; count++) endByte = lines.indexOf(newline, endByte) + 1
  const middle = batch.startByte + endByte
  return [
    { ...batch, endByte: middle, records, lines: lines.subarray(0, endByte) },
    { ...batch, startByte: middle, records: batch.records - records, lines: lines.subarray(endByte) },
  ]
}
