import { ascii, hexValues } from './ascii.ts'
import { isShortEscape, scalarEnd } from './json-tokens.ts'
import { hint, type HintWatch } from '../contracts/hints.ts'
import type { Places } from '../contracts/places.ts'
import { KeyMemo } from './key-memo.ts'
import type { KeyTable } from './key-table.ts'
import { mayLeadDigit, noteEscape, noteParenthesis, notePercent, noteSeparator, noteToken } from './hint-notes.ts'
import { utf8Length } from './utf8.ts'

const { newline, space, quote, comma, colon, backslash } = ascii
const { openBracket, closeBracket, openBrace, closeBrace, equals, greater, percent, openParenthesis } = ascii

/** The verdict on bytes that are not one JSON object. */
export const notAnObject = -1

/** Set in the verdict on an object that has a raw newline between its tokens: valid, but not one line. */
export const hasNewline = 1 << 30

/**
 * Checks in one pass whether `bytes[start, end)` is one JSON object, and notices which top-level keys it has.
 *
 * Strict as RFC 8259, UTF-8 included; a nesting deeper than `maxDepth` counts as invalid. Surrogates that `\u` leaves
 * alone and repeated keys are valid there, so they are here. Allocates nothing.
 *
 * @returns `notAnObject`, or the bits of the key groups that are present, with `hasNewline` where there is one
 */
export type JsonWalker = (bytes: Uint8Array, start: number, end: number) => number

export interface JsonWalkerOptions {
  readonly keys: KeyTable
  readonly maxDepth?: number
  /**
   * Takes the places of the values of keys that have a slot: of text what stands between its quotes, of numbers and
   * words all of it; of arrays and objects nothing. Of a repeated key the last value counts, as everywhere in JSON.
   * They mean nothing when the bytes are not one object.
   */
  readonly places?: Places | undefined
  /** Is told of what redaction looks for. */
  readonly watch?: HintWatch | undefined
}

/**
 * How this never reads past the line, without comparing an index for every byte: the last byte that is not white space
 * must be `}`, and no token runs over a `}`. Strings do, so there it is one of the bytes that stop the loop.
 */
export function createJsonWalker ({ keys, maxDepth = 128, places, watch }: JsonWalkerOptions): JsonWalker {
  const hasPlaces = places !== undefined
  const stops = watch === undefined ? plainStops : watchedStops
  const { bits: keyBits, slots } = keys
  const memo = new KeyMemo()
  // 1 where the container that is open at this depth is an object, 0 where it is an array.
  const isObjectAt = new Uint8Array(maxDepth + 1)
  // Kept here instead of being handed around: white space between tokens is rare, newlines there are rarer.
  let newlineBits = 0

  function spaceEnd (bytes: Uint8Array, from: number, end: number): number {
    let index = from
    for (; index < end; index++) {
      const byte = bytes[index]
      if (byte === newline) newlineBits = hasNewline
      else if (byte !== space && byte !== 0x0d && byte !== 0x09) break
    }
    return index
  }

  return (bytes, start, end) => {
    newlineBits = 0
    let last = end - 1
    while (last > start && (bytes[last] as number) <= space) last--
    let index = spaceEnd(bytes, start, last)
    if (index >= last || bytes[index] !== openBrace || bytes[last] !== closeBrace) return notAnObject
    if (spaceEnd(bytes, last + 1, end) !== end) return notAnObject

    if (hasPlaces) places.clear()
    if (watch !== undefined) watch.hints = 0
    let bits = 0
    let key = -1
    let slot = -1
    let depth = 1
    let place = 0
    let inObject = true
    let isEmpty = true
    isObjectAt[1] = 1
    index++
    while (index <= last) {
      let byte = bytes[index] as number
      if (byte <= space) byte = bytes[index = spaceEnd(bytes, index, last)] as number
      if (!isEmpty || byte !== (inObject ? closeBrace : closeBracket)) {
        if (inObject) {
          if (byte !== quote) return notAnObject
          const keyStart = index + 1
          let keyEnd = depth === 1 ? memo.endOf(bytes, keyStart, last, place) : -1
          const isKnown = keyEnd >= 0
          let isPlain = false
          if (isKnown) {
            key = memo.notes[place++] as number
          } else {
            keyEnd = keyStart
            while (stops[bytes[keyEnd] as number] === 0) keyEnd++
            isPlain = bytes[keyEnd] === quote
            if (!isPlain) keyEnd = stringEnd(bytes, keyEnd, last, stops, start, watch)
            if (keyEnd < 0) return notAnObject
            key = depth === 1 ? keys.find(bytes, keyStart, keyEnd) : -1
          }
          slot = -1
          if (key >= 0) {
            bits |= keyBits[key] as number
            slot = slots[key] as number
          }
          byte = bytes[index = keyEnd + 1] as number
          if (byte <= space) byte = bytes[index = spaceEnd(bytes, index, last)] as number
          if (byte !== colon) return notAnObject
          if (!isKnown) {
            if (watch !== undefined && noteSeparator(watch, bytes, start, index)) isPlain = false
            if (depth === 1) {
              if (isPlain) memo.learn(bytes, keyStart, keyEnd, place, key)
              place++
            }
          }
          byte = bytes[++index] as number
          if (byte <= space) byte = bytes[index = spaceEnd(bytes, index, last)] as number
        }
        if (byte === quote) {
          const textStart = index + 1
          let textEnd = plainEnd(bytes, textStart, stops)
          if (bytes[textEnd] !== quote) textEnd = stringEnd(bytes, textEnd, last, stops, start, watch)
          index = textEnd + 1
          if (index === 0) return notAnObject
          if (slot >= 0 && depth === 1) places?.set(slot, textStart, index - 1, key)
        } else if (byte === openBrace || byte === openBracket) {
          if (depth === maxDepth) return notAnObject
          if (slot >= 0 && depth === 1) places?.set(slot, -1, -1, key)
          inObject = byte === openBrace
          isObjectAt[++depth] = inObject ? 1 : 0
          isEmpty = true
          index++
          continue
        } else {
          const valueEnd = scalarEnd(bytes, index, last)
          if (valueEnd === index) return notAnObject
          if (slot >= 0 && depth === 1) places?.set(slot, index, valueEnd, key)
          index = valueEnd
        }
      }
      isEmpty = false
      // A value has ended: close every container that ends here, up to the next comma.
      for (; index <= last; index++) {
        byte = bytes[index] as number
        if (byte <= space) byte = bytes[index = spaceEnd(bytes, index, last)] as number
        if (byte === comma) break
        if (byte !== (inObject ? closeBrace : closeBracket)) return notAnObject
        depth--
        if (index === last) return depth === 0 ? bits | newlineBits : notAnObject
        if (depth === 0) return notAnObject
        inObject = isObjectAt[depth] === 1
      }
      index++
    }
    return notAnObject
  }
}

/** First byte of full-width characters, `：` and `＝` among them. */
const fullWidth = 0xef

/** 1 for the bytes of a string that need a look. */
const plainStops = new Uint8Array(256)
plainStops.fill(1, 0, space)
plainStops.fill(1, 0x80)
for (const byte of [quote, backslash, closeBrace]) plainStops[byte] = 1
/** With the bytes that separate a key from its value. */
const watchedStops = Uint8Array.from(plainStops)
for (const byte of [equals, colon, greater, percent, openParenthesis]) watchedStops[byte] = 1
/** `B` of `Bearer` and `Basic`, `J` of `eyJ`, `@` behind a password. */
const showsToken = new Uint8Array(256)
for (const byte of [0x40, 0x42, 0x4a]) showsToken[byte] = watchedStops[byte] = 1

/** Index of the quote that closes the string whose content starts at `from`; -1 when it is not a legal string. */
function stringEnd (
  bytes: Uint8Array, from: number, last: number, stops: Uint8Array, lineStart: number, watch: HintWatch | undefined
): number {
  let index = from
  while (index <= last) {
    index = plainEnd(bytes, index, stops)
    const byte = bytes[index] as number
    if (byte === quote) return index
    if (byte === closeBrace) {
      if (index === last) return -1
      index++
      continue
    }
    if (watch !== undefined) {
      if (byte === equals || byte === colon || byte === greater) {
        noteSeparator(watch, bytes, lineStart, index++)
        continue
      }
      if (showsToken[byte] === 1) {
        noteToken(watch, bytes, lineStart, index++)
        continue
      }
      if (byte === openParenthesis) {
        noteParenthesis(watch, bytes, lineStart, index++)
        continue
      }
      if (byte === percent) {
        notePercent(watch, bytes, lineStart, index++)
        continue
      }
      if (byte === backslash) noteEscape(watch, bytes, lineStart, index)
      if (mayLeadDigit[byte] === 1) watch.hints |= hint.encoded
      if (byte === fullWidth) noteSeparator(watch, bytes, lineStart, index)
    }
    const length = byte === backslash ? escapeLength(bytes, index) : byte < 0x80 ? 0 : utf8Length(bytes, index, last)
    if (length === 0) return -1
    index += length
  }
  return -1
}

/** As `stopAt`, without an end to compare with: the closing brace of the line is a byte that needs a look. */
function plainEnd (bytes: Uint8Array, from: number, stops: Uint8Array): number {
  let index = from
  // Eight at a time: a loop's own cost is as large as that of its body.
  for (; ; index += 8) {
    if (stops[bytes[index] as number] !== 0) return index
    if (stops[bytes[index + 1] as number] !== 0) return index + 1
    if (stops[bytes[index + 2] as number] !== 0) return index + 2
    if (stops[bytes[index + 3] as number] !== 0) return index + 3
    if (stops[bytes[index + 4] as number] !== 0) return index + 4
    if (stops[bytes[index + 5] as number] !== 0) return index + 5
    if (stops[bytes[index + 6] as number] !== 0) return index + 6
    if (stops[bytes[index + 7] as number] !== 0) return index + 7
  }
}

function escapeLength (bytes: Uint8Array, index: number): number {
  const byte = bytes[index + 1] as number
  if (isShortEscape[byte] === 1) return 2
  return byte === 0x75 && isHex(bytes, index + 2) && isHex(bytes, index + 3) && isHex(bytes, index + 4) &&
    isHex(bytes, index + 5)
    ? 6
    : 0
}

function isHex (bytes: Uint8Array, index: number): boolean {
  return hexValues[bytes[index] as number] !== 16
}
