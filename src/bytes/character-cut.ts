import { ascii, isDigit } from './ascii.ts'

const { minus, space } = ascii

/** How many bytes a character of UTF-8 takes that begins with this byte; 1 for one that begins none. */
function lengthOf (byte: number): number {
  return byte >= 0xf8 ? 1 : byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
}

/** Longer than the number of a card with separators: longer runs of digits are cut anywhere. */
const maxNumberBytes = 64

/**
 * How many bytes at the end of `bytes[start, end)` belong to what follows: the beginning of a character that is not
 * whole there, or a number, so that no part of a line holds half of a card's, which nobody would redact.
 */
export function unfinishedBytes (bytes: Uint8Array, start: number, end: number): number {
  const ofCharacter = unfinishedOfCharacter(bytes, start, end)
  if (ofCharacter > 0) return ofCharacter
  let at = end
  while (at > start && end - at <= maxNumberBytes && isOfNumber(bytes[at - 1] as number)) at--
  return end - at > maxNumberBytes ? 0 : end - at
}

function isOfNumber (byte: number): boolean {
  return isDigit(byte) || byte === minus || byte === space
}

function unfinishedOfCharacter (bytes: Uint8Array, start: number, end: number): number {
  for (let count = 1; count <= 3 && end - count >= start; count++) {
    const byte = bytes[end - count] as number
    // Bytes within a character, of which its first is further in front.
    if (byte >= 0x80 && byte < 0xc0) continue
    return lengthOf(byte) > count ? count : 0
  }
  return 0
}
