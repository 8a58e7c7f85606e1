import type { KeyTable } from './key-table.ts'

/**
 * The top-level keys of bytes that start like a JSON object and break its rules somewhere, as the bits of `keys`.
 *
 * Reads as Apache writes: any escape in a string, bare or missing values, raw control bytes, `""""` for an empty
 * user. Only quotes, brackets, colons and commas outside strings count. 0 when the bytes do not start with `{`.
 */
export function brokenKeyBits (keys: KeyTable, bytes: Uint8Array, start: number, end: number): number {
  let index = start
  while (index < end && (bytes[index] as number) <= 0x20) index++
  if (index >= end || bytes[index] !== 0x7b) return 0
  let bits = 0
  let depth = 0
  let isKeyNext = false
  for (; index < end; index++) {
    const byte = bytes[index] as number
    if (byte === 0x22) {
      const contentStart = index + 1
      index = closingQuote(bytes, contentStart, end)
      if (depth === 1 && isKeyNext && isBeforeColon(bytes, index + 1, end)) {
        bits |= keys.bitsOf(bytes, contentStart, index)
        if (bits === keys.allBits) return bits
      }
      isKeyNext = false
    } else if (byte === 0x7b || byte === 0x5b) {
      depth++
      isKeyNext = true
    } else if (byte === 0x7d || byte === 0x5d) {
      if (depth > 1) depth--
      isKeyNext = false
    } else if (byte === 0x2c) {
      isKeyNext = true
    }
  }
  return bits
}

/** Index of the quote that ends the string, or `end`. */
function closingQuote (bytes: Uint8Array, from: number, end: number): number {
  let index = from
  while (index < end && bytes[index] !== 0x22) index += bytes[index] === 0x5c ? 2 : 1
  return Math.min(index, end)
}

function isBeforeColon (bytes: Uint8Array, from: number, end: number): boolean {
  let index = from
  while (index < end && (bytes[index] as number) <= 0x20) index++
  return index < end && bytes[index] === 0x3a
}
