import type { Readable } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import type { ReplayedLine } from './line.ts'

/** A file or object that holds records. */
export interface ReplayInput {
  /** For people: its path, or its address in S3. */
  readonly name: string
  /** As stored. */
  readonly bytes: number
  /** How far its own cursor says that it was delivered, in bytes of its content. */
  readonly deliveredBytes: number
  /** Its bytes as stored. Ended by the disk, or by the request's timeout. */
  open (): Promise<Readable>
  /** Says where it lies how far it was sent; undefined where nobody else would send it. */
  readonly settle?: (bytes: number, records: number) => Promise<void>
  /** undefined for a line that holds no record. */
  readLine (line: string): ReplayedLine | undefined
}

/** What was read so far. */
export class ReplayCounts {
  records = 0
  /** Lines that were sent before, and are not sent again. */
  sentBefore = 0
  /** Lines that hold no record. */
  unreadable = 0
  inputs = 0
  /** Name and words of the inputs that could not be read. */
  readonly failed: { readonly name: string, readonly words: string }[] = []
}

const newline = 0x0a

/** Large pieces: what is remembered after each costs a write. */
const pieceBytes = 1024 * 1024

/** The whole lines of an input, in pieces of about a megabyte. What follows the last newline was never finished. */
export async function * piecesOf (input: ReplayInput): AsyncGenerator<Buffer, void> {
  let chunks: Buffer[] = []
  let bytes = 0
  let wantedBytes = pieceBytes
  for await (const chunk of await contentOf(input)) {
    chunks.push(chunk as Buffer)
    bytes += (chunk as Buffer).length
    if (bytes < wantedBytes) continue
    const content = Buffer.concat(chunks)
    const end = content.lastIndexOf(newline) + 1
    const rest = content.subarray(end)
    chunks = [rest]
    bytes = rest.length
    // A line that is longer is read on until it is whole.
    wantedBytes = end === 0 ? 2 * bytes : pieceBytes
    if (end > 0) yield content.subarray(0, end)
  }
  const content = Buffer.concat(chunks)
  const end = content.lastIndexOf(newline) + 1
  if (end > 0) yield content.subarray(0, end)
}

async function contentOf (input: ReplayInput): Promise<Readable> {
  const stored = await input.open()
  const decompressor = input.name.endsWith('.gz')
    ? createGunzip()
    : input.name.endsWith('.zst') ? createZstdDecompress() : undefined
  if (decompressor === undefined) return stored
  stored.on('error', error => decompressor.destroy(error))
  return stored.pipe(decompressor)
}

// Tested in test/cli/replay/sent.test.ts
