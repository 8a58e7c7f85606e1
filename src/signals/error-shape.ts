import { ascii, isDigit, isLetter } from '../bytes/ascii.ts'

const { backslash, underscore, quote, openBrace } = ascii

/** A longer record is read in full each time: it is a trace, and rare. */
const maxBytes = 4_096

/**
 * A number of 52 bits that is equal for lines that differ only in their numbers, so that what the first one tells can
 * be used for all. Digits count where they belong to a word (`AH00161`) or stand behind a quote. -1: no such number,
 * since the line is long, or JSON, where a number may be the level.
 */
export function shapeOfError (bytes: Uint8Array, start: number, end: number): number {
  if (end - start > maxBytes || bytes[start] === openBrace) return -1
  let one = 0x811c9dc5
  let two = 0x9747b28c
  let before = 0
  let isNumber = false
  for (let index = start; index < end; index++) {
    let byte = bytes[index] as number
    if (isDigit(byte)) {
      if (isNumber) continue
      if (!isLetter(before) && before !== underscore && before !== backslash && before !== quote && !isDigit(before)) {
        isNumber = true
        byte = 0x30
      }
    } else {
      isNumber = false
    }
    before = byte
    one = Math.imul(one ^ byte, 0x01000193)
    two = Math.imul(two ^ byte, 0x5bd1e995) ^ (two >>> 15)
  }
  return (one >>> 0) * 0x100000 + ((two >>> 0) & 0xfffff)
}
