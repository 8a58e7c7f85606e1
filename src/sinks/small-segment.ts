import { zstdCompressSync, constants as zlib, gzipSync } from 'node:zlib'
import { freeMemory } from '../bytes/free-memory.ts'
import { readWhole, type Compression, type SegmentFile } from './compression.ts'

/** Of some 150 lines: a tenth of a millisecond, which is less than the trips to the thread pool take. */
const mostBytes = 65_536
/** Higher ones take several times as long. */
const highestLevel = 3

/**
 * The compressed bytes of a segment that is so small that streams, their memory and what collects it would cost several
 * times what its lines do: with a segment for each of many containers, that was most of what delivery cost.
 *
 * Compresses on the thread that calls, so only what takes no longer than a few hundred lines on their way in.
 *
 * @returns undefined for any other segment
 * @throws the system's error; SluiceError `ERR_SPOOL_READ` when the file ends before its records do
 */
export async function compressSmall (
  segment: SegmentFile, compression: Exclude<Compression, 'none'>, level: number
): Promise<Buffer | undefined> {
  const { bytes } = segment
  if (bytes > mostBytes || level > highestLevel) return undefined
  const { content: copy } = segment
  const content = copy ?? await readWhole(segment)
  // What comes out is a quarter of it, of one line three quarters.
  const chunkSize = Math.max(1024, bytes >> 1)
  const compressed = compression === 'gzip'
    ? gzipSync(content, { level, chunkSize })
    : zstdCompressSync(content, { chunkSize, params: { [zlib.ZSTD_c_compressionLevel]: level } })
  if (copy === undefined) freeMemory(content)
  return compressed
}

// Tested in test/sinks/file/objects.test.ts
