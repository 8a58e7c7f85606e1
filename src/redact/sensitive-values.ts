import { ascii } from '../bytes/ascii.ts'
import { EncodedChar } from './encoded-char.ts'

const { quote, apostrophe, backslash, openBrace, openBracket, closeBrace, closeBracket } = ascii
const { comma, newline, carriageReturn, tab, space, semicolon } = ascii
const ampersand = 0x26
const less = 0x3c
const greater = 0x3e
const closeParenthesis = 0x29

/** How a key stands before its value. */
export interface KeyForm {
  /** The byte of the quote around the key, 0 for none, and the backslashes before it. */
  quote: number
  backslashes: number
  /** `=`, `:` or, for `=>`, `>`. */
  separator: number
  isEncoded: boolean
  /** A header, whose value goes to the end of the line. */
  isHeader: boolean
}

/** Finds where a value lies. Allocates nothing; the object is used again. */
export class SensitiveValue {
  start = 0
  end = 0
  /** A number, a word or an array of JSON, in whose place a text needs quotes. */
  isBare = false
  readonly #char = new EncodedChar()

  /** Finds the value that begins at `at`, behind the separator. */
  find (bytes: Uint8Array, at: number, end: number, form: KeyForm, isJson: boolean): void {
    this.isBare = false
    const isOfJson = form.quote === quote && form.separator === 0x3a && !form.isEncoded
    let start = at
    while (start < end && isBetween(bytes[start] as number, isOfJson)) start++
    this.start = start
    this.end = start
    if (start >= end) return
    let index = start
    while (index < end && bytes[index] === backslash) index++
    const first = bytes[index]
    const isOfKey = form.quote === quote && form.backslashes === 0
    // In a line of JSON a quote that is not escaped ends the text in which all this stands, unless the key has one.
    const isBareQuote = first === quote && index < end && (index - start) % 2 === 0
    if (isJson && isBareQuote && !(isOfKey && index === start)) return
    if (isJson && form.backslashes > 0 && form.backslashes % 2 === 0) return
    if (index < end && (first === quote || first === apostrophe)) {
      this.start = index + 1
      this.end = textEnd(bytes, index + 1, end, first, index - start)
      return
    }
    if (isOfJson && (first === openBrace || first === openBracket)) {
      this.isBare = true
      this.end = containerEnd(bytes, start, end, form.backslashes)
    } else if (isOfJson) {
      this.isBare = true
      this.end = scalarEnd(bytes, start, end)
    } else if (form.isHeader && form.separator === 0x3a) {
      this.end = lineEnd(bytes, start, end)
    } else if (form.separator === greater) {
      this.end = dumpedEnd(bytes, start, end)
    } else if (form.isEncoded) {
      this.#findEncoded(bytes, start, end)
    } else {
      this.end = wordEnd(bytes, start, end, form.separator === 0x3a)
    }
  }

  #findEncoded (bytes: Uint8Array, from: number, end: number): void {
    const char = this.#char
    char.read(bytes, from, end)
    const opener = (char.code === quote || char.code === apostrophe) ? char.code : 0
    let index = opener === 0 ? from : char.end
    this.start = index
    for (; index < end; index = char.end) {
      char.read(bytes, index, end)
      const { code } = char
      const isRaw = char.end === index + 1
      const isEnd = opener === 0
        ? stopsEncoded(code) || bytes[index] === backslash
        : code === opener || (isRaw && stopsEncoded(code)) || (code === backslash && bytes[index] === backslash)
      if (isEnd) break
    }
    this.end = index
  }

  /** Whether the value is `min` to `max` digits, in any encoding. */
  isDigits (bytes: Uint8Array, min: number, max: number): boolean {
    const char = this.#char
    let count = 0
    for (let index = this.start; index < this.end; index = char.end) {
      char.read(bytes, index, this.end)
      const { code } = char
      if (!((code >= 0x30 && code <= 0x39) || (code >= 0xff10 && code <= 0xff19)) || ++count > max) return false
    }
    return count >= min
  }
}

/** White space between the separator and the value; only in JSON that may go on in another line. */
function isBetween (byte: number, isOfJson: boolean): boolean {
  return byte === space || byte === tab || (isOfJson && (byte === newline || byte === carriageReturn))
}

function stopsEncoded (code: number): boolean {
  return code <= space || code === ampersand || code === semicolon || code === quote || code === apostrophe ||
    code === less || code === greater || code === comma || code === closeBrace
}

/**
 * End of a text whose quotes have `depth` backslashes before them: JSON in a text of JSON has one, JSON in that three.
 * A quote with fewer ends what is around the text.
 */
function textEnd (bytes: Uint8Array, from: number, end: number, delimiter: number, depth: number): number {
  let slashes = 0
  for (let index = from; index < end; index++) {
    const byte = bytes[index] as number
    if (byte === backslash) {
      slashes++
      continue
    }
    if (byte === delimiter || byte === quote) {
      const isOuter = (slashes + 1) % (depth + 1) !== 0
      if (isOuter || (delimiter !== quote && byte === quote && slashes % 2 === 0)) return index - slashes
      if (byte === delimiter && Math.floor((slashes - depth) / (depth + 1)) % 2 === 0) return index - depth
    }
    slashes = 0
  }
  return end
}

/** End of an object or an array, whose texts have quotes with `depth` backslashes. */
function containerEnd (bytes: Uint8Array, from: number, end: number, depth: number): number {
  let nesting = 0
  for (let index = from; index < end; index++) {
    const byte = bytes[index] as number
    if (byte === openBrace || byte === openBracket) nesting++
    else if ((byte === closeBrace || byte === closeBracket) && --nesting === 0) return index + 1
    if (byte !== backslash && byte !== quote) continue
    const slashes = index
    while (index < end && bytes[index] === backslash) index++
    if (bytes[index] !== quote || index >= end) continue
    if ((index - slashes + 1) % (depth + 1) !== 0) return slashes
    index = textEnd(bytes, index + 1, end, quote, depth)
    const quoteAt = index + depth
    // The text was cut: what ended it ends this too.
    if (quoteAt >= end || bytes[quoteAt] !== quote) return index
    index = quoteAt
  }
  return end
}

function scalarEnd (bytes: Uint8Array, from: number, end: number): number {
  let index = from
  for (; index < end; index++) {
    const byte = bytes[index] as number
    if (byte <= space || byte === comma || byte === closeBrace || byte === closeBracket || byte === quote ||
      byte === backslash) break
  }
  return index
}

/** A header ends with its line, or with the quotes around it. */
function lineEnd (bytes: Uint8Array, from: number, end: number): number {
  for (let index = from; index < end; index++) {
    const byte = bytes[index] as number
    if (byte === quote || byte === apostrophe || byte === newline || byte === 0x0d) return index
    if (byte !== backslash) continue
    const slashes = index
    while (index < end && bytes[index] === backslash) index++
    if (index < end && endsText(bytes, index, end)) return slashes
  }
  return end
}

/** `[key] => value`, as PHP dumps it: to the end of the line, to the next key, or to the end of the array. */
function dumpedEnd (bytes: Uint8Array, from: number, end: number): number {
  for (let index = from; index < end; index++) {
    const byte = bytes[index] as number
    if (byte === comma || byte === quote || byte === apostrophe || byte === newline || byte === 0x0d) return index
    if (byte === space) {
      const next = bytes[index + 1]
      if (index + 1 < end && (next === openBracket || next === closeParenthesis)) return index
    } else if (byte === backslash) {
      const slashes = index
      while (index < end && bytes[index] === backslash) index++
      if (index < end && endsText(bytes, index, end)) return slashes
    }
  }
  return end
}

function wordEnd (bytes: Uint8Array, from: number, end: number, isOfText: boolean): number {
  for (let index = from; index < end; index++) {
    const byte = bytes[index] as number
    if (byte <= space || byte === ampersand || byte === semicolon || byte === quote || byte === apostrophe ||
      byte === less || byte === greater) return index
    if (isOfText && (byte === comma || byte === closeParenthesis || byte === closeBrace || byte === closeBracket)) {
      return index
    }
    if (byte !== backslash) continue
    const slashes = index
    while (index < end && bytes[index] === backslash) index++
    if (index < end && endsText(bytes, index, end)) return slashes
  }
  return end
}

/** Whether the escape whose letter is at `at` ends a word: a quote, a line break, a tab, `&` as `\u0026`. */
function endsText (bytes: Uint8Array, at: number, end: number): boolean {
  const letter = bytes[at]
  if (letter === quote || letter === apostrophe || letter === 0x6e || letter === 0x72 || letter === 0x74) return true
  if (letter !== 0x75 || at + 4 >= end || bytes[at + 1] !== 0x30 || bytes[at + 2] !== 0x30) return false
  const code = parseInt(String.fromCharCode(bytes[at + 3] as number, bytes[at + 4] as number), 16)
  return code === ampersand || code === quote || code === apostrophe || code === less || code === greater ||
    code <= space
}

// Tested in test/redact/redactor.test.ts
