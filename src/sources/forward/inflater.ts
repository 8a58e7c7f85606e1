import { constants, createGunzip, createZstdDecompress, type Gunzip, type ZstdDecompress } from 'node:zlib'
import { gzipContentBytes, zstdContentBytes, zstdWindowBytes } from './compressed-size.ts'
import type { MemoryShare } from './frame-memory.ts'
import type { ForwardLimits } from './limits.ts'
import { refuse } from './refusal.ts'

const pieceBytes = 65_536
const noBytes = Buffer.alloc(0)
/** A piece that is read, one that is made ahead, and zlib's own state: the window of 32 KiB and its tables. */
const gzipBytes = 2 * pieceBytes + 48 * 1024
/** The same of zstd, whose window comes on top: as large as the sender says. */
const zstdBytes = 2 * pieceBytes + 384 * 1024
/**
 * Largest window, as a power of two: what every decoder is to take, and all that levels up to 19 use. Node's own bound
 * is 128 MiB, which a frame of a few bytes can ask for.
 *
 * Source: https://www.rfc-editor.org/rfc/rfc8878#name-window-descriptor
 */
const maxWindowLog = 23
/** Frames of zstd in one payload: each costs a turn, and an empty one has 9 bytes. */
const maxZstdFrames = 1000

/**
 * Unpacks the payload of a compressed frame piece by piece, off the main thread: gzip or zstd by its first bytes, and
 * as many members or frames as there are.
 */
export class Inflater {
  readonly #payload: Buffer
  readonly #maxBytes: number
  readonly #memory: MemoryShare
  readonly #isGzip: boolean
  #heldBytes = 0
  #unpackedBytes = 0
  /** Where the payload goes on, and how many zstd frames came before. */
  #at = 0
  #frameCount = 0
  #stream: Gunzip | ZstdDecompress | undefined
  #isEnded = false
  #error: unknown
  #changed: PromiseWithResolvers<void> | undefined

  /** Takes no memory before the first `next`. The payload stays the caller's, unchanged until `close`. */
  constructor (
    payload: Buffer, { maxDecompressedBytes }: Pick<ForwardLimits, 'maxDecompressedBytes'>, memory: MemoryShare
  ) {
    this.#payload = payload
    this.#maxBytes = maxDecompressedBytes
    this.#memory = memory
    this.#isGzip = payload[0] === 0x1f
  }

  /**
   * The next piece, 64 KiB at most and perhaps empty; undefined behind the last one. Unpacks nothing between two calls.
   *
   * @throws SluiceError `ERR_FRAME` if it is cut short, damaged, or unpacks to more than is allowed: before the first
   *   piece where the payload says so itself, else behind the last piece that is good
   */
  async next (): Promise<Buffer | undefined> {
    if (this.#stream === undefined && this.#frameCount === 0) this.#refuseClaimed()
    const stream = this.#stream ?? this.#open()
    if (stream === undefined) return undefined
    let piece = stream.read() as Buffer | null
    while (piece === null && !this.#isOver(stream)) {
      await this.#change()
      piece = stream.read() as Buffer | null
    }
    if (piece !== null) {
      // Reading makes it go on with the piece after it: that is waited for, so that all is done while the caller waits.
      if (stream.readableLength === 0 && !this.#isOver(stream)) await this.#change()
      return this.#counted(piece)
    }
    if (!this.#isEnded) this.#refuseDamaged(this.#error)
    this.#endStream(stream)
    return noBytes
  }

  /** Gives its memory back. Safe twice. */
  close (): void {
    this.#stream?.destroy()
    this.#stream = undefined
    this.#memory.give(this.#heldBytes)
    this.#heldBytes = 0
  }

  #open (): Gunzip | ZstdDecompress | undefined {
    if (this.#at >= this.#payload.length) return undefined
    if (this.#frameCount++ >= maxZstdFrames) refuse('compression', `expected ${maxZstdFrames} zstd frames at most, found more`)
    const rest = this.#payload.subarray(this.#at)
    this.#hold(this.#isGzip ? gzipBytes : zstdBytes + Math.min(zstdWindowBytes(rest), 2 ** maxWindowLog))
    const options = { chunkSize: pieceBytes, readableHighWaterMark: 1 }
    const stream = this.#isGzip
      ? createGunzip(options)
      : createZstdDecompress({ ...options, params: { [constants.ZSTD_d_windowLogMax]: maxWindowLog } })
    this.#isEnded = false
    const wake = () => {
      this.#changed?.resolve()
      this.#changed = undefined
    }
    stream.on('readable', wake)
    stream.on('end', () => { this.#isEnded = true; wake() })
    stream.on('error', error => { this.#error = error; wake() })
    stream.on('close', wake)
    stream.end(rest)
    this.#stream = stream
    return stream
  }

  /** Nothing more comes of it. */
  #isOver (stream: Gunzip | ZstdDecompress): boolean {
    return this.#isEnded || this.#error !== undefined || stream.destroyed
  }

  #hold (bytes: number): void {
    if (bytes <= this.#heldBytes) return
    this.#memory.take(bytes - this.#heldBytes)
    this.#heldBytes = bytes
  }

  async #change (): Promise<void> {
    this.#changed ??= Promise.withResolvers<void>()
    await this.#changed.promise
  }

  #counted (piece: Buffer): Buffer {
    this.#unpackedBytes += piece.length
    if (this.#unpackedBytes > this.#maxBytes) this.#refuseTooLarge()
    return piece
  }

  /** Node's zstd stops at the end of a frame and drops what follows without a word (24.21): the rest is begun anew. */
  #endStream (stream: Gunzip | ZstdDecompress): void {
    const { bytesWritten } = stream
    if (bytesWritten === 0) refuse('compression', 'expected gzip or zstd, found bytes that are not')
    this.#at = this.#isGzip ? this.#payload.length : this.#at + bytesWritten
    stream.destroy()
    this.#stream = undefined
  }

  /** A payload may say itself what it unpacks to: too much is then refused before its first record is taken. */
  #refuseClaimed (): void {
    const payload = this.#payload
    const claimedBytes = this.#isGzip ? gzipContentBytes(payload) : zstdContentBytes(payload)
    if (claimedBytes > this.#maxBytes) this.#refuseTooLarge()
  }

  #refuseTooLarge (): never {
    refuse('decompressed_bytes', `expected ${this.#maxBytes} bytes at most, unpacked`)
  }

  #refuseDamaged (error: unknown): never {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    refuse('compression', `expected gzip or zstd, found it damaged (${code})`, error)
  }
}
