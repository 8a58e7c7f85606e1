import { ascii, createByteSet, isDigit } from '../bytes/ascii.ts'
import { EncodedChar, isWhite } from './encoded-char.ts'
import type { KeyForm } from './key-form.ts'
import { isScheme, isWordOf } from './schemes.ts'
import { endsWithComma, isWithinWord } from './value-ends.ts'

const { quote, apostrophe, backslash, openBrace, openBracket, closeBrace, closeBracket } = ascii
const { openParenthesis, closeParenthesis, comma, newline, carriageReturn, space, semicolon, plus } = ascii
const { ampersand, less, greater, percent, numberSign } = ascii

const arrayWord = Buffer.from('array')
const objectWord = Buffer.from('object')
/** From the word to the parenthesis at most. */
const maxListBytes = 64
/** Backslashes before a quote in JSON of JSON of JSON. */
const maxDepth = 7
const char = new EncodedChar()

/** Bytes that are written as themselves nowhere in a text that is encoded for a URL. */
export const endsUrl = createByteSet(/[\0- "'&<>\\]/)

/**
 * Finds where a value ends whose quotes, brackets or separators are encoded: `%22abc%22`, `\u0022abc\u0022`,
 * `%7B%22a%22%3A1%7D`. What is encoded once more than the quote, bracket or separator before the value is part of it.
 * Allocates nothing; the object is used again.
 */
export class EncodedValue {
  start = 0
  end = 0
  readonly #char = new EncodedChar()
  /** The value is of a text encoded for a URL, not one with backslashes. */
  #isOfUrl = false
  /** Backslashes before its quotes that are encoded too, of a text of JSON: `%5C%22abc%5C%22`; bytes of each. */
  #depth = 0
  #slashBytes = 0

  /**
   * @param isList a list begins with a word: `array (`
   * @returns false where the value is a word of no URL, or a header: others know better where that ends
   */
  find (bytes: Uint8Array, from: number, end: number, form: KeyForm, isList: boolean): boolean {
    const { width } = form
    const char = this.#char
    this.start = from
    this.#isOfUrl = width > 1 || bytes[from] === percent
    this.#readSlashes(bytes, from, end)
    const at = this.start
    const { code } = char
    // What is encoded once more than the separator is part of the value.
    const isDeeper = bytes[at] === percent && char.end - at > width
    if ((code === quote || code === apostrophe) && char.end > at + 1 && !isDeeper) {
      this.start = char.end
      this.#findText(bytes, code, char.end - at, end)
    } else if (isList || ((code === openBrace || code === openBracket) && !isDeeper)) {
      this.#findContainer(bytes, from, end, isList)
      // A secret may begin as a list does: `%7B%7Dabc`.
      if (this.#isOfUrl) this.end = this.#wordEnd(bytes, this.end, end, form)
    } else if (width > 1 && !form.isHeader) {
      this.end = this.#wordEnd(bytes, from, end, form)
      const wordStart = isScheme(bytes, from, this.end) ? this.#whiteEnd(bytes, this.end, end) : this.end
      if (wordStart > this.end) this.end = this.#wordEnd(bytes, wordStart, end, form)
    } else {
      return false
    }
    return true
  }

  /** Goes behind the encoded backslashes before a quote, and reads that; where there is none, what is at `from`. */
  #readSlashes (bytes: Uint8Array, from: number, end: number): void {
    const char = this.#char
    this.#depth = 0
    let index = from
    for (; index < end && this.#depth <= maxDepth; index = char.end) {
      char.read(bytes, index, end)
      if (char.code !== backslash || bytes[char.end - 1] === backslash) break
      this.#slashBytes = char.end - index
      this.#depth++
    }
    if (this.#depth > 0 && (char.code === quote || char.code === apostrophe)) {
      this.start = index
      return
    }
    this.#depth = 0
    char.read(bytes, from, end)
  }

  #wordEnd (bytes: Uint8Array, from: number, end: number, { width, isQuoted }: KeyForm): number {
    const char = this.#char
    let index = from
    for (; index < end; index = char.end) {
      char.read(bytes, index, end)
      if (this.#isEnd(bytes, index, end)) break
      const { code } = char
      if (bytes[index] === apostrophe || char.end - index > width) continue
      if (!isQuoted && bytes[index] === comma && !endsWithComma(bytes, index, end)) continue
      if (!isQuoted && bytes[index] === closeBrace && isWithinWord(bytes, index, end)) continue
      if (endsWord(code, isQuoted || char.end === index + 1)) break
    }
    return index
  }

  #whiteEnd (bytes: Uint8Array, from: number, end: number): number {
    let index = from
    while (index < end) {
      char.read(bytes, index, end)
      if (!isWhite(char.code) && char.code !== plus) break
      index = char.end
    }
    return index
  }

  #findText (bytes: Uint8Array, delimiter: number, width: number, end: number): void {
    const char = this.#char
    const depth = this.#depth
    let index = this.start
    let slashCount = 0
    let quoteSlashes = 0
    for (; index < end; index = char.end) {
      char.read(bytes, index, end)
      const { code } = char
      if (this.#isEnd(bytes, index, end)) break
      // One with fewer backslashes, or with more but for those of another depth, is of the text around this one.
      if (code === quote && (slashCount + 1) % (depth + 1) !== 0) {
        quoteSlashes = slashCount
        break
      }
      if (code === delimiter && !isEscaped(slashCount, depth) && this.#closes(char.end - index, width)) {
        quoteSlashes = depth
        const next = char.end
        if (delimiter !== apostrophe || next >= end) break
        // In SQL an apostrophe within a text is written twice.
        char.read(bytes, next, end)
        if (char.code !== delimiter || index === this.start) break
        quoteSlashes = 0
      }
      slashCount = code === backslash ? slashCount + 1 : 0
    }
    this.end = index - quoteSlashes * this.#slashBytes
  }

  /** Whether a quote that takes `found` bytes closes one of `width`; one with fewer is of the text around that. */
  #closes (found: number, width: number): boolean {
    // Of a quote in a text of JSON in the value there are four times as many backslashes, and one, less one.
    return found <= width || (!this.#isOfUrl && (found - width) % 4 === 0)
  }

  /** Whether a list goes on at `at` whose length was in parentheses: `array(1) {`. */
  #goesOn (bytes: Uint8Array, at: number, end: number): boolean {
    for (let index = at; index < end && index - at < maxListBytes; index = char.end) {
      char.read(bytes, index, end)
      const { code } = char
      if (code === openBrace || code === openParenthesis) return true
      if (!isWhite(code) && !isDigit(code) && code !== plus && code !== numberSign) return false
    }
    return false
  }

  #findContainer (bytes: Uint8Array, from: number, end: number, isList: boolean): void {
    const char = this.#char
    let index = from
    let nesting = 0
    let opener = 0
    let width = 0
    let depth = 0
    let slashCount = 0
    for (let next = index; index < end; index = next) {
      char.read(bytes, index, end)
      const { code } = char
      next = char.end
      // An apostrophe stands for itself in some URLs.
      if (bytes[index] !== apostrophe && this.#isEnd(bytes, index, end)) break
      const slashes = slashCount
      slashCount = code === backslash ? slashCount + 1 : 0
      if (opener !== 0) {
        if (code === opener && !isEscaped(slashes, depth) && this.#closes(char.end - index, width)) opener = 0
      } else if (code === quote) {
        opener = code
        depth = slashes
        width = char.end - index
      } else if (code === openBrace || code === openBracket || code === openParenthesis) {
        nesting++
      } else if ((code === closeBrace || code === closeBracket || code === closeParenthesis) && --nesting === 0) {
        if (!isList || !this.#goesOn(bytes, next, end)) {
          index = next
          break
        }
      }
    }
    this.end = index
  }

  /** Whether the text that the value is in ends at `at`, whatever is open. */
  #isEnd (bytes: Uint8Array, at: number, end: number): boolean {
    const byte = bytes[at] as number
    if (this.#isOfUrl) return endsUrl[byte] === 1 && !(byte === apostrophe && isWithinWord(bytes, at, end))
    const { code, end: next } = this.#char
    return byte === newline || byte === carriageReturn || byte === quote ||
      (byte === backslash && code === backslash && next < end && bytes[next] === quote)
  }
}

/** Whether a quote behind so many backslashes is escaped within a text whose own quotes have `depth` of them. */
function isEscaped (slashes: number, depth: number): boolean {
  return Math.floor((slashes - depth) / (depth + 1)) % 2 !== 0
}

/** Where the parenthesis is of `array (`, `Array\n(`, `array(1) {`, `object(A)#1 (1) {`, in any encoding; or -1. */
export function listOpener (bytes: Uint8Array, from: number, end: number): number {
  const first = (bytes[from] as number) | 0x20
  const word = first === 0x61 ? arrayWord : first === 0x6f ? objectWord : undefined
  if (word === undefined || !isWordOf(word, bytes, from, end)) return -1
  for (let index = from + word.length; index < end && index - from < maxListBytes; index = char.end) {
    char.read(bytes, index, end)
    if (char.code === openParenthesis) return index
    if (!isWhite(char.code) && char.code !== plus) return -1
  }
  return -1
}

/** @param isQuoted of JSON, or not encoded */
function endsWord (code: number, isQuoted: boolean): boolean {
  return code <= space || code === ampersand || code === quote || code === apostrophe || code === less ||
    code === greater || (isQuoted && (code === semicolon || code === comma || code === closeBrace))
}

// Tested in test/redact/redactor.test.ts
