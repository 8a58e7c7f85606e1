import { ascii } from '../../bytes/ascii.ts'
import type { FindValue, FoundValue } from '../../bytes/json-members.ts'
import { Places } from '../../contracts/places.ts'
import { createRecord, type LogRecord } from '../../contracts/record.ts'
import type { RecordClass } from '../../contracts/verdict.ts'
import { accessValue } from '../../formats/access-values.ts'
import { createErrorReading, type ErrorReading } from '../../formats/error-reading.ts'

const { space, questionMark, backslash } = ascii

/** The values of lines that rules ask for, as the walk over a line notes them. */
export interface RuleValues {
  readonly slotByKey: ReadonlyMap<string, number>
  readonly places: Places
  /** By number of a key: the seconds that one of its unit is, 0 where it is no duration. */
  readonly secondsOfKey: Float64Array
}

/**
 * The record that rules are asked about. What a condition looks at is found in place: `bytes[start, end)` is it until
 * the next call of a `find…`, which makes no object unless the value holds escapes of JSON.
 */
export class Subject {
  line: LogRecord = createRecord()
  recordClass: RecordClass | 'invalid' = 'app'
  bytes: Buffer = Buffer.alloc(0)
  start = 0
  end = 0
  readonly #values: RuleValues
  readonly #appReading = createErrorReading()
  #reading: ErrorReading
  #isAppRead = false
  readonly #within: FoundValue = { start: 0, end: 0 }

  constructor (values: RuleValues) {
    this.#values = values
    this.#reading = this.#appReading
  }

  /** @param reading of the record, where it is of class `error` */
  begin (line: LogRecord, recordClass: RecordClass | 'invalid', reading: ErrorReading): void {
    this.line = line
    this.recordClass = recordClass
    this.#reading = reading
    this.#isAppRead = false
  }

  /** What an error or a line of an application tells; undefined for an access line. */
  get reading (): ErrorReading | undefined {
    if (this.recordClass === 'error') return this.#reading
    if (this.recordClass !== 'app') return undefined
    // Read as a line of standard error is: few rules ask for it, and few lines are of this class.
    if (!this.#isAppRead) this.#appReading.begin(this.line.bytes, this.line.start, this.line.end)
    this.#isAppRead = true
    return this.#appReading
  }

  findLine (): boolean {
    const { bytes, start, end } = this.line
    return this.#found(bytes, start, end)
  }

  /** A value by its slot. */
  find (slot: number): boolean {
    const { places } = this.#values
    const start = places.startOf(slot)
    if (start < 0) return false
    return this.#unescaped(start, places.endOf(slot), places.keyOf(slot) >= 0)
  }

  /** A value by its slot, if the line has it under this very key. */
  findKey (slot: number, key: number): boolean {
    return this.#values.places.keyOf(slot) === key && this.find(slot)
  }

  /** A value within an object of the line. Rules that ask for one walk over the line once more. */
  findWithin (find: FindValue): boolean {
    const { bytes, start, end } = this.line
    if (!find(bytes, start, end, this.#within)) return false
    try {
      return this.#unescaped(this.#within.start, this.#within.end, true)
    } catch {
      // The line begins as JSON does, and is none.
      return false
    }
  }

  /** `GET` of a method, or of a request line. */
  findMethod (): boolean {
    if (this.find(accessValue.method)) return true
    if (!this.find(accessValue.request)) return false
    this.end = this.#before(space, this.start)
    return true
  }

  /** Without the query. */
  findPath (): boolean {
    if (!this.#findTarget()) return false
    this.end = this.#before(questionMark, this.start)
    return true
  }

  /** Without the question mark. */
  findQuery (): boolean {
    if (this.find(accessValue.query)) {
      if (this.start < this.end && this.bytes[this.start] === questionMark) this.start++
      return true
    }
    if (!this.#findTarget()) return false
    const mark = this.#before(questionMark, this.start)
    if (mark === this.end) return false
    this.start = mark + 1
    return true
  }

  /** Seconds that one of the duration's unit is; 0 where the line has no duration. */
  findDuration (): number {
    const { places, secondsOfKey } = this.#values
    const key = places.keyOf(accessValue.duration)
    return key >= 0 && this.find(accessValue.duration) ? secondsOfKey[key] ?? 0 : 0
  }

  /** As the request line has it: `/a?b=c`. */
  #findTarget (): boolean {
    if (this.find(accessValue.path)) return true
    if (!this.find(accessValue.request)) return false
    const from = this.#before(space, this.start)
    if (from === this.end) return false
    this.start = from + 1
    this.end = this.#before(space, this.start)
    return true
  }

  #before (byte: number, from: number): number {
    let index = from
    while (index < this.end && this.bytes[index] !== byte) index++
    return index
  }

  #unescaped (start: number, end: number, isJson: boolean): boolean {
    const { bytes } = this.line
    for (let index = start; index < end; index++) {
      if (bytes[index] === backslash && isJson) {
        const text = Buffer.from(JSON.parse(`"${bytes.toString('utf8', start, end)}"`) as string)
        return this.#found(text, 0, text.length)
      }
    }
    return this.#found(bytes, start, end)
  }

  #found (bytes: Buffer, start: number, end: number): boolean {
    this.bytes = bytes
    this.start = start
    this.end = end
    return true
  }
}

// Tested in test/filter/rules/rules.test.ts
