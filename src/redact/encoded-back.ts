import { ascii, createByteSet, hexAt, hexValues } from '../bytes/ascii.ts'

const { backslash, percent } = ascii
const noHex = 16
/** Times that a percent sign may be encoded again. */
const maxPercents = 4
/** In bytes: before a quote in JSON of JSON of JSON stand seven backslashes. */
const maxSlashBytes = 64
/** Last digits of `%5C`; with a backslash that stands for itself. */
const isEncodedSlashEnd = createByteSet(/[cC]/)
export const mayEndSlash = createByteSet(/[cC\\]/)
/** Letters of escapes of white space. */
const isOfEscape = createByteSet(/[bfnrtv]/)

/** Reads a line backwards one character at a time, through the encodings that `EncodedChar` reads. */
export class EncodedBack {
  code = 0
  /** Index of the first byte of the character. */
  start = 0
  #byte = 0
  #byteStart = 0
  #isCodePoint = false

  /** Reads the character that ends at `end`, which is behind `lineStart`. */
  read (bytes: Uint8Array, lineStart: number, end: number): void {
    this.#readByte(bytes, lineStart, end)
    this.code = this.#byte
    this.start = this.#byteStart
    if (this.#isCodePoint || (this.#byte & 0xc0) !== 0x80) return
    let code = 0
    let at = end
    for (let shift = 0; shift <= 18; shift += 6) {
      if (at <= lineStart) return
      this.#readByte(bytes, lineStart, at)
      if (this.#isCodePoint) return
      at = this.#byteStart
      if ((this.#byte & 0xc0) === 0x80) {
        code |= (this.#byte & 0x3f) << shift
        continue
      }
      const length = shift / 6 + 1
      const wanted = this.#byte < 0xe0 ? 2 : this.#byte < 0xf0 ? 3 : 4
      if (this.#byte < 0xc2 || this.#byte > 0xf4 || length !== wanted) return
      this.code = code | ((this.#byte & (0xff >> (length + 1))) << shift)
      this.start = at
      return
    }
  }

  #readByte (bytes: Uint8Array, lineStart: number, end: number): void {
    const byte = bytes[end - 1] as number
    this.#byte = byte
    this.#byteStart = end - 1
    this.#isCodePoint = false
    if (hexValues[byte] === noHex || end - 3 < lineStart) return
    const value = hexAt(bytes, end - 2, end)
    if (value < 0) return
    let at = end - 3
    for (let count = 0; count < maxPercents; count++) {
      if (bytes[at] === percent) {
        this.#take(value, at, false)
        return
      }
      if (at - 2 < lineStart || bytes[at] !== 0x35 || bytes[at - 1] !== 0x32) break
      at -= 2
    }
    if (end - 4 < lineStart) return
    if (bytes[end - 3] === 0x78 && bytes[end - 4] === backslash) {
      this.#take(value, backslashesStart(bytes, lineStart, end - 4), false)
    } else if (end - 6 >= lineStart && bytes[end - 5] === 0x75 && bytes[end - 6] === backslash) {
      const high = hexAt(bytes, end - 4, end)
      if (high >= 0) this.#take((high << 8) | value, backslashesStart(bytes, lineStart, end - 6), true)
    }
  }

  #take (value: number, start: number, isCodePoint: boolean): void {
    this.#byte = value
    this.#byteStart = start
    this.#isCodePoint = isCodePoint
  }
}

/** A few backslashes at most: more are no escape. */
function backslashesStart (bytes: Uint8Array, lineStart: number, at: number): number {
  let start = at
  while (start > lineStart && at - start < 8 && bytes[start - 1] === backslash) start--
  return start
}

/** Where the backslashes begin that end at `at`, encoded as the quote behind them: `%5C` of `%5C%22`. */
export function encodedSlashesStart (bytes: Uint8Array, lineStart: number, at: number, back: EncodedBack): number {
  let index = at
  while (index > lineStart && at - index < maxSlashBytes && isEncodedSlashEnd[bytes[index - 1] as number] === 1) {
    back.read(bytes, lineStart, index)
    if (back.code !== backslash) break
    index = back.start
  }
  return index
}

const escapeBack = new EncodedBack()

/** Whether the letter at `at` is that of `\\n` or its like, whose backslash may be encoded: `%5Cn`, `\\x5Cn`. */
export function isEscapedSpace (bytes: Uint8Array, lineStart: number, at: number): boolean {
  if (at <= lineStart || isOfEscape[bytes[at] as number] === 0) return false
  return bytes[at - 1] === backslash || encodedSlashesStart(bytes, lineStart, at, escapeBack) < at
}

// Tested in test/redact/redactor.test.ts
