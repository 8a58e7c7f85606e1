import { ascii, digitsEnd, hasBytes, isDigit } from './ascii.ts'

const { tab, newline, carriageReturn, space, plus, minus, dot, zero } = ascii
const words = ['true', 'false', 'null'].map(word => Buffer.from(word))

/** By byte: 1 for the letters that make an escape of two bytes with a backslash before them. */
export const isShortEscape = new Uint8Array(256)
for (const byte of Buffer.from('"\\/bfnrt')) isShortEscape[byte] = 1

export function isJsonSpace (byte: number): boolean {
  return byte === space || byte === newline || byte === carriageReturn || byte === tab
}

/** Index after the number, `true`, `false` or `null` at `from`; `from` when there is none. */
export function scalarEnd (bytes: Uint8Array, from: number, end: number): number {
  if (from >= end) return from
  const byte = bytes[from] as number
  if (byte === minus || isDigit(byte)) return numberEnd(bytes, from, end)
  for (const word of words) {
    if (byte === word[0]) return hasBytes(bytes, from, end, word) ? from + word.length : from
  }
  return from
}

function numberEnd (bytes: Uint8Array, from: number, end: number): number {
  const integer = bytes[from] === minus ? from + 1 : from
  let index = digitsEnd(bytes, integer, end)
  if (index === integer || (bytes[integer] === zero && index > integer + 1)) return from
  if (index < end && bytes[index] === dot) {
    const fraction = digitsEnd(bytes, index + 1, end)
    if (fraction === index + 1) return from
    index = fraction
  }
  if (index < end && ((bytes[index] as number) | 0x20) === 0x65) {
    const hasSign = index + 1 < end && (bytes[index + 1] === minus || bytes[index + 1] === plus)
    const exponent = index + (hasSign ? 2 : 1)
    index = digitsEnd(bytes, exponent, end)
    if (index === exponent) return from
  }
  return index
}
