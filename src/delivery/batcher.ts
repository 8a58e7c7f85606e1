import { closeFile, openFile, readFully, readOnly } from '../bytes/file-calls.ts'
import { SluiceError } from '../contracts/errors.ts'
import { freeMemory } from '../bytes/free-memory.ts'
import { readOf, type Segment } from '../contracts/segment.ts'
import type { Batch, Cut, Cutting } from '../contracts/sink.ts'

/**
 * The undelivered rest of `segment` in batches as `cutting` makes them, in order. Without it, one batch names the whole
 * segment, and the sink reads the file.
 *
 * The lines of a batch are valid until the next one is asked for.
 *
 * @throws SluiceError `ERR_SPOOL_READ` when the file cannot be read, or ends before its records do
 */
export async function * batchesOf (segment: Segment, cutting: Cutting | undefined): AsyncGenerator<Batch, void> {
  if (cutting === undefined) {
    // The whole of it is stored again where the settings have changed since events of it were sent. They count once.
    const { deliveredBytes: startByte, bytes: endByte, records, deliveredRecords } = segment
    yield { segment, startByte, endByte, records: records - deliveredRecords, lines: undefined }
    return
  }
  const { content } = segment
  if (content !== undefined) return yield * batchesIn(content, segment, cutting)
  let file: number | undefined
  try {
    file = await readOf(segment, () => openFile(segment.path, readOnly))
    let startByte = segment.deliveredBytes
    while (startByte < segment.bytes) {
      const { buffer, endByte, records } = await readBatch(file, segment, startByte, cutting)
      yield { segment, startByte, endByte: startByte + endByte, records, lines: buffer.subarray(0, endByte) }
      startByte += endByte
      // The one before was sent; one that was given up on is never followed by another.
      freeMemory(buffer)
    }
  } catch (error) {
    if (error instanceof SluiceError) throw error
    throw new SluiceError('ERR_SPOOL_READ', `segment cannot be read: ${(error as Error).message}`, { cause: error })
  } finally {
    // Nothing was written: whatever closing says, the batches were read.
    if (file !== undefined) await closeFile(file).catch(() => undefined)
  }
}

/** The same of a segment that need not be read. */
function * batchesIn (content: Buffer, segment: Segment, { cut }: Cutting): Generator<Batch, void> {
  for (let startByte = segment.deliveredBytes; startByte < content.length;) {
    const { endByte, records } = cut(content.subarray(startByte))
    if (records === 0) throw endedEarly(content.length, segment)
    const lines = content.subarray(startByte, startByte + endByte)
    yield { segment, startByte, endByte: startByte + endByte, records, lines }
    startByte += endByte
  }
}

/** Reads more, twice as much each time, until the batch is full or the segment ends. */
async function readBatch (file: number, segment: Segment, startByte: number, { readBytes, cut }: Cutting) {
  const leftBytes = segment.bytes - startByte
  for (let sizeBytes = readBytes; ; sizeBytes *= 2) {
    const buffer = Buffer.allocUnsafeSlow(Math.min(sizeBytes, leftBytes))
    const length = await readOf(segment, () => readFully(file, buffer, startByte))
    const { endByte, records, isFull }: Cut = cut(buffer.subarray(0, length))
    const isAtEnd = length < buffer.length || length === leftBytes
    if (records > 0 && (isFull || isAtEnd)) return { buffer, endByte, records }
    if (isAtEnd) throw endedEarly(startByte + length, segment)
  }
}

function endedEarly (atByte: number, { bytes }: Segment): SluiceError {
  return new SluiceError('ERR_SPOOL_READ', `segment ends at byte ${atByte}, expected ${bytes}`)
}
