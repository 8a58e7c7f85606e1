import { createByteSet } from './ascii.ts'

/** Longest end that is left, bytes: a card number with two separators between all digits is shorter, and most words. */
const maxLeftBytes = 256
/** What stands between words, also of JSON and of code; of a query, which is one word, nothing. */
const isBetweenWords = createByteSet(/[\0- "',()<>[\]{}]/)
/**
 * What a number may be written with: digits and what stands between them, also full-width, and either as `%34`, `\x34`,
 * `\u0034`.
 */
const isOfNumber = createByteSet(/[0-9A-Fa-fux%\\ +=^\x80\x82-\x8b\x8d\x90-\x99\xa0\xaf\xb0\xbc\xbd\xc2\xe2\xe3\xef-]/)
/** Of these those that a digit begins with. */
const mayBeginDigit = createByteSet(/[0-9%\\\xef]/)

/** How many bytes a character of UTF-8 takes that begins with this byte; 1 for one that begins none. */
function lengthOf (byte: number): number {
  return byte >= 0xf8 ? 1 : byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
}

/**
 * How many bytes at the end of `bytes[start, end)` a line that is cut there leaves for its next part: the beginning of
 * a character that is not whole, or a word or a number, which may go on behind the end. Redaction would not know a card
 * number, or a key, by its halves. 0 to 256; but for a character at most half of what is given.
 */
export function unfinishedBytes (bytes: Uint8Array, start: number, end: number): number {
  const ofCharacter = unfinishedCharacterBytes(bytes, start, end)
  const least = Math.max(end - ((end - start) >> 1), end - maxLeftBytes)
  let index = end - ofCharacter
  while (index > least && isBetweenWords[bytes[index - 1] as number] === 0) index--
  // Of a word without a beginning only what may be a number is left.
  if (index === least) index = end - ofCharacter
  return Math.max(ofCharacter, end - numberStart(bytes, least, index))
}

function unfinishedCharacterBytes (bytes: Uint8Array, start: number, end: number): number {
  for (let count = 1; count <= 3 && end - count >= start; count++) {
    const byte = bytes[end - count] as number
    // Bytes within a character, of which its first is further in front.
    if (byte >= 0x80 && byte < 0xc0) continue
    return lengthOf(byte) > count ? count : 0
  }
  return 0
}

/** Where a number begins that ends at `end`, or `end`. */
function numberStart (bytes: Uint8Array, least: number, end: number): number {
  let start = end
  for (let at = end - 1; at >= least && isOfNumber[bytes[at] as number] === 1; at--) {
    if (mayBeginDigit[bytes[at] as number] === 1) start = at
  }
  return start
}
