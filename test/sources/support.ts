import { Encoder, ExtData } from '@msgpack/msgpack'
import type { Acceptor } from '../../src/contracts/source.ts'
import { createRecord, type LogRecord } from '../../src/contracts/record.ts'
import { decompress } from '../../src/sources/forward/decompress.ts'
import { FrameAssembler } from '../../src/sources/forward/frame-assembler.ts'
import { FrameReader } from '../../src/sources/forward/frame-reader.ts'
import type { ForwardLimits } from '../../src/sources/forward/limits.ts'

export const limits: ForwardLimits = {
  maxFrameBytes: 1 << 20,
  maxDecompressedBytes: 1 << 22,
  maxNesting: 32,
  maxItems: 100_000,
  maxConnections: 100,
}

export const nowMs = Date.UTC(2026, 10, 23, 10, 30)

/** What a record was, copied out of the view. */
export type Kept = Omit<LogRecord, 'bytes' | 'start' | 'end'> & { readonly line: string }

/** Lines as Latin-1, so that comparing them compares bytes. */
export function keep (record: LogRecord): Kept {
  const { bytes, start, end, ...rest } = record
  return { ...rest, line: bytes.toString('latin1', start, end) }
}

/** The bytes of text as `keep` shows them. */
export const latin1 = (text: string) => Buffer.from(text).toString('latin1')

const encoder = new Encoder({ useBigInt64: true })
export const encode = (value: unknown) => Buffer.from(encoder.encode(value))

export function eventTime (seconds: number, nanoseconds: number): ExtData {
  const data = Buffer.alloc(8)
  data.writeUInt32BE(seconds)
  data.writeUInt32BE(nanoseconds, 4)
  return new ExtData(0, data)
}

/** Cuts bytes at these offsets, in any order. */
export function cutAt (bytes: Buffer, offsets: readonly number[]): Buffer[] {
  const sorted = [0, ...offsets.map(offset => offset % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
  // Copies, each exactly as long as it is, so that reading beyond one's own bytes is found out.
  return sorted.slice(1).map((end, index) => Uint8Array.prototype.slice.call(bytes, sorted[index], end) as Buffer)
}

export interface Decoded {
  readonly records: Kept[]
  readonly chunks: Buffer[]
  /** The code of what was thrown: it may only be `ERR_FRAME`. */
  refusal: { readonly code: string, readonly reason: string, readonly message: string } | undefined
  isWithinFrame: boolean
}

/** All that is in the pieces, decoded as a connection does it. */
export async function decode (pieces: readonly Buffer[], bounds: Partial<ForwardLimits> = {}): Promise<Decoded> {
  const all = { ...limits, ...bounds }
  const assembler = new FrameAssembler(all, { usedBytes: 0, maxBytes: 8 * all.maxFrameBytes })
  const reader = new FrameReader(all, { wallMs: () => nowMs, monotonicMs: () => nowMs, sleep: async () => undefined })
  const record = createRecord()
  const decoded: Decoded = { records: [], chunks: [], refusal: undefined, isWithinFrame: false }
  try {
    for (const piece of pieces) {
      assembler.feed(piece)
      while (assembler.next()) {
        reader.begin(assembler.bytes, assembler.start)
        if (reader.isCompressed) reader.unpacked(await decompress(reader.payload, all.maxDecompressedBytes))
        while (reader.next(record)) decoded.records.push(keep(record))
        const { chunkStart, chunkEnd } = reader
        if (chunkEnd > chunkStart) decoded.chunks.push(Buffer.from(assembler.bytes.subarray(chunkStart, chunkEnd)))
      }
    }
  } catch (error) {
    decoded.refusal = error as NonNullable<Decoded['refusal']>
  }
  decoded.isWithinFrame = assembler.isWithinFrame
  return decoded
}

/** An acceptor that keeps what it is given; a test fills it, empties it, and lets writes succeed or fail. */
export class KeepingIntake implements Acceptor {
  readonly records: Kept[] = []
  isFull = false
  /** Says of a record whether it is taken. */
  accepts: (record: LogRecord) => boolean = () => true
  /** Answers `stored`. */
  store: () => Promise<boolean> = async () => true
  storedCount = 0
  roomCount = 0
  readonly #waiting: Array<() => void> = []

  accept (record: LogRecord): boolean {
    if (!this.accepts(record)) return false
    this.records.push(keep(record))
    return true
  }

  whenWritable (): Promise<void> {
    this.roomCount++
    return new Promise(resolve => this.#waiting.push(resolve))
  }

  /** Lets those go on who wait for room, whether there is any or not. */
  letGo (): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  stored (): Promise<boolean> {
    this.storedCount++
    return this.store()
  }

  get lines (): string[] {
    return this.records.map(({ line }) => line)
  }
}
