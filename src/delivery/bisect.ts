import { SluiceError } from '../contracts/errors.ts'
import type { Batch, Rejection, Send } from '../contracts/sink.ts'

/** A batch, or a part of one, that was answered. */
export interface Answered {
  readonly batch: Batch
  readonly rejections: readonly Rejection[]
}

/**
 * Sends a batch, and finds the records for which the destination refuses it: halves it until one is left, so that one
 * bad record costs about twenty requests and no other record.
 *
 * Gives each part as soon as it is answered, in order: it is settled then, and not sent again should the next one fail.
 * `send` retries by itself: a half that fails for another reason is sent again alone. Batches that name a whole segment
 * have no halves.
 */
export async function * sendInHalves (send: Send, batch: Batch, signal: AbortSignal): AsyncGenerator<Answered, void> {
  try {
    yield { batch, rejections: await send(batch, signal) }
    return
  } catch (error) {
    if (!(error instanceof SluiceError) || error.disposition !== 'reject' || batch.lines === undefined) throw error
    if (batch.records === 1) {
      yield { batch, rejections: [{ index: 0, reason: error.reason }] }
      return
    }
  }
  for (const half of halves(batch, batch.lines)) yield * sendInHalves(send, half, signal)
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
