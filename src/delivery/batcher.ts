import type { FileHandle } from 'node:fs/promises'
import { open } from 'node:fs/promises'
import { SluiceError } from '../errors.ts'
import type { Segment } from '../segment.ts'
import type { Batch, BatchLimits } from '../send.ts'

const newline = 10

/**
 * The undelivered rest of `segment` as batches within `limits`, in order. Without limits it is one batch that names the
 * whole segment, and the sink reads the file.
 *
 * A single line over `maxBytes` is a batch of its own: the limit is for gathering, what one record may measure is
 * decided before the spool.
 *
 * @throws SluiceError `ERR_SPOOL_READ` when the file cannot be read, or ends before its records do
 */
export async function * batchesOf (segment: Segment, limits: BatchLimits | undefined): AsyncGenerator<Batch, void> {
  if (limits === undefined) {
    yield { segment, startByte: 0, endByte: segment.bytes, records: segment.records, lines: undefined }
    return
  }
  let file: FileHandle | undefined
  try {
    file = await open(segment.path, 'r')
    let startByte = segment.deliveredBytes
    while (startByte < segment.bytes) {
      const { lines, records } = await readLines(file, segment, startByte, limits)
      yield { segment, startByte, endByte: startByte + lines.length, records, lines }
      startByte += lines.length
    }
  } catch (error) {
    if (error instanceof SluiceError) throw error
    throw new SluiceError('ERR_SPOOL_READ', `segment cannot be read: ${(error as Error).message}`, { cause: error })
  } finally {
    await file?.close()
  }
}

async function readLines (file: FileHandle, segment: Segment, startByte: number, limits: BatchLimits) {
  for (let sizeBytes = limits.maxBytes; ; sizeBytes *= 2) {
    const buffer = Buffer.allocUnsafe(Math.min(sizeBytes, segment.bytes - startByte))
    const length = await readFully(file, buffer, startByte)
    // Past maxBytes the buffer only grew to hold one long line: what follows it belongs to the next batch.
    const maxRecords = sizeBytes > limits.maxBytes ? 1 : limits.maxRecords
    const { endByte, records } = wholeLines(buffer.subarray(0, length), maxRecords)
    if (records > 0) return { lines: buffer.subarray(0, endByte), records }
    if (length < buffer.length || startByte + length === segment.bytes) {
      throw new SluiceError('ERR_SPOOL_READ', `segment ends at byte ${startByte + length}, expected ${segment.bytes}`)
    }
  }
}

async function readFully (file: FileHandle, buffer: Buffer, position: number): Promise<number> {
  let length = 0
  while (length < buffer.length) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length, position + length)
    if (bytesRead === 0) break
    length += bytesRead
  }
  return length
}

/** Where the last whole line of the first `maxRecords` lines ends, and how many there are. */
export function wholeLines (bytes: Buffer, maxRecords: number): { readonly endByte: number, readonly records: number } {
  let endByte = 0
  let records = 0
  while (records < maxRecords) {
    const at = bytes.indexOf(newline, endByte)
    if (at < 0) break
    endByte = at + 1
    records++
  }
  return { endByte, records }
}
