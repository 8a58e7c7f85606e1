import { hexAt, isDigit, isLetter } from '../bytes/ascii.ts'
import { cardLength, endMark, maxCardDigits, minCardDigits, noteDigit } from './issuers.ts'

/** Between two digits, of the spaces and dashes that may stand there. */
const maxSeparators = 2

const digits = new Uint8Array(maxCardDigits)
const marks = new Uint8Array(maxCardDigits)
const sums = { even: new Uint8Array(maxCardDigits + 1), odd: new Uint8Array(maxCardDigits + 1) }

/**
 * Where a card number begins that has a percent sign before it which encodes nothing, as in SQL's `LIKE '%4111…%'`:
 * `%41` would be a letter, and what follows no number. The percent sign may be encoded itself: `%254111…`. -1: there is
 * none.
 *
 * @param at of the percent sign
 */
export function literalStart (bytes: Uint8Array, at: number, end: number): number {
  const from = at + 1
  if (from + minCardDigits > end || !isDigit(bytes[from] as number) || !isDigit(bytes[from + 1] as number)) return -1
  if (isNumber(bytes, from, end)) return isEncodedBefore(bytes, from, end) ? -1 : from
  let index = from
  while (index + 1 < end && bytes[index] === 0x32 && bytes[index + 1] === 0x35) index += 2
  return index > from && isNumber(bytes, index, end) ? index : -1
}

/** Whether `%2520` or its like stands before a number: with some of its digits that may be another number. */
function isEncodedBefore (bytes: Uint8Array, from: number, end: number): boolean {
  let index = from
  while (index + 1 < end && bytes[index] === 0x32 && bytes[index + 1] === 0x35) index += 2
  return hexAt(bytes, index, end) >= 0 && isNumber(bytes, index + 2, end)
}

/** Whether digits that stand for themselves are a number. Looks at few bytes, none behind the next percent sign. */
function isNumber (bytes: Uint8Array, from: number, end: number): boolean {
  let count = 0
  let separators = 0
  let index = from
  for (; index < end; index++) {
    const byte = bytes[index] as number
    if (isDigit(byte)) {
      if (count === maxCardDigits) break
      noteDigit(sums, count, byte - 0x30)
      marks[count] = 0
      digits[count++] = byte - 0x30
      separators = 0
    } else {
      if (count === 0 || !isSeparator(byte) || ++separators > maxSeparators) break
      marks[count - 1] = endMark
    }
  }
  if (count < minCardDigits) return false
  const isWithinWord = index < end && (isDigit(bytes[index] as number) || isLetter(bytes[index] as number))
  if (separators === 0 && !isWithinWord) marks[count - 1] = endMark
  return cardLength(digits, sums, 0, count, marks) > 0
}

function isSeparator (byte: number): boolean {
  return byte === 0x20 || byte === 0x2b || byte === 0x2d
}

// Tested in test/redact/literal-numbers.test.ts
