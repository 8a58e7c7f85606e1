import { ascii, hexValues, isDigit } from '../bytes/ascii.ts'
import { colourStart } from './colours.ts'
import { EncodedBack, isEscapedSpace } from './encoded-back.ts'

const { dot, space, plus } = ascii
const back = new EncodedBack()
const fullWidthZero = 0xff10

/** Characters that may stand between the digits of a number: spaces, `+` of a query, and what people type as a dash. */
const wideSeparators = new Set([
  0xa0, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006, 0x2007, 0x2008, 0x2009, 0x200a, 0x200b, 0x2010, 0x2011, 0x2012, 0x2013,
  0x2014, 0x2015, 0x202f, 0x2212, 0x2500, 0x3000, 0x30fc, 0xff0d, 0xff70,
])

/** Whether the character may stand between two digits of a number. */
export function isSeparator (code: number): boolean {
  return code === 0x20 || code === 0x2b || code === 0x2d || (code >= 0x80 && wideSeparators.has(code))
}

/** Value of a digit, of ASCII or full-width; -1: it is none. */
export function digitOf (code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  return code >= fullWidthZero && code <= fullWidthZero + 9 ? code - fullWidthZero : -1
}

/** Whether ` - ` ends at `end`, as people type it, in any encoding. */
export function isSpacedDash (bytes: Uint8Array, lineStart: number, end: number): boolean {
  let index = end
  for (const isDash of [false, true, false]) {
    if (index <= lineStart) return false
    back.read(bytes, lineStart, index)
    const { code, start } = back
    if (isDash ? code === space || code === plus || !isSeparator(code) : code !== space && code !== plus) return false
    index = start
  }
  return true
}

/** Letters and digits of ASCII, and the full-width ones. */
export function isAlphanumeric (code: number): boolean {
  if (code >= 0xff10 && code <= 0xff5a) return isAlphanumeric(code - 0xfee0)
  const letter = code | 0x20
  return (letter >= 0x61 && letter <= 0x7a) || (code >= 0x30 && code <= 0x39)
}

/** Whether what stands before `at` is part of a longer word or number: a letter, a digit, or digits and a point. */
export function isShielded (bytes: Uint8Array, lineStart: number, at: number): boolean {
  if (at <= lineStart) return false
  const before = bytes[at - 1] as number
  if (isAlphanumeric(before)) return !isBehindWord(bytes, lineStart, at - 1) && colourStart(bytes, lineStart, at) < 0
  return before === dot && at - 1 > lineStart && isDigit(bytes[at - 2] as number)
}

/** Bytes of one byte, raw or as `%83`, `\\x83`, `%2583`; a character of UTF-8 has other lengths, encoded or not. */
const byteLengths = new Set([1, 3, 4, 5])

/** Whether the letter at `at` is of no word with what follows: that of `\\n`, or the end of a character. */
export function isBehindWord (bytes: Uint8Array, lineStart: number, at: number): boolean {
  return isEscapedSpace(bytes, lineStart, at) || isTrail(bytes, lineStart, at)
}

/** Whether the letter at `at` is the second byte of a character of Shift_JIS: of `カード` the last is an `h`. */
function isTrail (bytes: Uint8Array, lineStart: number, at: number): boolean {
  if (at <= lineStart) return false
  const before = bytes[at - 1] as number
  if (before < 0x80 && hexValues[before] === 16) return false
  back.read(bytes, lineStart, at)
  const { code, start } = back
  return ((code >= 0x81 && code <= 0x9f) || (code >= 0xe0 && code <= 0xfc)) && byteLengths.has(at - start)
}

// Tested in test/redact/card-numbers.test.ts
