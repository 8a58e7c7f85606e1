/**
 * Length in bytes of the UTF-8 sequence at `index`, 0 when the bytes there are not one: overlong, a surrogate, over
 * U+10FFFF, cut off at `end`, or a stray continuation. Never reads at or after `end`.
 *
 * Source: https://www.unicode.org/versions/Unicode16.0.0/core-spec/chapter-3/#G27506 (table 3-7)
 */
export function utf8Length (bytes: Uint8Array, index: number, end: number): number {
  const lead = bytes[index] as number
  if (lead < 0x80) return 1
  if (lead < 0xc2 || lead > 0xf4 || index + 1 >= end) return 0
  const second = bytes[index + 1] as number
  if (lead < 0xe0) return isContinuation(second) ? 2 : 0
  if (index + 2 >= end || !isContinuation(bytes[index + 2] as number)) return 0
  if (lead < 0xf0) {
    const least = lead === 0xe0 ? 0xa0 : 0x80
    const most = lead === 0xed ? 0x9f : 0xbf
    return second >= least && second <= most ? 3 : 0
  }
  if (index + 3 >= end || !isContinuation(bytes[index + 3] as number)) return 0
  const least = lead === 0xf0 ? 0x90 : 0x80
  const most = lead === 0xf4 ? 0x8f : 0xbf
  return second >= least && second <= most ? 4 : 0
}

function isContinuation (byte: number): boolean {
  return (byte & 0xc0) === 0x80
}
