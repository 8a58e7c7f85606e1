import { open } from 'node:fs/promises'
import type { Transform } from 'node:stream'
import { constants, createGzip, createZstdCompress } from 'node:zlib'
import { closeFile, openFile, readFully, readOnly } from '../bytes/file-calls.ts'
import { freeMemory } from '../bytes/free-memory.ts'
import { SluiceError } from '../contracts/errors.ts'
import { readOf, type Segment } from '../contracts/segment.ts'

export type Compression = 'gzip' | 'zstd' | 'none'

/** What reading a segment needs of it. */
export type SegmentFile = Pick<Segment, 'path' | 'bytes' | 'content' | 'runRead'>

/** What Athena and people tell the format by. Source: https://docs.aws.amazon.com/athena/latest/ug/compression-formats.html */
export const extensionOf = { gzip: 'gz', zstd: 'zst', none: '' } as const satisfies Record<Compression, string>

/** Large pieces keep the number of trips to the thread pool small, each of which wakes threads. */
const pieceBytes = 1024 * 1024
/** What comes out of a piece of log lines is a tenth of it. */
const chunkSize = 256 * 1024

/** A stream that compresses in the thread pool; the same input and level give the same bytes on one Node version. */
export function createCompressor (compression: Exclude<Compression, 'none'>, level: number): Transform {
  return compression === 'gzip'
    ? createGzip({ level, chunkSize })
    : createZstdCompress({ chunkSize, params: { [constants.ZSTD_c_compressionLevel]: level } })
}

/**
 * Somebody has cut the file of a segment, which has no more than `bytes`: its records would count as delivered. The
 * spool finds out what is left of them.
 *
 * @throws SluiceError `ERR_SPOOL_READ` unless that is all of it
 */
function requireWhole (bytes: number, segment: Pick<Segment, 'bytes'>): void {
  if (bytes >= segment.bytes) return
  throw new SluiceError('ERR_SPOOL_READ', `segment ends at byte ${bytes}, expected ${segment.bytes}`)
}

/** @throws the system's error; SluiceError `ERR_SPOOL_READ` when the file ends before its records do */
export async function readWhole (segment: SegmentFile): Promise<Buffer> {
  return await readOf(segment, async () => {
    const file = await openFile(segment.path, readOnly)
    try {
      const content = Buffer.allocUnsafeSlow(segment.bytes)
      requireWhole(await readFully(file, content, 0), segment)
      return content
    } finally {
      // Nothing was written: whatever closing says, it was read.
      await closeFile(file).catch(() => undefined)
    }
  })
}

/**
 * Reads the file of a segment through one buffer, whatever its size: a stream of its own buffers would leave each to
 * the garbage collector, which counts for more than a compressor's window. A piece is read when `use` is done with the
 * one before it, and its memory is freed at the end: nobody may keep it.
 */
export async function eachPiece (
  segment: SegmentFile, signal: AbortSignal, use: (piece: Buffer, at: number) => Promise<void>
): Promise<void> {
  await using file = await readOf(segment, () => open(segment.path, readOnly))
  const buffer = Buffer.allocUnsafeSlow(pieceBytes)
  for (let at = 0; at < segment.bytes;) {
    signal.throwIfAborted()
    const mostBytes = Math.min(buffer.length, segment.bytes - at)
    const { bytesRead } = await readOf(segment, () => file.read(buffer, 0, mostBytes))
    if (bytesRead === 0) requireWhole(at, segment)
    await use(buffer.subarray(0, bytesRead), at)
    at += bytesRead
  }
  freeMemory(buffer)
}

/**
 * Compresses the file of a segment; `onPiece` is called after each piece. Ends `compressor`; whoever reads its output
 * is done when it is. Rejects with what failed, having destroyed it.
 */
export async function compressFile (
  segment: SegmentFile, compressor: Transform, signal: AbortSignal, onPiece: () => void = () => undefined
): Promise<void> {
  try {
    await eachPiece(segment, signal, async piece => {
      await write(compressor, piece)
      onPiece()
    })
    compressor.end()
  } catch (error) {
    compressor.destroy(error as Error)
    throw error
  }
}

/**
 * Resolves when the piece is compressed, so that its memory may be written again. Ended by the close of the stream as
 * well: one that is destroyed, because its output could not be written, forgets a piece that waits for its reader.
 */
function write (compressor: Transform, piece: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const closed = () => reject(compressor.errored ?? new Error('the compressor was closed'))
    compressor.once('close', closed)
    compressor.write(piece, error => {
      compressor.off('close', closed)
      if (error === undefined || error === null) resolve()
      else reject(error)
    })
  })
}

// Tested in test/sinks/file/objects.test.ts
