import type { Clock } from '../../contracts/clock.ts'
import { linePart, type LogRecord } from '../../contracts/record.ts'
import { mostOrdinaryLines, type FrameSender, type OrdinaryConnection } from '../../contracts/source.ts'
import type { Counter } from '../../telemetry/ledger.ts'
import { Interner, type Names } from './container-name.ts'
import { readTime, timeKind } from './event-time.ts'
import { found, type Found } from './found.ts'
import { FrameAssembler } from './frame-assembler.ts'
import type { MemoryShare } from './frame-memory.ts'
import { FrameOption } from './frame-option.ts'
import { FrameScanner, incomplete } from './frame-scanner.ts'
import type { ForwardLimits } from './limits.ts'
import { arrayCountAt, firstElementAt, skipItem, textAt, type Span } from './msgpack.ts'
import { LineParts } from './line-parts.ts'
import { RecordReader } from './record-reader.ts'
import { hex, refuse } from './refusal.ts'

export interface FrameReaderOptions {
  readonly limits: ForwardLimits
  readonly clock: Pick<Clock, 'wallMs' | 'monotonicMs'>
  readonly names: Names
  /** What the reader's connection holds. */
  readonly memory: MemoryShare
  /** Lines over `maxLineBytes`. */
  readonly linesCut: Counter
}

const noBytes = Buffer.alloc(0)

/** How the entries of the current frame lie: one in the frame itself, in an array, or packed into one payload. */
type Carrier = 'message' | 'forward' | 'packed' | 'compressed'

/**
 * Reads the records of one whole frame after another; between any two it can be left alone for as long as it takes.
 *
 * The four carriers are told apart once, in `begin`; entries are then read the same way whatever brought them.
 *
 * Source: https://github.com/fluent/fluentd/wiki/Forward-Protocol-Specification-v1#event-modes
 */
export class FrameReader implements FrameSender {
  /** The payload of a packed frame is compressed: `next` reads what `feed` brings of it, unpacked. */
  isCompressed = false
  /** What the sender says of the frame. Known in full after the last `next`. */
  readonly option = new FrameOption()

  readonly #clock: Pick<Clock, 'wallMs' | 'monotonicMs'>
  readonly #maxEntries: number
  readonly #maxLineBytes: number
  readonly #records: RecordReader
  readonly #containers: Interner
  readonly #tags: Interner
  readonly #parts: LineParts
  /** Finds the entries of a packed frame; puts together those of one that comes in pieces. */
  readonly #entryScanner: FrameScanner
  readonly #pieces: FrameAssembler
  readonly #text: Span = { start: 0, end: 0 }

  #bytes: Buffer = noBytes
  #tagStart = 0
  #tagEnd = 0
  /** Container that the tag names; empty if it names none. */
  #container = ''
  #carrier: Carrier = 'message'
  /** Where the entries go on. Those of a packed frame may lie in other memory. */
  #entryBytes: Buffer = noBytes
  #at = 0
  /** Where the payload of a packed frame ends. */
  #payloadEnd = 0
  /** Entries to come in an array, or 1 for an unread message. */
  #entriesLeft = 0
  /** Entries read of a packed frame. */
  #entryCount = 0
  #hasOption = false

  constructor ({ limits, clock, names, memory, linesCut }: FrameReaderOptions) {
    this.#clock = clock
    this.#maxEntries = limits.maxEntries
    this.#maxLineBytes = limits.maxLineBytes
    this.#records = new RecordReader(names)
    this.#containers = new Interner(names.containersOfTags)
    this.#tags = new Interner(names.tags)
    this.#parts = new LineParts(limits.maxLineBytes, memory, linesCut)
    this.#entryScanner = new FrameScanner(limits)
    this.#pieces = new FrameAssembler(limits, memory, false)
  }

  /**
   * Goes to the frame that begins at `bytes[start]`, which a `FrameScanner` has found whole.
   *
   * @throws SluiceError `ERR_FRAME`
   */
  begin (bytes: Buffer, start: number): void {
    const count = arrayCountAt(bytes, start)
    if (count < 2) refuse('entries', `expected a frame of 2 elements or more, found ${count}`)
    const tagAt = firstElementAt(bytes, start)
    const text = this.#text
    if (!textAt(bytes, tagAt, text)) refuse('tag', `expected a tag as string, found ${hex(bytes[tagAt])}`)
    this.#bytes = this.#entryBytes = bytes
    this.#tagStart = text.start
    this.#tagEnd = text.end
    this.#container = this.#containers.get(bytes, text.start, text.end)
    this.isCompressed = false
    this.option.reset()
    const second = text.end
    const entries = arrayCountAt(bytes, second)
    if (entries >= 0) {
      this.#carrier = 'forward'
      this.#requireEntries(entries)
      this.#entriesLeft = entries
      this.#at = firstElementAt(bytes, second)
      if (count > 2) this.option.read(bytes, skipItem(bytes, second))
    } else if (textAt(bytes, second, text)) {
      this.#carrier = isCompressedAt(bytes, text) ? 'compressed' : 'packed'
      this.#at = text.start
      this.#payloadEnd = text.end
      this.#entryCount = 0
      if (count > 2) this.option.read(bytes, text.end)
      // Refused before the first is taken, where the sender says it: it sends them again.
      this.#requireEntries(this.option.size)
      this.isCompressed = this.#carrier === 'compressed' && !this.option.isForeign
    } else {
      if (count < 3) refuse('record', 'expected a time and a record behind the tag, found nothing behind the time')
      this.#carrier = 'message'
      this.#entriesLeft = 1
      this.#at = second
      this.#hasOption = count > 3
    }
  }

  get bytes (): Buffer { return this.#bytes }
  get tagStart (): number { return this.#tagStart }
  get tagEnd (): number { return this.#tagEnd }
  get isNamedByTag (): boolean { return this.#container !== '' }
  get nameStart (): number { return this.#records.nameStart }
  get nameEnd (): number { return this.#records.nameEnd }
  /** Its entries lie in the frame's own memory, as the names of their containers do. */
  get isInPlace (): boolean { return this.#entryBytes === this.#bytes }

  /**
   * Has the entries taken that are ordinary, of a packed frame, from the next one on.
   *
   * @returns how many
   */
  takeOrdinary (ordinary: OrdinaryConnection): number {
    if (this.#carrier !== 'packed' || this.option.isForeign || this.#parts.hasMore) return 0
    // What is over the limit is to be refused where it begins.
    if (this.#entryCount + mostOrdinaryLines > this.#maxEntries) return 0
    const count = ordinary.takeEntries(this, this.#entryBytes, this.#at, this.#payloadEnd)
    if (count > 0) this.#at = ordinary.nextAt
    this.#entryCount += count
    return count
  }

  /** The payload of a packed frame. Shares memory with the frame. */
  get payload (): Buffer {
    return this.#bytes.subarray(this.#at, this.#payloadEnd)
  }

  /**
   * Brings the next piece of a payload that was compressed, whose memory `next` uses; undefined behind the last.
   *
   * @throws SluiceError `ERR_FRAME` if an entry is missing its end
   */
  feed (piece: Buffer | undefined): void {
    if (piece !== undefined) this.#pieces.feed(piece)
    else if (this.#pieces.isWithinFrame) refuseCutShort()
  }

  /** Lets go of the frame's memory. */
  release (): void {
    this.#bytes = this.#entryBytes = noBytes
  }

  /** Gives back what it keeps for the next frame. */
  trim (): void {
    this.#pieces.trim()
  }

  /**
   * Fills `record` with the next record of the frame, or of the pieces that were brought of it.
   *
   * @throws SluiceError `ERR_FRAME`; the records before are good
   */
  next (record: LogRecord): Found {
    if (this.#parts.hasMore) return this.#parts.next(record)
    const what = this.#nextEntry(record)
    if (what !== found.record) return what
    record.part = linePart.whole
    if (!record.isStructured && record.end - record.start <= this.#maxLineBytes) return what
    this.#parts.begin(record)
    return this.#parts.next(record)
  }

  #nextEntry (record: LogRecord): Found {
    if (this.#carrier === 'message') return this.#nextMessage(record)
    if (this.option.isForeign) return found.end
    if (this.#carrier === 'packed') return this.#nextPacked(record)
    if (this.#carrier === 'compressed') return this.#nextOfPieces(record)
    if (this.#entriesLeft === 0) return found.end
    this.#entriesLeft--
    const at = this.#at
    const count = arrayCountAt(this.#entryBytes, at)
    const isRecord = this.#readEntry(at, count, record)
    // Elements beyond the two that are known.
    for (let extra = count; extra > 2; extra--) this.#at = skipItem(this.#entryBytes, this.#at)
    return isRecord ? found.record : found.nothingYet
  }

  /** The option comes last and says whether the record is one; so both are read here. */
  #nextMessage (record: LogRecord): Found {
    if (this.#entriesLeft === 0) return found.end
    this.#entriesLeft = 0
    const isRecord = this.#readTimeAndRecord(this.#at, this.#at, record)
    if (this.#hasOption) this.option.read(this.#bytes, this.#at)
    return isRecord && !this.option.isForeign ? found.record : found.end
  }

  #nextPacked (record: LogRecord): Found {
    const at = this.#at
    if (at >= this.#payloadEnd) return found.end
    const end = this.#entryScanner.scan(this.#entryBytes, at, this.#payloadEnd)
    if (end === incomplete) {
      this.#entryScanner.reset()
      refuseCutShort()
    }
    this.#requireEntries(++this.#entryCount)
    const isRecord = this.#readEntry(at, arrayCountAt(this.#entryBytes, at), record)
    this.#at = end
    return isRecord ? found.record : found.nothingYet
  }

  #nextOfPieces (record: LogRecord): Found {
    const pieces = this.#pieces
    if (!pieces.next()) return found.end
    this.#requireEntries(++this.#entryCount)
    this.#entryBytes = pieces.bytes
    const isRecord = this.#readEntry(pieces.start, arrayCountAt(pieces.bytes, pieces.start), record)
    return isRecord ? found.record : found.nothingYet
  }

  #requireEntries (count: number): void {
    const maxEntries = this.#maxEntries
    if (count > maxEntries) refuse('entry_count', `expected ${maxEntries} entries at most in a frame, found more`)
  }

  /** Reads `[time, record]` or `[[time, metadata], record]`; leaves `#at` behind the record. */
  #readEntry (at: number, count: number, record: LogRecord): boolean {
    const bytes = this.#entryBytes
    if (count < 2) refuse('entries', `expected an entry of time and record, found ${hex(bytes[at])}`)
    const first = firstElementAt(bytes, at)
    const metadata = arrayCountAt(bytes, first)
    if (metadata < 0) return this.#readTimeAndRecord(first, first, record)
    if (metadata === 0) refuse('time', 'expected a time and metadata, found an empty array')
    return this.#readTimeAndRecord(firstElementAt(bytes, first), first, record)
  }

  /** The record comes behind the item at `headAt`, which is the time or holds it. */
  #readTimeAndRecord (timeAt: number, headAt: number, record: LogRecord): boolean {
    const bytes = this.#entryBytes
    const time = readTime(bytes, timeAt, record)
    const recordAt = skipItem(bytes, headAt)
    if (time === timeKind.groupMarker) {
      this.#at = skipItem(bytes, recordAt)
      return false
    }
    if (time === timeKind.now) record.timeMs = this.#clock.wallMs()
    record.container = this.#container
    this.#at = this.#records.read(bytes, recordAt, record)
    if (record.container === '') record.container = this.#tags.get(this.#bytes, this.#tagStart, this.#tagEnd)
    return true
  }
}

/** By its first bytes, whatever the option says: packed entries begin with the header of an array. */
function isCompressedAt (bytes: Buffer, payload: Span): boolean {
  if (payload.end - payload.start < 4) return bytes[payload.start] === 0x1f && payload.end > payload.start
  const first = bytes.readUInt32BE(payload.start)
  return first >>> 16 === 0x1f8b || first === 0x28b52ffd
}

function refuseCutShort (): never {
  refuse('entries', 'expected packed entries that are whole, found the last one cut short')
}
