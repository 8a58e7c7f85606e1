import type { Transform } from 'node:stream'
import { PassThrough } from 'node:stream'
import { constants, createGzip, createZstdCompress } from 'node:zlib'

export type Compression = 'gzip' | 'zstd' | 'none'

/** What Athena and people tell the format by. Source: https://docs.aws.amazon.com/athena/latest/ug/compression-formats.html */
export const extensionOf = { gzip: 'gz', zstd: 'zst', none: '' } as const satisfies Record<Compression, string>

/** Large pieces keep the number of trips to the thread pool small. */
const chunkSize = 256 * 1024

/** A stream that compresses in the thread pool; the same input and level give the same bytes on one Node version. */
export function createCompressor (compression: Compression, level: number): Transform {
  switch (compression) {
    case 'gzip': return createGzip({ level, chunkSize })
    case 'zstd': return createZstdCompress({ chunkSize, params: { [constants.ZSTD_c_compressionLevel]: level } })
    case 'none': return new PassThrough()
  }
}
