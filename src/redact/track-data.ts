import { ascii, createByteSet } from '../bytes/ascii.ts'
import { EncodedChar } from './encoded-char.ts'

const { backslash, slash, equals, questionMark } = ascii
const caret = 0x5e

/** Most characters of a track behind the number, and most of a name. Source: ISO/IEC 7813 */
const maxTrackChars = 80
const maxNameChars = 30
/** Behind the number of track 2: the expiry date and the service code. */
const minDataDigits = 7

/** Most bytes of a number with spaces in it. */
const maxNumberBytes = 40

const char = new EncodedChar()
const isOfWord = createByteSet(/[0-9A-Za-z]/)
const isOfNumber = createByteSet(/[0-9 +-]/)
const mayFollow = createByteSet(/[=^%\\Dd]/)
const smallD = 0x64
const smallF = 0x66

/**
 * Where the track of a card's magnetic stripe ends whose number ends at `at`: track 1, `%B4111…^NAME^2512…?`, or
 * track 2, `;4111…=2512…?`, in any encoding, or as a chip gives it, `4111…D2512…F`. -1: what follows is no track.
 */
export function trackEnd (bytes: Uint8Array, at: number, end: number): number {
  // What follows nearly all numbers is neither of the two, nor encoded.
  if (at >= end || mayFollow[bytes[at] as number] === 0) return -1
  char.read(bytes, at, end)
  if (char.code === equals) return withEndMark(bytes, digitsEnd(bytes, char.end, end), end)
  if ((char.code | 0x20) === smallD) return chipDataEnd(bytes, char.end, end)
  return char.code === caret ? nameAndDigitsEnd(bytes, char.end, end) : -1
}

/**
 * Whether the letter at `at` is the format of a track 1 whose first character, `%`, was left out: `B4111…^`. The digits
 * behind it are no part of a word then.
 */
export function isTrackFormat (bytes: Uint8Array, lineStart: number, at: number, end: number): boolean {
  if (at > lineStart && isOfWord[bytes[at - 1] as number] === 1) return false
  let index = at + 1
  const last = Math.min(end, index + maxNumberBytes)
  while (index < last && isOfNumber[bytes[index] as number] === 1) index++
  if (index === at + 1 || index >= end || mayFollow[bytes[index] as number] === 0) return false
  char.read(bytes, index, end)
  return char.code === caret
}

/** Whether the `D` at `at` ends a number, and data of track 2 follow. Source: EMV book 3, annex A, tag 57 */
export function isChipSeparator (bytes: Uint8Array, at: number, end: number): boolean {
  return ((bytes[at] as number) | 0x20) === smallD && chipDataEnd(bytes, at + 1, end) >= 0
}

function chipDataEnd (bytes: Uint8Array, from: number, end: number): number {
  const to = digitsEnd(bytes, from, end)
  if (to < 0 || to >= end) return to
  // It is filled up with an F to whole bytes.
  const last = ((bytes[to] as number) | 0x20) === smallF ? to + 1 : to
  return last < end && isOfWord[bytes[last] as number] === 1 ? -1 : last
}

/** Where the digits end; -1: they are too few. */
function digitsEnd (bytes: Uint8Array, from: number, end: number): number {
  let index = from
  let count = 0
  for (; index < end && count < maxTrackChars; index = char.end) {
    char.read(bytes, index, end)
    if (char.code < 0x30 || char.code > 0x39) break
    count++
  }
  return count < minDataDigits ? -1 : index
}

function nameAndDigitsEnd (bytes: Uint8Array, from: number, end: number): number {
  let index = from
  let hasName = false
  for (let count = 0; index < end && count < maxTrackChars; count++) {
    char.read(bytes, index, end)
    if (char.code === caret && !hasName && count <= maxNameChars) hasName = true
    else if (!isOfTrack(char.code) && !isEscapedSlash(bytes, index, char.end, end)) break
    index = char.end
  }
  return hasName ? withEndMark(bytes, index, end) : -1
}

/** Letters, digits and what names are written with; never what may end a text. */
function isOfTrack (code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x20 && code < 0x5b && code !== 0x22 && code !== 0x27 &&
    code !== 0x26 && code !== 0x3c && code !== 0x3e && code !== questionMark)
}

function isEscapedSlash (bytes: Uint8Array, at: number, next: number, end: number): boolean {
  return bytes[at] === backslash && next < end && bytes[next] === slash
}

function withEndMark (bytes: Uint8Array, at: number, end: number): number {
  if (at < 0 || at >= end) return at
  char.read(bytes, at, end)
  return char.code === questionMark ? char.end : at
}

// Tested in test/redact/card-numbers.test.ts
