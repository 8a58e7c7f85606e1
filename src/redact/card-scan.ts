import { ascii, createByteSet } from '../bytes/ascii.ts'
import { minCardDigits, minCutDigits } from './issuers.ts'

/** What a byte may be within a card number, in whatever encoding. 0: it ends every number. */
const kind = { digit: 1, filler: 2, encoded: 4, letter: 8 } as const
const kindOf = new Uint8Array(256)
for (const [value, set] of [
  [kind.digit, createByteSet(/[0-9]/)],
  // Separators, and bytes of full-width digits, of wide spaces and of dashes in UTF-8.
  [kind.filler, createByteSet(/[ +\-\x80\x82-\x8b\x8d\x90-\x99\xa0\xaf\xb0\xbc\xbd\xc2\xe2\xe3]/)],
  // What begins an escape, or a full-width digit.
  [kind.encoded, createByteSet(/[%\\\xef]/)],
  // Of `\u`, `\x` and of hex digits, which mean something only behind an escape.
  [kind.letter, createByteSet(/[A-Fa-fux]/)],
] as const) for (const [byte, isIn] of set.entries()) if (isIn === 1) kindOf[byte] = value

/** Of a line without encoded characters. */
export const plainKindOf = kindOf.map((value, byte) =>
  value === kind.digit || (value === kind.filler && byte < 0x80) ? value : 0)

const { dot, percent } = ascii
/** Last byte of `…` in UTF-8, of which the others may be of a number. */
const ellipsisEnd = 0xa6

/**
 * Finds the next stretch of a line that may hold a card number. A number has at least thirteen bytes, so a look at
 * every thirteenth finds them all, and text without digits costs next to nothing.
 *
 * Allocates nothing. The object is used again.
 */
export class CardScan {
  /** The stretch: `[start, end)` of the bytes. */
  start = 0
  end = 0

  /** Looks from `from` on, where no number may have begun before. @returns false when there is none. */
  next (bytes: Uint8Array, from: number, end: number): boolean {
    return this.#next(bytes, from, end, kindOf)
  }

  /** As `next`, for a line without encoded characters: digits, and the separators that are ASCII. */
  nextPlain (bytes: Uint8Array, from: number, end: number): boolean {
    return this.#next(bytes, from, end, plainKindOf)
  }

  #next (bytes: Uint8Array, from: number, end: number, kinds: Uint8Array): boolean {
    let earliest = from
    let index = from + minCardDigits - 1
    while (index < end) {
      if (kinds[bytes[index] as number] === 0) {
        earliest = index + 1
        index += minCardDigits
        continue
      }
      // A run that is long enough goes on for half of that to one side at least.
      if (index + half < end && !isLongAround(bytes, index, kinds)) {
        index += minCardDigits
        continue
      }
      let start = index
      while (start > earliest && kinds[bytes[start - 1] as number] !== 0) start--
      let runEnd = index + 1
      while (runEnd < end && kinds[bytes[runEnd] as number] !== 0) runEnd++
      // Nearly all runs are too short.
      if (runEnd - start >= minCardDigits && mayHoldNumber(bytes, start, runEnd, end)) {
        this.start = start
        this.end = runEnd
        return true
      }
      earliest = runEnd
      index = runEnd + minCardDigits - 1
    }
    return false
  }
}

const half = minCardDigits >> 1

/** Whether the bytes half a number before `at` or behind it may be of the run that it is in. */
function isLongAround (bytes: Uint8Array, at: number, kinds: Uint8Array): boolean {
  return (kinds[bytes[at - half] as number] !== 0 && kinds[bytes[at - (half >> 1)] as number] !== 0) ||
    (kinds[bytes[at + half] as number] !== 0 && kinds[bytes[at + (half >> 1)] as number] !== 0)
}

/**
 * Whether a run has enough digits without a letter between them, or encoded characters, which may be digits. Of a
 * number that was cut fewer are enough.
 */
function mayHoldNumber (bytes: Uint8Array, start: number, end: number, lineEnd: number): boolean {
  let digitCount = 0
  let isLong = false
  for (let index = start; index < end; index++) {
    const each = kindOf[bytes[index] as number] as number
    if (each === kind.encoded && mayBegin(bytes, index, end)) return true
    if (each === kind.digit) isLong ||= ++digitCount >= minCardDigits
    else if (each === kind.letter) digitCount = 0
  }
  const isCut = end < lineEnd && (bytes[end] === dot || bytes[end] === ellipsisEnd)
  return isLong || (isCut && digitCount >= minCutDigits)
}

/** Of percent signs only one with something behind it begins an escape: of a long run the last. */
function mayBegin (bytes: Uint8Array, at: number, end: number): boolean {
  return bytes[at] !== percent || (at + 1 < end && bytes[at + 1] !== percent)
}

// Tested in test/redact/card-numbers.test.ts
