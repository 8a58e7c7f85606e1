import type { Clock } from '../../contracts/clock.ts'
import type { LogRecord } from '../../contracts/record.ts'
import { Interner, containerOfTag, nameOf } from './container-name.ts'
import { readTime, timeKind } from './event-time.ts'
import { FrameScanner, incomplete } from './frame-scanner.ts'
import type { ForwardLimits } from './limits.ts'
import { arrayCountAt, firstElementAt, isEqual, mapCountAt, skipItem, textAt, type Span } from './msgpack.ts'
import { toJson } from './record-json.ts'
import { RecordReader } from './record-reader.ts'
import { hex, refuse } from './refusal.ts'

const noBytes = Buffer.alloc(0)
const optionKey = {
  chunk: Buffer.from('chunk'),
  fluentSignal: Buffer.from('fluent_signal'),
}
const nil = 0xc0

/** How the entries of the current frame lie: one in the frame itself, in an array, or packed into one payload. */
type Carrier = 'message' | 'forward' | 'packed'

/**
 * Reads the records of one whole frame after another; between any two it can be left alone for as long as it takes.
 *
 * The four carriers are told apart once, in `begin`; entries are then read the same way whatever brought them.
 *
 * Source: https://github.com/fluent/fluentd/wiki/Forward-Protocol-Specification-v1#event-modes
 */
export class FrameReader {
  /** The payload of a packed frame is compressed: `unpacked` has to be called before `next`. */
  isCompressed = false
  /** The chunk's id as the sender wrote it is `[chunkStart, chunkEnd)` of the frame; empty when no ack is asked for. */
  chunkStart = 0
  chunkEnd = 0
  /** The frame carries metrics or traces: it has no records. Known after the last `next`. */
  isForeign = false

  readonly #clock: Clock
  readonly #entryScanner: FrameScanner
  readonly #records = new RecordReader()
  readonly #containers = new Interner(containerOfTag)
  readonly #tags = new Interner(nameOf)
  readonly #text: Span = { start: 0, end: 0 }

  #bytes: Buffer = noBytes
  #tagStart = 0
  #tagEnd = 0
  /** Container that the tag names; empty if it names none. */
  #container = ''
  #carrier: Carrier = 'message'
  /** Where the entries go on, and where packed ones end. In a packed frame the entries may lie in other memory. */
  #entryBytes: Buffer = noBytes
  #at = 0
  #entriesEnd = 0
  /** Entries to come in an array, or 1 for an unread message. */
  #entriesLeft = 0
  #hasOption = false

  constructor (limits: ForwardLimits, clock: Clock) {
    this.#clock = clock
    this.#entryScanner = new FrameScanner(limits)
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
    this.isForeign = false
    this.chunkStart = this.chunkEnd = 0
    const second = text.end
    const entries = arrayCountAt(bytes, second)
    if (entries >= 0) {
      this.#carrier = 'forward'
      this.#entriesLeft = entries
      this.#at = firstElementAt(bytes, second)
      if (count > 2) this.#readOption(skipItem(bytes, second))
    } else if (textAt(bytes, second, text)) {
      this.#carrier = 'packed'
      this.#at = text.start
      this.#entriesEnd = text.end
      const isCompressed = isCompressedAt(bytes, text)
      if (count > 2) this.#readOption(text.end)
      this.isCompressed = isCompressed && !this.isForeign
    } else {
      if (count < 3) refuse('record', 'expected a time and a record behind the tag, found nothing behind the time')
      this.#carrier = 'message'
      this.#entriesLeft = 1
      this.#at = second
      this.#hasOption = count > 3
    }
  }

  /** The compressed payload, while `isCompressed`. Shares memory with the frame. */
  get payload (): Buffer {
    return this.#entryBytes.subarray(this.#at, this.#entriesEnd)
  }

  /** Gives the entries that were compressed. */
  unpacked (entries: Buffer): void {
    this.#entryBytes = entries
    this.#at = 0
    this.#entriesEnd = entries.length
    this.isCompressed = false
  }

  /** Lets go of the frame's memory. */
  release (): void {
    this.#bytes = this.#entryBytes = noBytes
  }

  /**
   * Fills `record` with the next record of the frame; false when there are no more.
   *
   * @throws SluiceError `ERR_FRAME`; the records before are good
   */
  next (record: LogRecord): boolean {
    if (this.#carrier === 'message') return this.#nextMessage(record)
    if (this.isForeign) return false
    if (this.#carrier === 'packed') return this.#nextPacked(record)
    while (this.#entriesLeft > 0) {
      this.#entriesLeft--
      const at = this.#at
      const count = arrayCountAt(this.#entryBytes, at)
      const isRecord = this.#readEntry(at, count, record)
      // Elements beyond the two that are known.
      for (let extra = count; extra > 2; extra--) this.#at = skipItem(this.#entryBytes, this.#at)
      if (isRecord) return true
    }
    return false
  }

  /** The option comes last and says whether the record is one; so both are read here. */
  #nextMessage (record: LogRecord): boolean {
    if (this.#entriesLeft === 0) return false
    this.#entriesLeft = 0
    const isRecord = this.#readTimeAndRecord(this.#at, this.#at, record)
    if (this.#hasOption) this.#readOption(this.#at)
    return isRecord && !this.isForeign
  }

  #nextPacked (record: LogRecord): boolean {
    while (this.#at < this.#entriesEnd) {
      const at = this.#at
      const end = this.#entryScanner.scan(this.#entryBytes, at, this.#entriesEnd)
      if (end === incomplete) {
        this.#entryScanner.reset()
        refuse('entries', 'expected packed entries that are whole, found the last one cut short')
      }
      const isRecord = this.#readEntry(at, arrayCountAt(this.#entryBytes, at), record)
      this.#at = end
      if (isRecord) return true
    }
    return false
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

  #readOption (optionAt: number): void {
    const bytes = this.#bytes
    const count = mapCountAt(bytes, optionAt)
    if (count < 0) {
      // Docker 18 sends nil.
      if (bytes[optionAt] === nil) return
      refuse('option', `expected options as map, found ${hex(bytes[optionAt])}`)
    }
    const text = this.#text
    let at = count === 0 ? optionAt : firstElementAt(bytes, optionAt)
    for (let index = 0; index < count; index++) {
      const isText = textAt(bytes, at, text)
      const valueAt = isText ? text.end : skipItem(bytes, at)
      at = skipItem(bytes, valueAt)
      if (!isText) continue
      if (isEqual(bytes, text.start, text.end, optionKey.chunk)) {
        this.chunkStart = valueAt
        this.chunkEnd = bytes[valueAt] === nil ? valueAt : at
      } else if (isEqual(bytes, text.start, text.end, optionKey.fluentSignal)) {
        // 0 is logs, 1 metrics, 2 traces; an integer of any width.
        this.isForeign = bytes[valueAt] !== 0 && Number(toJson(bytes, valueAt)) > 0
      }
    }
  }
}

/** By its first bytes, whatever the option says: packed entries begin with the header of an array. */
function isCompressedAt (bytes: Buffer, payload: Span): boolean {
  if (payload.end - payload.start < 4) return bytes[payload.start] === 0x1f && payload.end > payload.start
  const first = bytes.readUInt32BE(payload.start)
  return first >>> 16 === 0x1f8b || first === 0x28b52ffd
}
