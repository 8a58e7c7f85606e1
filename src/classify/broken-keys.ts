import { ascii, quotedEnd } from '../bytes/ascii.ts'
import { skipSpace } from '../bytes/json-members.ts'
import type { KeyTable } from '../bytes/key-table.ts'

const { quote, comma, colon, openBracket, backslash, openBrace, closeBrace } = ascii

/**
 * The top-level keys of bytes that start like a JSON object and break its rules somewhere, as the bits of `keys`.
 *
 * Reads as Apache writes: any escape in a string, bare or missing values, raw control bytes, `""""` for an empty
 * user. Only quotes, braces, colons and commas outside strings count, and of those none that a client sent in a bare
 * value.
 *
 * Where another line begins within this one, torn off by a write that came between, the keys of both count: what is
 * behind the tear would be read with its quotes the wrong way round otherwise. What is left of the first may be a line
 * as well, which counts as one with every key: `la/5.0","referer":"-"}`. 0 when the bytes are none of these.
 */
export function brokenKeyBits (keys: KeyTable, bytes: Uint8Array, start: number, end: number): number {
  const opening = skipSpace(bytes, start, end)
  if (opening === end) return 0
  if (bytes[opening] !== openBrace) return isRest(bytes, opening, end) ? keys.allBits : 0
  let bits = objectKeyBits(keys, bytes, opening, end)
  const openingEnd = endOfOpening(bytes, opening, end)
  let from = bits === keys.allBits ? end : nextOpening(bytes, opening, openingEnd, end)
  while (from < end) {
    const next = nextOpening(bytes, from, from + openingEnd - opening, end)
    bits |= objectKeyBits(keys, bytes, from, next)
    from = bits === keys.allBits ? end : next
  }
  return bits
}

/** Whether the bytes are the end of an object, from anywhere in it, with one key at least. */
function isRest (bytes: Uint8Array, start: number, end: number): boolean {
  let last = end - 1
  while ((bytes[last] as number) <= 0x20) last--
  if (bytes[last] !== closeBrace || bytes[start] === quote) return false
  const firstQuote = quotedEnd(bytes, start, end)
  let at = skipSpace(bytes, firstQuote + 1, end)
  if (at < end && bytes[at] === comma) {
    at = skipSpace(bytes, at + 1, end)
  } else {
    let before = firstQuote - 1
    while (before > start && (bytes[before] as number) <= 0x20) before--
    if (firstQuote === end || bytes[before] !== comma) return false
    at = firstQuote
  }
  return at < end && bytes[at] === quote && isBeforeColon(bytes, quotedEnd(bytes, at + 1, end) + 1, end)
}

function objectKeyBits (keys: KeyTable, bytes: Uint8Array, start: number, end: number): number {
  let bits = 0
  let depth = 0
  let isKeyNext = false
  for (let index = start; index < end; index++) {
    const byte = bytes[index] as number
    if (byte === quote) {
      const contentStart = index + 1
      index = quotedEnd(bytes, contentStart, end)
      if (depth === 1 && isKeyNext && isBeforeColon(bytes, index + 1, end)) {
        bits |= keys.bitsOf(bytes, contentStart, index)
        if (bits === keys.allBits) return bits
      }
      isKeyNext = false
    } else if (byte === backslash) {
      index++
    } else if (byte === openBrace) {
      if (opensObject(bytes, index + 1, end)) depth++
      isKeyNext = true
    } else if (byte === closeBrace) {
      if (depth > 1) depth--
      isKeyNext = false
    } else if (byte === comma) {
      isKeyNext = true
    }
  }
  return bits
}

function opensObject (bytes: Uint8Array, from: number, end: number): boolean {
  const next = skipSpace(bytes, from, end)
  return next < end && (bytes[next] === quote || bytes[next] === closeBrace)
}

/** Behind the colon of the first key, or `end` when there is none. */
function endOfOpening (bytes: Uint8Array, opening: number, end: number): number {
  const keyAt = skipSpace(bytes, opening + 1, end)
  if (keyAt === end || bytes[keyAt] !== quote) return end
  const colonAt = skipSpace(bytes, Math.min(quotedEnd(bytes, keyAt + 1, end) + 1, end), end)
  return colonAt < end && bytes[colonAt] === colon ? colonAt + 1 : end
}

/**
 * Where `bytes[opening, openingEnd)` come again before `end`, not as a value or an element; else `end`. Their quotes
 * are not escaped, so no string can hold them.
 */
function nextOpening (bytes: Uint8Array, opening: number, openingEnd: number, end: number): number {
  const length = openingEnd - opening
  for (let index = openingEnd; index + length <= end; index++) {
    if (bytes[index] !== openBrace) continue
    let same = 1
    while (same < length && bytes[index + same] === bytes[opening + same]) same++
    if (same === length && !isWithin(bytes, index)) return index
  }
  return end
}

/** Whether what begins at `index` belongs there: behind a colon, at the start of an array, or behind an element. */
function isWithin (bytes: Uint8Array, index: number): boolean {
  const before = bytes[index - 1] as number
  return before === colon || before === openBracket || (before === comma && bytes[index - 2] === closeBrace)
}

function isBeforeColon (bytes: Uint8Array, from: number, end: number): boolean {
  const index = skipSpace(bytes, Math.min(from, end), end)
  return index < end && bytes[index] === colon
}
