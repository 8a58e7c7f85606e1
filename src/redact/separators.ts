import { ascii, createByteSet, hexValues } from '../bytes/ascii.ts'
import { EncodedChar } from './encoded-char.ts'

const { backslash, colon, semicolon, equals, percent, greater } = ascii
/** First byte of `：` and `＝`, and of other full-width characters. */
const fullWidth = 0xef

/** Most bytes of the separator in `%253D`, encoded again and again. */
const maxPercentBytes = 16
/** What PHP's `serialize` calls the types of values. */
const isType = createByteSet(/[sibdaOS]/)

/** 1 for bytes with which a separator may begin. */
export const mayBeginSeparator = createByteSet(/[=:;>%\\\xef]/)

/** Last hex digits of the escapes of separators: `\\x3a`, `\\u003d`, `\\xef`. */
export const mayEndEscape = createByteSet(/[abdefABDEF]/)

/** What separates keys from values: `=`, `:`, `>` of XML and `;` of PHP's `serialize`, however they are written. */
export class Separator {
  /** The character, in ASCII; 0: there is none. */
  code = 0
  /** Bytes that it takes; where there is none, bytes that need no other look. */
  length = 1
  /** It is written as `%3D`, `%253D`, … */
  isPercent = false
  readonly #char = new EncodedChar()

  read (bytes: Uint8Array, at: number, end: number): void {
    const byte = bytes[at] as number
    this.isPercent = false
    this.length = 1
    this.code = 0
    if (byte === equals || byte === colon || byte === greater) this.code = byte
    else if (byte === percent) this.#readPercent(bytes, at, end)
    else if (byte === backslash) this.#readEscape(bytes, at, end)
    else if (byte === fullWidth) this.#readFullWidth(bytes, at, end)
    else if (byte === semicolon && this.#isSerialized(bytes, at + 1, end)) this.code = byte
  }

  /** Whether `s:5:"value"` begins at `at`, in any encoding. */
  #isSerialized (bytes: Uint8Array, at: number, end: number): boolean {
    if (at + 1 >= end || isType[bytes[at] as number] === 0) return false
    this.#char.read(bytes, at + 1, end)
    return this.#char.code === colon
  }

  #readPercent (bytes: Uint8Array, at: number, end: number): void {
    let index = at + 1
    const last = Math.min(end - 3, at + maxPercentBytes)
    while (index < last && bytes[index] === 0x32 && bytes[index + 1] === 0x35) index += 2
    if (index + 1 >= end) return
    const high = hexValues[bytes[index] as number]
    const low = bytes[index + 1] as number
    if (high === 3) this.#take(bytes, at, end, codeOf(low), index + 2 - at)
    else if (high === 0xe && hexValues[low] === 0xf) this.#readFullWidth(bytes, at, end)
    this.isPercent = this.code !== 0
  }

  /** `\x3d`, `\u003d`, `\uff1d`, with any number of backslashes: a run of them is looked at once. */
  #readEscape (bytes: Uint8Array, at: number, end: number): void {
    let index = at + 1
    while (index < end && bytes[index] === backslash) index++
    this.length = index - at
    if (index + 2 >= end) return
    if (bytes[index] === 0x78) {
      if (bytes[index + 1] === 0x33) this.#take(bytes, at, end, codeOf(bytes[index + 2] as number), index + 3 - at)
      else if (hexValues[bytes[index + 1] as number] === 0xe) this.#readFullWidth(bytes, at, end)
    }
    if (bytes[index] !== 0x75 || index + 4 >= end) return
    if (bytes[index + 1] === 0x30 && bytes[index + 2] === 0x30 && bytes[index + 3] === 0x33) {
      this.#take(bytes, at, end, codeOf(bytes[index + 4] as number), index + 5 - at)
    } else if (((bytes[index + 1] as number) | 0x20) === 0x66) {
      this.#readFullWidth(bytes, at, end)
    }
  }

  #readFullWidth (bytes: Uint8Array, at: number, end: number): void {
    const char = this.#char
    char.read(bytes, at, end)
    if (char.code === 0xff1a) this.#take(bytes, at, end, colon, char.end - at)
    else if (char.code === 0xff1d) this.#take(bytes, at, end, equals, char.end - at)
  }

  #take (bytes: Uint8Array, at: number, end: number, code: number, length: number): void {
    if (code === 0 || (code === semicolon && !this.#isSerialized(bytes, at + length, end))) return
    this.code = code
    this.length = length
  }
}

/** Of the last hex digit of `3a`, `3b`, `3d` and `3e`. */
function codeOf (digit: number): number {
  const value = hexValues[digit]
  return value === 0xa ? colon : value === 0xb ? semicolon : value === 0xd ? equals : value === 0xe ? greater : 0
}

/** Nearly all backslashes: `\\n`, `\\"`, `\\u3042`. */
export function isNoEscape (bytes: Uint8Array, at: number): boolean {
  const letterAt = bytes[at + 1] === backslash ? at + 2 : at + 1
  const letter = bytes[letterAt]
  if (letter === 0x75) return mayEndEscape[bytes[letterAt + 4] as number] !== 1
  return letter === 0x78 ? mayEndEscape[bytes[letterAt + 2] as number] !== 1 : letter !== backslash
}

// Tested in test/redact/redactor.test.ts
