import { Encoder, ExtData } from '@msgpack/msgpack'
import type { Acceptor } from '../../src/contracts/source.ts'
import { createRecord, type LogRecord } from '../../src/contracts/record.ts'
import { Scratch } from '../../src/bytes/scratch.ts'
import type { Clock } from '../../src/contracts/clock.ts'
import { createNames } from '../../src/sources/forward/container-name.ts'
import { found } from '../../src/sources/forward/found.ts'
import { FrameAssembler } from '../../src/sources/forward/frame-assembler.ts'
import { FrameMemory, type MemoryShare } from '../../src/sources/forward/frame-memory.ts'
import { FrameReader } from '../../src/sources/forward/frame-reader.ts'
import { Inflater } from '../../src/sources/forward/inflater.ts'
import type { ForwardLimits } from '../../src/sources/forward/limits.ts'
import { RecordJson } from '../../src/sources/forward/record-json.ts'

export const limits: ForwardLimits = {
  maxFrameBytes: 1 << 20,
  maxDecompressedBytes: 1 << 22,
  maxNesting: 32,
  maxItems: 100_000,
  maxEntries: 100_000,
  maxLineBytes: 1 << 20,
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
  linesCut: number
  /** What is still held of the memory when all is read, but for what may be kept. */
  heldBytes: number
}

const still: Clock = {
  wallMs: () => nowMs,
  monotonicMs: () => nowMs,
  sleep: async () => undefined,
  alarm: () => ({ at: () => undefined, clear: () => undefined }),
}

/** Memory that only one connection draws on, and is not asked back from it. */
export function memoryOf (maxBytes: number): MemoryShare {
  return new FrameMemory(maxBytes, still).share('test', { trim () {}, evict () {} })
}

/** All of a msgpack item as JSON, without any step between. */
export function toJson (bytes: Buffer, at: number): string {
  const json = new RecordJson()
  const out = new Scratch()
  json.begin(bytes, at)
  while (!json.write(out));
  return out.buffer.toString('utf8', 0, out.end)
}

/** All that is in the pieces, decoded as a connection does it. */
export async function decode (pieces: readonly Buffer[], bounds: Partial<ForwardLimits> = {}): Promise<Decoded> {
  const all = { ...limits, ...bounds }
  const memory = memoryOf(8 * all.maxFrameBytes)
  const assembler = new FrameAssembler(all, memory)
  const linesCut = { value: 0 }
  const reader = new FrameReader({ limits: all, clock: still, names: createNames(), memory, linesCut })
  const record = createRecord()
  const decoded: Decoded = {
    records: [], chunks: [], refusal: undefined, isWithinFrame: false, linesCut: 0, heldBytes: 0,
  }
  const takeAll = () => {
    for (let what = reader.next(record); what !== found.end; what = reader.next(record)) {
      if (what === found.record) decoded.records.push(keep(record))
    }
  }
  try {
    for (const piece of pieces) {
      assembler.feed(piece)
      while (assembler.next()) {
        reader.begin(assembler.bytes, assembler.start)
        if (reader.isCompressed) {
          const inflater = new Inflater(reader.payload, all, memory)
          try {
            for (let part: Buffer | undefined = Buffer.alloc(0); part !== undefined;) {
              part = await inflater.next()
              reader.feed(part)
              takeAll()
            }
          } finally {
            inflater.close()
          }
        }
        takeAll()
        const { chunkStart, chunkEnd } = reader.option
        if (chunkEnd > chunkStart) decoded.chunks.push(Buffer.from(assembler.bytes.subarray(chunkStart, chunkEnd)))
      }
    }
  } catch (error) {
    decoded.refusal = error as NonNullable<Decoded['refusal']>
  }
  decoded.isWithinFrame = assembler.isWithinFrame
  decoded.linesCut = linesCut.value
  assembler.trim()
  reader.trim()
  decoded.heldBytes = memory.bytes
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
