import { ascii, createByteSet } from '../bytes/ascii.ts'

const { openBrace } = ascii

/** What a byte is: a digit; what makes digits behind it part of a word; 0 for anything else. */
const kindOf = createByteSet(/[A-Za-z_\\"]/).map(isOfWord => isOfWord * 2)
const digit = 1
kindOf.fill(digit, 0x30, 0x3a)

/** A longer record is read in full each time: it is a trace, and rare. */
const maxBytes = 4_096

/**
 * A number of 52 bits that is equal for lines that differ only in their numbers, so that what the first one tells can
 * be used for all. Digits count where they belong to a word (`AH00161`) or stand behind a quote. -1: no such number,
 * since the line is long, or JSON, where a number may be the level.
 */
export function shapeOfError (bytes: Uint8Array, start: number, end: number): number {
  if (end - start > maxBytes || bytes[start] === openBrace) return -1
  const kinds = kindOf
  let one = 0x811c9dc5 | 0
  let two = 0x9747b28c | 0
  let before = 0
  let index = start
  while (index < end) {
    let byte = bytes[index++] as number
    const kind = kinds[byte] as number
    if (kind === digit && before === 0) {
      byte = 0x30
      while (index < end && kinds[bytes[index] as number] === digit) index++
    }
    before = kind
    // Two sums of 32 bits, each by a product: neither waits for the other.
    one = Math.imul(one ^ byte, 0x01000193)
    two = (Math.imul(two, 0x5bd1e995) + byte) | 0
  }
  return (one >>> 0) * 0x100000 + ((two >>> 0) & 0xfffff)
}
