import { ascii, hexValues, isDigit, isLetter } from './ascii.ts'
import { isShortEscape } from './json-tokens.ts'

const {
  quote, comma, minus, plus, dot, colon, openBracket, closeBracket, openBrace, closeBrace, backslash, space,
} = ascii
const maxDepth = 128
/** Of `true`, `false` and `null`. */
const wordStarts: readonly number[] = [0x74, 0x66, 0x6e]

/** What may come next. */
const next = {
  value: 0,
  valueOrClose: 1,
  key: 2,
  keyOrClose: 3,
  colon: 4,
  behindValue: 5,
  string: 6,
  escape: 7,
  unicode: 8,
  scalar: 9,
  done: 10,
} as const
type Next = typeof next[keyof typeof next]

/**
 * How far an object in JSON has come that is read in pieces, cut anywhere. Checks its grammar as it goes, so that a
 * piece which is not the next one is nearly always told; what numbers and words may look like in detail it does not.
 */
export class JsonProgress {
  #next: Next = next.value
  #isKey = false
  #digitCount = 0
  #depth = 0
  readonly #isObjectAt = new Uint8Array(maxDepth + 1)

  /** Whether the object has ended, with nothing but white space behind it. */
  get isDone (): boolean {
    return this.#next === next.done
  }

  begin (): void {
    this.#next = next.value
    this.#depth = 0
  }

  copyFrom (other: JsonProgress): void {
    this.#next = other.#next
    this.#isKey = other.#isKey
    this.#digitCount = other.#digitCount
    this.#depth = other.#depth
    this.#isObjectAt.set(other.#isObjectAt)
  }

  /** Reads on. @returns false when no object goes on like this */
  read (bytes: Uint8Array, start: number, end: number): boolean {
    for (let index = start; index < end; index++) {
      if (!this.#step(bytes[index] as number)) return false
    }
    return true
  }

  #step (byte: number): boolean {
    switch (this.#next) {
      case next.string:
        if (byte === quote) this.#next = this.#isKey ? next.colon : next.behindValue
        else if (byte === backslash) this.#next = next.escape
        else return byte >= space
        return true
      case next.escape:
        if (byte === 0x75) {
          this.#next = next.unicode
          this.#digitCount = 0
          return true
        }
        this.#next = next.string
        return isShortEscape[byte] === 1
      case next.unicode:
        if (++this.#digitCount === 4) this.#next = next.string
        return hexValues[byte] !== 16
      case next.scalar:
        if (isLetter(byte) || isDigit(byte) || byte === dot || byte === plus || byte === minus) return true
        this.#next = next.behindValue
        return this.#token(byte)
      case next.value:
      case next.valueOrClose:
      case next.key:
      case next.keyOrClose:
      case next.colon:
      case next.behindValue:
      case next.done:
        return this.#token(byte)
    }
  }

  #token (byte: number): boolean {
    if (byte === space || (byte <= 0x0d && byte >= 0x09)) return true
    switch (this.#next) {
      case next.valueOrClose:
        return byte === closeBracket ? this.#close(byte) : this.#value(byte)
      case next.value:
        return this.#value(byte)
      case next.keyOrClose:
        return byte === closeBrace ? this.#close(byte) : this.#key(byte)
      case next.key:
        return this.#key(byte)
      case next.colon:
        this.#next = next.value
        return byte === colon
      case next.behindValue:
        if (byte !== comma) return this.#close(byte)
        this.#next = this.#isObjectAt[this.#depth] === 1 ? next.key : next.value
        return true
      case next.string:
      case next.escape:
      case next.unicode:
      case next.scalar:
      case next.done:
        return false
    }
  }

  #key (byte: number): boolean {
    this.#isKey = true
    this.#next = next.string
    return byte === quote
  }

  #value (byte: number): boolean {
    if (byte === openBrace || byte === openBracket) {
      // The whole is an object.
      if (this.#depth === maxDepth || (this.#depth === 0 && byte === openBracket)) return false
      this.#isObjectAt[++this.#depth] = byte === openBrace ? 1 : 0
      this.#next = byte === openBrace ? next.keyOrClose : next.valueOrClose
      return true
    }
    this.#isKey = false
    this.#next = byte === quote ? next.string : next.scalar
    return this.#depth > 0 && (byte === quote || byte === minus || isDigit(byte) || wordStarts.includes(byte))
  }

  #close (byte: number): boolean {
    const isObject = this.#isObjectAt[this.#depth] === 1
    if (byte !== (isObject ? closeBrace : closeBracket)) return false
    this.#depth--
    this.#next = this.#depth === 0 ? next.done : next.behindValue
    return true
  }
}
