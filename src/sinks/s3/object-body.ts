import type { Transform } from 'node:stream'
import { aborted } from '../../contracts/clock.ts'
import { SluiceError } from '../../contracts/errors.ts'
import type { BodyMemory } from '../body-memory.ts'
import { compressFile, createCompressor, readWhole, type Compression, type SegmentFile } from '../compression.ts'
import { compressSmall } from '../small-segment.ts'
import type { CompressionMutex } from './compression-mutex.ts'

export interface BodyOptions {
  readonly compression: Compression
  readonly level: number
  /** One compression at a time, but of what is small. */
  readonly mutex: CompressionMutex
  /** Of bodies, shared by all routes. */
  readonly memory: BodyMemory
}

/**
 * The bytes of a segment's object, compressed in the thread pool. What is held in memory is one piece of the file and
 * the result, since S3 is told its length and checksum first. `onPiece` is called as it goes on, and as those before
 * it do.
 *
 * @throws SluiceError `ERR_SPOOL_READ` when the file cannot be read, or ends before its records do
 */
export async function createObjectBody (
  segment: SegmentFile, options: BodyOptions, signal: AbortSignal, onPiece: () => void = () => undefined
): Promise<Buffer> {
  const { compression, level, mutex } = options
  try {
    const small = compression === 'none' ? undefined : await compressSmall(segment, compression, level)
    // Ended by the compressions before it, each of which ends with its file, or when it is given up: a file that hangs
    // keeps no other. What was given up by then does nothing.
    return small ?? await mutex.run(async onAnyPiece => {
      signal.throwIfAborted()
      const body = compression === 'none'
        ? readWhole(segment)
        : compressed(segment, compression, options, signal, onAnyPiece)
      return await Promise.race([body, aborted(signal).then((): never => { throw signal.reason })])
    }, onPiece)
  } catch (error) {
    if (signal.aborted || error instanceof SluiceError) throw error
    throw new SluiceError('ERR_SPOOL_READ', `segment cannot be read: ${(error as Error).message}`, { cause: error })
  }
}

async function compressed (
  segment: SegmentFile,
  compression: Exclude<Compression, 'none'>,
  { level, memory }: BodyOptions,
  signal: AbortSignal,
  onPiece: () => void
): Promise<Buffer> {
  const compressor = createCompressor(compression, level)
  const [writing, reading] = await Promise.allSettled([
    compressFile(segment, compressor, signal, onPiece), collect(compressor),
  ])
  // The file comes first: the other fails only because its stream was destroyed for it.
  if (writing.status === 'rejected') throw writing.reason
  if (reading.status === 'rejected') throw reading.reason
  const body = memory.join(reading.value)
  // All of them are the compressor's, which has ended; those that came one after the other share their memory.
  for (const buffer of new Set(reading.value.map(chunk => chunk.buffer as ArrayBuffer))) {
    // Smaller ones may be of Node's pool, which others use as well.
    if (buffer.byteLength > Buffer.poolSize) buffer.transfer(0)
  }
  return body
}

async function collect (compressor: Transform): Promise<Buffer[]> {
  const chunks: Buffer[] = []
  for await (const chunk of compressor) chunks.push(chunk as Buffer)
  return chunks
}
