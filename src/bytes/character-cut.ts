/** How many bytes a character of UTF-8 takes that begins with this byte; 1 for one that begins none. */
function lengthOf (byte: number): number {
  return byte >= 0xf8 ? 1 : byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
}

/**
 * How many bytes at the end of `bytes[start, end)` are the beginning of a character that is not whole there: 0 to 3. A
 * cut before them is one between characters.
 */
export function unfinishedBytes (bytes: Uint8Array, start: number, end: number): number {
  for (let count = 1; count <= 3 && end - count >= start; count++) {
    const byte = bytes[end - count] as number
    // Bytes within a character, of which its first is further in front.
    if (byte >= 0x80 && byte < 0xc0) continue
    return lengthOf(byte) > count ? count : 0
  }
  return 0
}
