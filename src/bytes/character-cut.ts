/** Longest end that is taken for a number, bytes: a card number with two separators between all digits is shorter. */
const maxNumberBytes = 64

/** How many bytes a character of UTF-8 takes that begins with this byte; 1 for one that begins none. */
function lengthOf (byte: number): number {
  return byte >= 0xf8 ? 1 : byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
}

/**
 * How many bytes at the end of `bytes[start, end)` a line that is cut there leaves for its next part: the beginning of
 * a character that is not whole (1 to 3), or a number, which may go on behind the end. Redaction looks at each part by
 * itself, and would not know a card number by its halves. 0 to 64; of a number at most half of what is given.
 */
export function unfinishedBytes (bytes: Uint8Array, start: number, end: number): number {
  const ofCharacter = unfinishedCharacterBytes(bytes, start, end)
  return ofCharacter > 0 ? ofCharacter : numberBytes(bytes, start, end)
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

/** Digits, and the spaces, hyphens and pluses that may stand between them. */
function numberBytes (bytes: Uint8Array, start: number, end: number): number {
  const least = Math.max(end - ((end - start) >> 1), end - maxNumberBytes)
  let numberStart = end
  for (let at = end - 1; at >= least; at--) {
    const byte = bytes[at] as number
    if (byte >= 0x30 && byte <= 0x39) numberStart = at
    else if (byte !== 0x20 && byte !== 0x2b && byte !== 0x2d) break
  }
  return end - numberStart
}
