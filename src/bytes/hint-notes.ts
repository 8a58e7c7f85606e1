import { ascii, hexValues } from './ascii.ts'
import { hint, type HintWatch } from '../contracts/hints.ts'

// What the walk over a line notes for redaction, at the few bytes that may matter to it.

const { quote, semicolon, backslash, space } = ascii
const smallE = 0x65
const smallS = 0x73
const smallU = 0x75
const smallX = 0x78
/** First byte of full-width characters, `：` and `＝` among them. */
const fullWidth = 0xef

/** @returns true where a key may end whose value is to be taken out, or one did before */
export function noteSeparator (watch: HintWatch, bytes: Uint8Array, lineStart: number, at: number): boolean {
  if ((watch.hints & hint.key) === 0 && watch.isAfterKey(bytes, lineStart, at)) watch.hints |= hint.key
  return (watch.hints & hint.key) !== 0
}

/** `insert into t (password) values (`, or `value (`: the letter before nearly any other parenthesis says no. */
export function noteParenthesis (watch: HintWatch, bytes: Uint8Array, lineStart: number, at: number): void {
  let before = at - 1
  while (bytes[before] === space) before--
  const letter = (bytes[before] as number) | 0x20
  const isLast = letter === smallS || (letter === smallE && ((bytes[before - 1] as number) | 0x20) === smallU)
  if (!isLast && bytes[before - 1] !== backslash) return
  if ((watch.hints & hint.key) === 0 && watch.isAfterKey(bytes, lineStart, at)) watch.hints |= hint.key
}

/** Of `Bearer`, `Basic` and `eyJ` two letters are looked at here: nearly all others are of other words. */
export function noteToken (watch: HintWatch, bytes: Uint8Array, lineStart: number, at: number): void {
  const next = (bytes[at + 1] as number) | 0x20
  const byte = bytes[at]
  if (byte === 0x42 ? next !== 0x65 && next !== 0x61 : byte === 0x4a && bytes[at - 1] !== 0x79) return
  if ((watch.hints & hint.key) === 0 && watch.isToken(bytes, lineStart, at)) watch.hints |= hint.key
}

/** `\u003d`, `\uff1a`; `\\u003d` and `\\x3d` in a text within the text; `\";` of PHP's `serialize`. */
export function noteEscape (watch: HintWatch, bytes: Uint8Array, lineStart: number, at: number): void {
  watch.hints |= hint.encoded
  const isPair = bytes[at + 1] === backslash
  const letterAt = isPair ? at + 2 : at + 1
  const letter = bytes[letterAt]
  const isEscape = letter === smallU || (isPair && letter === smallX)
  if (!isEscape && letter !== quote) return
  const next = !isEscape ? letterAt + 1 : letter === smallU ? letterAt + 5 : letterAt + 3
  if (isEscape && hexValues[bytes[next - 1] as number] as number >= 10) noteSeparator(watch, bytes, lineStart, at)
  else if (isEscape && isAtSign(bytes, next - 2)) noteToken(watch, bytes, lineStart, at)
  if (bytes[next] === semicolon) noteSeparator(watch, bytes, lineStart, next)
}

/** `%3D`, `%3A`, `%253D`; a digit as `%34`, a full-width one as `%EF%BC%94`, and what may stand between digits. */
export function notePercent (watch: HintWatch, bytes: Uint8Array, lineStart: number, at: number): void {
  const high = hexValues[bytes[at + 1] as number] as number
  const low = hexValues[bytes[at + 2] as number] as number
  if (high === 2 || high === 3) {
    watch.hints |= hint.encoded
    noteSeparator(watch, bytes, lineStart, at)
    // A percent sign that was encoded again.
    if (high === 2 && low === 5) noteToken(watch, bytes, lineStart, at)
    if (bytes[at + 3] === semicolon) noteSeparator(watch, bytes, lineStart, at + 3)
  } else if (high !== 16 && low !== 16) {
    const byte = high * 16 + low
    if (mayLeadDigit[byte] === 1 || byte === latinSpace) watch.hints |= hint.encoded
    if (byte === fullWidth) noteSeparator(watch, bytes, lineStart, at)
    if (byte === 0x40) noteToken(watch, bytes, lineStart, at)
  }
}

/** Whether the hex digits of an `@` stand at `at`. */
function isAtSign (bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 0x34 && bytes[at + 1] === 0x30
}

/** `%A0`: the no-break space of Latin-1, which a URL may have. */
const latinSpace = 0xa0

/** 1 for the first bytes, in UTF-8, of full-width digits and of wide spaces and dashes. */
export const mayLeadDigit = new Uint8Array(256)
for (const byte of [0xc2, 0xe2, 0xe3, 0xef]) mayLeadDigit[byte] = 1

// Tested in test/bytes/json-walker.test.ts
