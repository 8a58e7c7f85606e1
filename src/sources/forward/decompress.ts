import { gunzip, zstdDecompress, type InputType } from 'node:zlib'
import { refuse } from './refusal.ts'

/** What Node's functions give with `info: true`. */
interface Unpacked { readonly buffer: Buffer, readonly engine: { readonly bytesWritten: number } }
interface Bounds { readonly info: true, readonly maxOutputLength: number, readonly chunkSize: number }
type Unpack =
  (input: InputType, bounds: Bounds, done: (error: Error | null, result: unknown) => void) => void

const pieceBytes = 65_536
/** Frames of zstd in one payload: each costs a turn, and an empty one has 9 bytes. */
const maxZstdFrames = 1000

/**
 * Unpacks the payload of a compressed frame off the main thread: gzip or zstd by their first bytes, and as many members
 * or frames as there are.
 *
 * @throws SluiceError `ERR_FRAME` if it is cut short, damaged, or unpacks to more than `maxBytes`, which is noticed
 *   before the memory is taken
 */
export async function decompress (payload: Buffer, maxBytes: number): Promise<Buffer> {
  if (payload[0] === 0x1f) return (await unpack(gunzip, payload, maxBytes)).buffer
  // Node's zstd may stop at the end of a frame and drop what follows without a word (24.21), so ask for the rest.
  const parts: Buffer[] = []
  let leftBytes = maxBytes
  for (let at = 0; at < payload.length;) {
    if (parts.length >= maxZstdFrames) refuse('compression', `expected ${maxZstdFrames} zstd frames at most, found more`)
    const { buffer, engine } = await unpack(zstdDecompress, payload.subarray(at), leftBytes)
    if (engine.bytesWritten === 0) refuse('compression', 'expected zstd, found bytes that are not')
    parts.push(buffer)
    leftBytes -= buffer.length
    at += engine.bytesWritten
  }
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts)
}

async function unpack (unpackWith: Unpack, input: Buffer, maxBytes: number): Promise<Unpacked> {
  // Zero is no bound that Node takes; one byte over is found below.
  const bounds = { info: true, maxOutputLength: Math.max(maxBytes, 1), chunkSize: pieceBytes } as const
  const { promise, resolve, reject } = Promise.withResolvers<unknown>()
  unpackWith(input, bounds, (error, result) => error === null ? resolve(result) : reject(error))
  try {
    const unpacked = await promise as Unpacked
    if (unpacked.buffer.length <= maxBytes) return unpacked
  } catch (error) {
    if (!isTooLarge(error)) refuse('compression', `expected gzip or zstd, found it damaged (${codeOf(error)})`, error)
  }
  return refuse('decompressed_bytes', `expected ${maxBytes} more bytes at most, unpacked`)
}

function isTooLarge (error: unknown): boolean {
  return codeOf(error) === 'ERR_BUFFER_TOO_LARGE'
}

function codeOf (error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
}
