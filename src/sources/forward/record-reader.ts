import { stream, type LogRecord } from '../../contracts/record.ts'
import { Interner, type Names } from './container-name.ts'
import { firstElementAt, isEqual, mapCountAt, skipItem, textAt, type Span } from './msgpack.ts'
import { hex, refuse } from './refusal.ts'

const key = {
  log: Buffer.from('log'),
  source: Buffer.from('source'),
  containerName: Buffer.from('container_name'),
  partialId: Buffer.from('partial_id'),
  partialLast: Buffer.from('partial_last'),
  partialOrdinal: Buffer.from('partial_ordinal'),
}
const stdout = Buffer.from('stdout')
const stderr = Buffer.from('stderr')
const isTrue = Buffer.from('true')
/** Docker's ids have 64 digits; far longer ones are not Docker's, and joins keep them in memory. */
const maxPartialIdBytes = 256

/**
 * Reads the map of one record as Docker's driver and Fluent Bit write it, keys in any order; a key that comes twice
 * counts as it came last.
 *
 * Source: https://github.com/moby/moby/blob/master/daemon/logger/fluentd/fluentd.go
 */
export class RecordReader {
  readonly #names: Interner
  readonly #key: Span = { start: 0, end: 0 }
  readonly #value: Span = { start: 0, end: 0 }
  readonly #name: Span = { start: 0, end: 0 }
  readonly #partialId: Span = { start: 0, end: 0 }
  readonly #partialOrdinal: Span = { start: 0, end: 0 }
  readonly #partialLast: Span = { start: 0, end: 0 }

  constructor (names: Names) {
    this.#names = new Interner(names.containersOfNames)
  }

  /**
   * Fills `record` from the map at `at`: everything but its time, and its container only if that is empty and the map
   * has a `container_name`. Without a `log` it is structured, and its bytes are those of the map.
   *
   * @returns where the map ends
   * @throws SluiceError `ERR_FRAME` if no map is there
   */
  read (bytes: Buffer, at: number, record: LogRecord): number {
    const count = mapCountAt(bytes, at)
    if (count < 0) refuse('record', `expected a record as map, found ${hex(bytes[at])}`)
    const keySpan = this.#key
    const value = this.#value
    let logStart = -1
    let logEnd = -1
    let isPartial = false
    const needsName = record.container === ''
    this.#name.end = -1
    record.stream = stream.none
    record.partial = undefined
    record.isStructured = false
    let position = firstElementAt(bytes, at)
    for (let index = 0; index < count; index++) {
      if (!textAt(bytes, position, keySpan)) {
        position = skipItem(bytes, skipItem(bytes, position))
        continue
      }
      const { start, end } = keySpan
      const isText = textAt(bytes, end, value)
      position = isText ? value.end : skipItem(bytes, end)
      switch (end - start) {
        case 3:
          if (isEqual(bytes, start, end, key.log)) {
            logStart = isText ? value.start : -1
            logEnd = value.end
          }
          break
        case 6:
          if (isEqual(bytes, start, end, key.source)) record.stream = isText ? streamOf(bytes, value) : stream.none
          break
        case 14:
          if (needsName && isText && isEqual(bytes, start, end, key.containerName)) copySpan(value, this.#name)
          break
        case 10: case 12: case 15:
          if (bytes[start] === 0x70 && isText) isPartial = this.#readPartial(bytes, start, end, isPartial)
          break
      }
    }
    if (this.#name.end >= 0) record.container = this.#names.get(bytes, this.#name.start, this.#name.end)
    record.bytes = bytes
    record.start = logStart
    record.end = logEnd
    if (logStart < 0) {
      record.isStructured = true
      record.start = at
      record.end = position
    } else if (isPartial) {
      this.#setPartial(bytes, record)
    }
    return position
  }

  /** Where the name of the last record's container lies; -1 where it had none, or none was wanted. */
  get nameStart (): number { return this.#name.end < 0 ? -1 : this.#name.start }
  get nameEnd (): number { return this.#name.end }

  /** Keeps the value if the key is one of a partial's. */
  #readPartial (bytes: Buffer, start: number, end: number, isPartial: boolean): boolean {
    if (!isPartial) this.#partialId.end = this.#partialOrdinal.end = this.#partialLast.end = -1
    if (isEqual(bytes, start, end, key.partialId)) copySpan(this.#value, this.#partialId)
    else if (isEqual(bytes, start, end, key.partialOrdinal)) copySpan(this.#value, this.#partialOrdinal)
    else if (isEqual(bytes, start, end, key.partialLast)) copySpan(this.#value, this.#partialLast)
    else return isPartial
    return true
  }

  /** A piece without an id (Docker before 19.03) or without its number cannot be joined: it stays a line of its own. */
  #setPartial (bytes: Buffer, record: LogRecord): void {
    const { start, end } = this.#partialId
    const ordinal = this.#partialOrdinal
    if (end <= start || end - start > maxPartialIdBytes || ordinal.end <= ordinal.start) return
    const number = Number(bytes.toString('latin1', ordinal.start, Math.min(ordinal.end, ordinal.start + 10)))
    if (!Number.isSafeInteger(number) || number < 1) return
    const last = this.#partialLast
    record.partial = {
      id: bytes.toString('latin1', start, end),
      ordinal: number,
      isLast: last.end >= 0 && isEqual(bytes, last.start, last.end, isTrue),
    }
  }
}

function streamOf (bytes: Buffer, value: Span): LogRecord['stream'] {
  if (isEqual(bytes, value.start, value.end, stdout)) return stream.stdout
  return isEqual(bytes, value.start, value.end, stderr) ? stream.stderr : stream.none
}

function copySpan (from: Span, to: Span): void {
  to.start = from.start
  to.end = from.end
}
