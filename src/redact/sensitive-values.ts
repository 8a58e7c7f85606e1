import { ascii, createByteSet, digitsEnd, hasBytes, isDigit } from '../bytes/ascii.ts'
import { colourEnd } from './colours.ts'
import { EncodedChar, isLineBreak, isWhite } from './encoded-char.ts'
import { EncodedValue, listOpener } from './encoded-values.ts'
import { HeaderValue } from './header-values.ts'
import { HtmlEntity } from './html-entities.ts'
import type { KeyForm } from './key-form.ts'
import { isScheme, isWordOf } from './schemes.ts'
import { mayBeDigits, prefixEnd } from './value-prefixes.ts'
import { containerEnd, listEnd, pemEnd, scalarEnd, textEnd, wordEnd } from './value-ends.ts'
import { dumpedEnd, dumpedTextEnd, isBehindBracket } from './dumped-values.ts'

const { quote, apostrophe, backslash, slash, openBrace, openBracket, openParenthesis } = ascii
const { closeBracket, closeParenthesis } = ascii
const { tab, newline, space, semicolon, colon, plus, minus, ampersand, less, greater, percent } = ascii

/** With these begins nothing but a word. */
const isPlain = createByteSet(/[0-9()*+,./:;=?^_|~-]/)
/** Bytes with which white space begins, in any encoding. */
const mayBeWhite = createByteSet(/[\t-\r %\\\x80-\xff]/)
/** Types of `serialize` that have a length before the value. */
const hasLength = createByteSet(/[sSaO]/)
const mayBeLess = createByteSet(/[<%\\]/)
const stringWord = Buffer.from('string')
const intWord = Buffer.from('int(')
const rawText = Buffer.from('<![CDATA[')
/** Of MySQL's `… near 'password = 'abc'' at line 1`, behind the statement. */
const atLine = Buffer.from(' at line ')
/** Most bytes of them. */
const maxPrefixBytes = 24

/** Finds where a value lies. Allocates nothing; the object is used again. */
export class SensitiveValue {
  start = 0
  end = 0
  /** A number, a word or an array of JSON, in whose place a text needs quotes. */
  isBare = false
  /** Of the line: Apache has written each of its backslashes as two. */
  isDoubled = false
  readonly #char = new EncodedChar()
  readonly #encoded = new EncodedValue()
  readonly #header = new HeaderValue()
  readonly #entity = new HtmlEntity()

  /** Somebody else has found it. */
  set (start: number, end: number): void {
    this.start = start
    this.end = end
    this.isBare = false
  }

  /** Finds the value that begins at `at`, behind the separator. */
  find (bytes: Uint8Array, at: number, end: number, form: KeyForm, isJson: boolean): void {
    this.isBare = false
    const isOfJson = form.quote === quote && form.separator === colon && form.width === 1
    const mayBreak = isOfJson || form.separator === greater
    let white = this.#whiteEnd(bytes, at, end, form, mayBreak)
    const colourTo = colourEnd(bytes, white, end)
    if (colourTo >= 0) white = this.#whiteEnd(bytes, colourTo, end, form, mayBreak)
    if (form.isOfDigits && form.separator !== semicolon && !mayBeDigits(bytes, white)) {
      // The end of what is no digits is far to look for, but for `int(1234)` of PHP's `var_dump`.
      const isInt = form.separator === greater && isWordOf(intWord, bytes, white, end)
      this.start = isInt ? white + intWord.length : white
      this.end = isInt ? digitsEnd(bytes, this.start, end) : white
      return
    }
    // `print_r` writes a text as it is.
    const isRaw = form.separator === greater && isBehindBracket(bytes, at)
    const start = isOfJson || form.separator === less || (white < end && isPlain[bytes[white] as number] === 1)
      ? white
      : form.separator === semicolon
        ? this.#serializedStart(bytes, white, end)
        : this.#textStart(bytes, white, end, isRaw ? 0 : form.width)
    this.start = start
    this.end = start
    if (start >= end || (form.isOfDigits && this.#opensList(bytes, start, end))) return
    if (form.separator === less) {
      this.#findElement(bytes, start, end, isJson)
      return
    }
    if (bytes[start] === ampersand && this.#findHtmlText(bytes, start, end)) return
    const keyTo = bytes[start] === minus ? pemEnd(bytes, start, end) : -1
    if (keyTo >= 0) {
      this.end = keyTo
      return
    }
    let index = start
    while (index < end && bytes[index] === backslash) index++
    const first = bytes[index]
    const opener = isPlain[first as number] === 1 ? -1 : listOpener(bytes, start, end)
    const isEncoded = form.width > 1 || index > start || first === percent ||
      (opener >= 0 && bytes[opener] !== openParenthesis)
    const isOfKey = form.quote === quote && form.backslashes === 0
    // In a line of JSON a quote that is not escaped ends the text in which all this stands, unless the key has one.
    const isBareQuote = first === quote && index < end && (index - start) % 2 === 0
    if (isJson && isBareQuote && !(isOfKey && index === start)) return
    if (isJson && form.backslashes > 0 && form.backslashes % 2 === 0) return
    if (index < end && (first === quote || first === apostrophe) && isRaw && start === white) {
      this.end = dumpedEnd(bytes, start, end, true, isJson)
    } else if (index < end && (first === quote || first === apostrophe)) {
      this.start = index + 1
      this.end = textEnd(bytes, index + 1, end, first, index - start, isJson, this.isDoubled)
      const isPlainText = first === quote && index === start && !isJson
      if (isPlainText) this.end = Math.max(this.end, dumpedTextEnd(bytes, index, end, this.isDoubled))
      if (first === apostrophe) this.#addDoubled(bytes, end, index - start, isJson)
    } else if (isOfJson && (first === openBrace || first === openBracket)) {
      this.isBare = true
      this.end = containerEnd(bytes, start, end, form.backslashes)
    } else if (isEncoded && this.#encoded.find(bytes, start, end, form, opener >= 0)) {
      this.start = this.#encoded.start
      this.end = this.#encoded.end
    } else if (isOfJson) {
      this.isBare = true
      this.end = scalarEnd(bytes, start, end)
    } else if (opener >= 0 || (!isRaw && (first === openBrace || first === openBracket))) {
      // A secret may begin as a list does: `{}abc`.
      this.end = wordEnd(bytes, listEnd(bytes, start, end, isJson), end, true, start)
    } else if (form.isHeader && form.separator !== greater) {
      this.end = form.width > 1 || form.separator === colon
        ? this.#header.lineEnd(bytes, start, end, isJson, form.width)
        : this.#header.wordsEnd(bytes, start, end)
    } else if (form.separator === greater) {
      this.end = dumpedEnd(bytes, start, end, form.isHeader || (isRaw && !form.isOfDigits), isJson)
    } else {
      this.end = wordEnd(bytes, this.start, end, form.separator === colon)
      if (isScheme(bytes, this.start, this.end)) this.#addWord(bytes, end, form)
    }
  }

  /** `&quot;abc&quot;`, also where it is cut: then to what ends the text around it. */
  #findHtmlText (bytes: Uint8Array, from: number, end: number): boolean {
    const entity = this.#entity
    entity.read(bytes, from, end)
    const { code } = entity
    if (code !== quote && code !== apostrophe) return false
    let index = this.start = entity.end
    let slashCount = 0
    for (; index < end; index++) {
      const byte = bytes[index] as number
      if (byte === quote || byte === newline || byte === less) break
      if (byte === ampersand && slashCount % 2 === 0) {
        entity.read(bytes, index, end)
        if (entity.code === code) break
      }
      slashCount = byte === backslash ? slashCount + 1 : 0
    }
    this.end = bytes[index] === quote && index < end ? index - slashCount : index
    return true
  }

  /** Of a list or an object the end is far to look for, and neither is digits. */
  #opensList (bytes: Uint8Array, at: number, end: number): boolean {
    this.#char.read(bytes, at, end)
    const { code } = this.#char
    return code === openBrace || code === openBracket || code === openParenthesis
  }

  /** In SQL an apostrophe within a text is written twice; MySQL's error has its own behind that of a text. */
  #addDoubled (bytes: Uint8Array, end: number, depth: number, isJson: boolean): void {
    if (depth > 0) return
    while (this.end + 1 < end && bytes[this.end] === apostrophe && bytes[this.end + 1] === apostrophe) {
      const next = this.end + 2
      const digitAt = next + atLine.length
      if (hasBytes(bytes, next, end, atLine) && (digitAt >= end || isDigit(bytes[digitAt] as number))) return
      this.end = textEnd(bytes, this.end + 2, end, apostrophe, 0, isJson)
    }
  }

  /** What follows a scheme, `Bearer abc`. */
  #addWord (bytes: Uint8Array, end: number, form: KeyForm): void {
    const index = this.#whiteEnd(bytes, this.end, end, form, false)
    const wordTo = wordEnd(bytes, index, end, false)
    if (index > this.end && wordTo > index) this.end = wordTo
  }

  /** The text of an element of XML; none where no end tag follows it. */
  #findElement (bytes: Uint8Array, from: number, end: number, isJson: boolean): void {
    const char = this.#char
    const rawFrom = this.#rawTextStart(bytes, from, end)
    const isRaw = rawFrom >= 0
    let hasWhite = false
    let brackets = 0
    let before = from
    let index = isRaw ? rawFrom : from
    this.start = index
    for (let next = index; index < end; index = next) {
      char.read(bytes, index, end)
      const { code } = char
      next = char.end
      if (code === quote && next === index + 1 && isJson) break
      if (code === backslash && bytes[next] === quote && (next - index) % 2 === 1) next++
      brackets = code === closeBracket ? brackets + 1 : 0
      if (isRaw && brackets === 2) {
        this.end = before
        return
      }
      if (brackets === 0 || brackets > 2) before = next
      if (!isRaw && code === less) {
        // A tag that is cut may be the end tag.
        this.end = char.end >= end || this.#isSlash(bytes, char.end, end) ? index : this.start
        return
      }
      hasWhite ||= isWhite(code)
    }
    this.end = hasWhite && !isRaw ? this.start : index
  }

  /** Where the text behind `<![CDATA[` begins, in any encoding; -1: there is none. */
  #rawTextStart (bytes: Uint8Array, from: number, end: number): number {
    const char = this.#char
    let index = from
    for (const byte of rawText) {
      if (index >= end) return -1
      char.read(bytes, index, end)
      if (char.code !== byte) return -1
      index = char.end
    }
    return index
  }

  /** Whether the slash of an end tag stands at `at`; it may have backslashes before it. */
  #isSlash (bytes: Uint8Array, at: number, end: number): boolean {
    if (at >= end) return false
    const char = this.#char
    char.read(bytes, at, end)
    return char.code === slash || (char.code === backslash && bytes[char.end] === slash)
  }

  /** Where the value begins behind `s:3:`, `i:` or `a:1:`, in any encoding. */
  #serializedStart (bytes: Uint8Array, from: number, end: number): number {
    const char = this.#char
    let index = from + 1
    const last = Math.min(end, from + maxPrefixBytes * 2)
    for (let colons = hasLength[bytes[from] as number] === 1 ? 2 : 1; index < last && colons > 0; index = char.end) {
      char.read(bytes, index, end)
      if (char.code === colon) colons--
      else if (char.code < 0x30 || char.code > 0x39) break
    }
    return index
  }

  /** Where a text begins behind `string(3) ` or, unless `width` is 0, `u` or `<`. */
  #textStart (bytes: Uint8Array, from: number, end: number, width: number): number {
    const char = this.#char
    if (from < end && width > 0 && mayBeLess[bytes[from] as number] === 1) {
      char.read(bytes, from, end)
      if (char.code === less) return char.end
    }
    if (!isWordOf(stringWord, bytes, from, end)) return width === 0 ? from : prefixEnd(bytes, from, end, width, char)
    const last = Math.min(end, from + maxPrefixBytes * 2)
    for (let index = from + stringWord.length; index < last; index = char.end) {
      char.read(bytes, index, end)
      if (char.code === quote || char.code === backslash) return index
      if (char.code !== openParenthesis && char.code !== closeParenthesis && !isWhite(char.code) &&
        !isDigit(char.code) && char.code !== plus) break
    }
    return from
  }

  #whiteEnd (bytes: Uint8Array, from: number, end: number, form: KeyForm, mayBreak: boolean): number {
    const char = this.#char
    let index = from
    while (index < end) {
      const byte = bytes[index] as number
      if (byte === space || byte === tab || (byte === plus && form.width > 1)) {
        index++
        continue
      }
      if (mayBeWhite[byte] === 0) break
      char.read(bytes, index, end)
      if (!isWhite(char.code) || (!mayBreak && isLineBreak(bytes, char))) break
      index = char.end
    }
    return index
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

// Tested in test/redact/redactor.test.ts
