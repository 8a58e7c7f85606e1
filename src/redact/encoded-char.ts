import { ascii, hexAt } from '../bytes/ascii.ts'

const { backslash, percent } = ascii
const smallU = 0x75
const smallX = 0x78
/** `\b`, `\f`, `\n`, `\r`, `\t`, `\v`: read as a space. */
const controls = new Set(Buffer.from('bfnrtv'))

/**
 * Reads a line one character at a time, through the encodings in which a character may stand in a log: `%hh` of a URL,
 * also encoded again (`%25hh`), `\xhh` of Apache, `\uhhhh` of JSON, each with its backslash doubled or not. The bytes
 * of UTF-8 may be encoded one by one. `\n` and its like are read as a space.
 *
 * Allocates nothing. The object is used again for the next character.
 */
export class EncodedChar {
  /** The code point; of bytes that are no UTF-8, the byte. */
  code = 0
  /** Index behind the last byte that the character takes. */
  end = 0
  #byte = 0
  #byteEnd = 0
  /** The character was written as `\uhhhh`: its value is a code point, not a byte. */
  #isCodePoint = false

  /** Reads the character at `at`, which is before `end`. */
  read (bytes: Uint8Array, at: number, end: number): void {
    this.#readByte(bytes, at, end)
    this.code = this.#byte
    this.end = this.#byteEnd
    if (bytes[at] === percent && (this.#byte & 0xf0) === 0xb0) this.#undoTrack(bytes)
    if (this.#isCodePoint || this.#byte < 0xc2 || this.#byte > 0xf4) return
    const lead = this.#byte
    const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
    let code = lead & (0xff >> (length + 1))
    let index = this.#byteEnd
    for (let count = 1; count < length; count++) {
      if (index >= end) return
      this.#readByte(bytes, index, end)
      if (this.#isCodePoint || (this.#byte & 0xc0) !== 0x80) return
      code = (code << 6) | (this.#byte & 0x3f)
      index = this.#byteEnd
    }
    this.code = code
    this.end = index
  }

  /** `%B4` that goes on no character of UTF-8 begins a track of a card, `%B4111…^`: the 4 is a digit of it. */
  #undoTrack (bytes: Uint8Array): void {
    const last = bytes[this.#byteEnd - 1] as number
    if (last > 0x39) return
    this.code = percent
    this.end = this.#byteEnd - 1
  }

  #readByte (bytes: Uint8Array, at: number, end: number): void {
    const byte = bytes[at] as number
    this.#byte = byte
    this.#byteEnd = at + 1
    this.#isCodePoint = false
    if (byte === percent) this.#readPercent(bytes, at + 1, end)
    else if (byte === backslash) this.#readEscape(bytes, at + 1, end)
  }

  /** `hh`, or any number of `25` before it: a percent sign that was encoded each time the text was. */
  #readPercent (bytes: Uint8Array, from: number, end: number): void {
    let index = from
    while (hexAt(bytes, index, end) === percent && hexAt(bytes, index + 2, end) >= 0) index += 2
    const value = hexAt(bytes, index, end)
    if (value < 0) return
    this.#byte = value
    this.#byteEnd = index + 2
  }

  #readEscape (bytes: Uint8Array, from: number, end: number): void {
    let index = from
    while (index < end && bytes[index] === backslash) index++
    // All backslashes of a run at once, so that a long run is read once.
    this.#byteEnd = index
    if (index >= end) return
    if (bytes[index] === smallX) {
      const value = hexAt(bytes, index + 1, end)
      if (value < 0) return
      this.#byte = value
      this.#byteEnd = index + 3
    } else if (bytes[index] === smallU) {
      const high = hexAt(bytes, index + 1, end)
      const low = hexAt(bytes, index + 3, end)
      if (high < 0 || low < 0) return
      this.#byte = (high << 8) | low
      this.#byteEnd = index + 5
      this.#isCodePoint = true
    } else if (controls.has(bytes[index] as number)) {
      this.#byte = ascii.space
      this.#byteEnd = index + 1
    }
  }
}

/** White space in any encoding: that of ASCII, the no-break and the full-width space. */
export function isWhite (code: number): boolean {
  return code === 0x20 || code === 0xa0 || code === 0x3000 || (code >= 0x09 && code <= 0x0d)
}

/** Whether a character is a line break, `\n` in a text among them. */
export function isLineBreak (bytes: Uint8Array, { code, end }: EncodedChar): boolean {
  const last = bytes[end - 1]
  return code === 0x0a || code === 0x0d || (bytes[end - 2] === backslash && (last === 0x6e || last === 0x72))
}

// Tested in test/redact/card-numbers.test.ts
