import { ascii, isDigit } from '../bytes/ascii.ts'

const { dot, zero } = ascii

/** The status `bytes[start, end)`, 100 to 599; 0 where it is none. */
export function statusAt (bytes: Uint8Array, start: number, end: number): number {
  if (start < 0 || end - start !== 3) return 0
  const hundreds = (bytes[start] as number) - zero
  const tens = (bytes[start + 1] as number) - zero
  const ones = (bytes[start + 2] as number) - zero
  const isStatus = hundreds >= 1 && hundreds <= 5 && tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9
  return isStatus ? hundreds * 100 + tens * 10 + ones : 0
}

/** The number that is all of `bytes[start, end)`, digits with or without a fraction; -1 where it is none. */
export function numberAt (bytes: Uint8Array, start: number, end: number): number {
  if (start < 0 || end - start > 20) return -1
  let value = 0
  let dotAt = -1
  for (let index = start; index < end; index++) {
    const byte = bytes[index] as number
    if (isDigit(byte)) value = value * 10 + byte - zero
    else if (byte === dot && dotAt < 0 && index > start && index < end - 1) dotAt = index
    else return -1
  }
  return start === end ? -1 : dotAt < 0 ? value : value / 10 ** (end - dotAt - 1)
}
