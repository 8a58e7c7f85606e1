import { ascii } from '../bytes/ascii.ts'
import { digitOf, isAlphanumeric, isSeparator, isBehindWord, isShielded, isSpacedDash } from './card-chars.ts'
import { CardScan } from './card-scan.ts'
import { isCutAt } from './cut-text.ts'
import { EncodedChar } from './encoded-char.ts'
import { columnEdge } from './fpm-columns.ts'
import { IdShapes } from './id-shapes.ts'
import { cardLength, endMark, maxCardDigits, mayGoOn, minCardDigits, noteDigit } from './issuers.ts'
import { literalStart } from './literal-numbers.ts'
import { isChipSeparator, isTrackFormat, trackEnd } from './track-data.ts'

const { backslash, dot, percent } = ascii
const capitalB = 0x42

/** More in a row separate two numbers. */
const maxSeparators = 2

/** Digits of a run that are looked at together; of a longer run the last ones are looked at again with what follows. */
const maxDigits = 256
/** One more than is needed, so that digits move by an even number of places, as the sums of digits want it. */
const keptDigits = maxCardDigits + 1

/** What stays of a number. Source: PCI DSS 4.0.1, requirement 3.4.1 */
const shownFirst = 6
const shownLast = 4

/** What is known of a digit. */
const mark = {
  /** A number may begin with it: a separator is before it, or nothing that belongs to it. */
  start: 1,
  /** A number may end with it. */
  end: endMark,
  hidden: 4,
} as const

/** Says of a number that begins at `at` that it is none, since it is in the value of an id. */
export type IsOfId = (bytes: Uint8Array, lineStart: number, at: number) => boolean

/**
 * Finds card numbers in a line: an issuer's first digits, a length of that issuer, a right check digit, in any encoding
 * that `EncodedChar` reads, spaces and dashes between the digits allowed. Says which bytes are to be hidden: all digits
 * but the first six and the last four; of a track of the magnetic stripe everything.
 *
 * Where several numbers can be read from one run of digits, what any of them hides is hidden: one is the card's.
 *
 * Of a number that its writer has cut, as PHP does in traces, only the first six digits stay.
 *
 * No number is found inside a longer run of letters or digits, behind a decimal point, or in a UUID or a trace id.
 * Takes time in proportion to the line. Allocates nothing; the object is used again.
 */
export class CardNumbers {
  /** Numbers found in the line so far; those of tracks are counted apart. */
  numberCount = 0
  trackCount = 0
  /** Stretches to hide that the last call of `next` has found, in order. */
  spanCount = 0
  readonly spanStarts = new Int32Array(maxDigits + 1)
  readonly spanEnds = new Int32Array(maxDigits + 1)
  /** The last of the stretches is a track. */
  isTrack = false

  readonly #isOfId: IsOfId
  readonly #ids = new IdShapes()
  readonly #scan = new CardScan()
  readonly #char = new EncodedChar()
  #bytes: Uint8Array = new Uint8Array(0)
  #lineStart = 0
  #end = 0
  /** Where reading goes on, and where the run that it is in ends. */
  #at = 0
  #runEnd = 0

  readonly #digits = new Uint8Array(maxDigits)
  readonly #sums = { even: new Uint8Array(maxDigits + 1), odd: new Uint8Array(maxDigits + 1) }
  readonly #starts = new Int32Array(maxDigits)
  readonly #ends = new Int32Array(maxDigits)
  /** Bits of `mark`. */
  readonly #marks = new Uint8Array(maxDigits)
  #count = 0
  /** Index of the digit behind the last number, and of the one up to which digits are marked as hidden or shown. */
  #numberEnd = 0
  #markedTo = 0
  #mayStart = true
  #separatorCount = 0

  constructor (isOfId: IsOfId = () => false) {
    this.#isOfId = isOfId
  }

  /** Goes to a line: `bytes[start, end)`. */
  begin (bytes: Uint8Array, start: number, end: number): void {
    this.#bytes = bytes
    this.#lineStart = start
    this.#end = end
    this.#at = this.#runEnd = start
    this.numberCount = this.trackCount = 0
    this.#ids.begin()
    this.#forget()
  }

  /** Finds the next stretches to hide. @returns false when there are no more */
  next (): boolean {
    this.spanCount = 0
    this.isTrack = false
    while (this.spanCount === 0) {
      if (this.#at >= this.#runEnd) {
        if (!this.#scan.next(this.#bytes, this.#at, this.#end)) return false
        this.#at = this.#scan.start
        this.#runEnd = this.#scan.end
        this.#forget()
        this.#mayStart = !isShielded(this.#bytes, this.#lineStart, this.#at)
      }
      const isFull = this.#readDigits()
      const searchTo = isFull ? maxDigits - keptDigits : this.#count
      if (this.#search(searchTo)) return true
      this.#emit(searchTo)
      if (isFull) this.#keepLast(searchTo)
      else this.#forget()
    }
    return true
  }

  #forget (): void {
    this.#count = this.#numberEnd = this.#markedTo = this.#separatorCount = 0
    this.#sums.even[0] = this.#sums.odd[0] = 0
  }

  /**
   * Reads digits until something that is part of no number.
   *
   * @returns true when there is no more room, and the number may go on
   */
  #readDigits (): boolean {
    // Fields are read and written once: a line may be nothing but digits.
    const char = this.#char
    const bytes = this.#bytes
    const end = this.#end
    const runEnd = this.#runEnd
    const digits = this.#digits
    const sums = this.#sums
    const starts = this.#starts
    const ends = this.#ends
    const marks = this.#marks
    let index = this.#at
    let count = this.#count
    let separatorCount = this.#separatorCount
    let startMark = this.#mayStart ? mark.start : 0
    let isFull = false
    while (index < runEnd) {
      const byte = bytes[index] as number
      // Most digits and separators are written as themselves.
      let code = byte
      let next = index + 1
      if (byte >= 0x80 || byte === percent || byte === backslash) {
        const literal = byte === percent ? literalStart(bytes, index, end) : -1
        if (literal >= 0) {
          next = literal
        } else {
          char.read(bytes, index, end)
          code = char.code
          next = char.end
        }
      }
      const digit = digitOf(code)
      if (digit >= 0) {
        if (count === maxDigits) {
          isFull = true
          break
        }
        digits[count] = digit
        noteDigit(sums, count, digit)
        starts[count] = index
        ends[count] = index = next
        marks[count++] = startMark
        startMark = separatorCount = 0
        continue
      }
      const isFormat = byte === capitalB
        ? isTrackFormat(bytes, this.#lineStart, index, end)
        : separatorCount === 0 && count > 0 && isChipSeparator(bytes, index, end)
      const isWord = isAlphanumeric(code) && !isFormat && !isBehindWord(bytes, this.#lineStart, index)
      index = next
      startMark = isWord || (code === dot && count > 0 && separatorCount === 0) ? 0 : mark.start
      if (count === 0) break
      if (separatorCount === 0 && !isWord) marks[count - 1] = (marks[count - 1] as number) | mark.end
      if (!isSeparator(code)) break
      if (++separatorCount <= maxSeparators) continue
      if (separatorCount > 3 || !isSpacedDash(bytes, this.#lineStart, next)) break
    }
    const isAtEnd = !isFull && count > 0 && index >= runEnd && ends[count - 1] === index
    // The run ended at a byte that is part of no number: only a letter makes this one longer.
    if (isAtEnd && (index >= end || !isAlphanumeric(bytes[index] as number))) {
      marks[count - 1] = (marks[count - 1] as number) | mark.end
    }
    this.#at = index
    this.#count = count
    this.#separatorCount = separatorCount
    this.#mayStart = startMark !== 0
    return isFull
  }

  /** Marks what is to be hidden of numbers that begin before digit `to`. @returns true when one is that of a track */
  #search (to: number): boolean {
    const marks = this.#marks
    for (let first = 0; first < to; first++) {
      if (((marks[first] as number) & mark.start) === 0) continue
      let length = cardLength(this.#digits, this.#sums, first, this.#count, marks)
      // Digits of an id that follows may make a longer one of it.
      while (length > 0 && this.#isInId(first + length - 1)) {
        length = cardLength(this.#digits, this.#sums, first, first + length - 1, marks)
      }
      // A column of php-fpm's that stands beside others is a number of its own.
      while (length > 0) {
        const edge = columnEdge(this.#bytes, this.#lineStart, this.#starts, this.#ends, first, first + length)
        if (edge === first + length) break
        length = cardLength(this.#digits, this.#sums, first, edge, marks)
      }
      const isCut = length === 0
      if (isCut) length = this.#cutLength(first)
      if (length === 0 || this.#isNone(first)) continue
      const numberEnd = first + length
      const end = trackEnd(this.#bytes, this.#ends[numberEnd - 1] as number, this.#end)
      if (end >= 0) {
        this.#emit(first)
        this.#add(this.#starts[first] as number, end)
        this.isTrack = true
        this.trackCount++
        this.#at = this.#runEnd = end
        return true
      }
      if (first >= this.#numberEnd) this.numberCount++
      this.#numberEnd = Math.max(this.#numberEnd, numberEnd)
      // Numbers are found in the order in which they begin, so what an earlier one hides is hidden up to its end.
      const hiddenEnd = isCut ? numberEnd : numberEnd - shownLast
      for (let index = Math.max(first + shownFirst, this.#markedTo); index < hiddenEnd; index++) {
        marks[index] = (marks[index] as number) | mark.hidden
      }
      this.#markedTo = Math.max(this.#markedTo, hiddenEnd)
    }
    return false
  }

  #isInId (index: number): boolean {
    return this.#ids.has(this.#bytes, this.#lineStart, this.#starts[index] as number, this.#end)
  }

  /**
   * Of digits that begin as a number does, and of which the writer has left out the rest: `'411111111111111...'`. Of
   * sixteen in groups, as people type them, twelve are there: `'4111 1111 1111 ...'`.
   */
  #cutLength (first: number): number {
    const count = this.#count
    const length = count - first
    if (!mayGoOn(this.#digits, first, length)) return 0
    const at = this.#ends[count - 1] as number
    const isShort = length < minCardDigits
    // Twelve digits in one piece are shown.
    if (isShort && at - (this.#starts[first] as number) === length) return 0
    return isCutAt(this.#bytes, at, this.#end, isShort) && !this.#isInId(count - 1) ? length : 0
  }

  #isNone (first: number): boolean {
    const bytes = this.#bytes
    const lineStart = this.#lineStart
    // What begins within a number that is none of an id does not begin in an id: that is longer than any number.
    if (first < this.#numberEnd) return false
    const start = this.#starts[first] as number
    return this.#ids.has(bytes, lineStart, start, this.#end) || this.#isOfId(bytes, lineStart, start)
  }

  #emit (to: number): void {
    for (let index = 0; index < to; index++) {
      if (((this.#marks[index] as number) & mark.hidden) === 0) continue
      this.#add(this.#starts[index] as number, this.#ends[index] as number)
    }
  }

  #add (start: number, end: number): void {
    this.spanStarts[this.spanCount] = start
    this.spanEnds[this.spanCount++] = end
  }

  /** Makes room: the digits from `from` on, of which numbers are still to be found, become the first. */
  #keepLast (from: number): void {
    for (const each of [this.#digits, this.#starts, this.#ends, this.#marks]) {
      each.copyWithin(0, from, this.#count)
    }
    for (const each of [this.#sums.even, this.#sums.odd]) each.copyWithin(0, from, this.#count + 1)
    this.#count -= from
    this.#numberEnd -= from
    this.#markedTo -= from
  }
}
