import { ascii, createByteSet, endsWith, hexValues, isDigit } from '../bytes/ascii.ts'
import { colourStart } from './colours.ts'
import { EncodedBack, encodedSlashesStart } from './encoded-back.ts'
import { isWhite } from './encoded-char.ts'
import { HtmlEntity } from './html-entities.ts'
import { KeyForm } from './key-form.ts'
import { attributeNameEnd, elementTextEnd, isBetween, ofName, tagNameEnd } from './named-values.ts'
import { endsOf, keyKind, mayBeEncoded, SensitiveKeys, type KeyKind } from './sensitive-keys.ts'
import { Separator } from './separators.ts'

const { quote, apostrophe, backslash, openBracket, closeBracket, colon, semicolon, plus } = ascii
const { less, greater, backtick } = ascii
const smallM = 0x6d

const maxClosers = 4
export const isOfWord = createByteSet(/[0-9A-Za-z]/)
/** What is no part of a key, and no dash within one. */
export const isBoundary = createByteSet(/[^-0-9A-Z_a-z\x80-\xff]/)
const isSpace = createByteSet(/[ \t\r\n]/)
/** Of the other bytes those that may stand last in a key, or between it and its separator. */
export const mayCloseKey = createByteSet(/[-_ \t\r\n"'`+\];\\\x80-\xff]/)
/** Closing marks that may stand behind a key, and the last bytes of white space that is written otherwise. */
const isCloser = createByteSet(/["'`\]]/)
/** Last digits of these where they are written as `%22`, `\\x5d`, … */
const endsEncodedCloser = createByteSet(/[027bBdD]/)
const isEscapeOfSpace = createByteSet(/[nrt]/)
const endsEncodedSpace = createByteSet(/[09\x80\xa0]/)
/** Most bytes of a prefix of XML. */
const maxPrefixBytes = 32
/** More than so many bytes of `[0]` are no index of a list. */
const maxIndexBytes = 12
/** Of `password[a][b]` so many pairs of brackets are read, and so many characters in each. */
const maxBrackets = 4
const maxNameChars = 48
/** From a name to the key of its value, `%22%2C%22`. */
const maxBetweenBytes = 48
/** More than so many bytes are no name of a class. */
const maxClassBytes = 160
const isOfClass = createByteSet(/[\w\\"\x80-\xff]/)
const isProtected = Buffer.from(':protected')
const isPrivate = Buffer.from(':private')

/** Finds the key before a separator, with what may stand around it. Allocates nothing; the object is used again. */
export class KeyBefore {
  readonly separator = new Separator()
  /** Of the key: its quotes. The rest is for the caller. */
  readonly form = new KeyForm()

  /** The key that was read last is `value`: what it is of depends on what stands before it. */
  isNamed = false
  /** The key is no name of a tag: an attribute gives it, `<param name="cvv">`, or what is before, `<key>cvv</key>`. */
  #isOfName = false

  readonly #keys: SensitiveKeys
  readonly #mayEnd: Uint8Array
  readonly #hasShort: boolean
  readonly #back = new EncodedBack()
  readonly #entity = new HtmlEntity()

  constructor (keys: SensitiveKeys) {
    this.#keys = keys
    this.#mayEnd = keys.mayEnd
    this.#hasShort = keys.hasShort
  }

  /** Where the key begins that was read last. */
  get start (): number { return this.#keys.start }

  /** Nearly all words before a separator end unlike any key. */
  mayEndAt (bytes: Uint8Array, lineStart: number, separatorAt: number): boolean {
    if (separatorAt - lineStart <= 3) return true
    let at = separatorAt - 1
    let last = bytes[at] as number
    if (last === quote) {
      // Of an attribute, in a tag of XML.
      if (bytes[separatorAt] === greater) return true
      last = bytes[--at] as number
    }
    if (isOfWord[last] === 0) return mayCloseKey[last] === 1
    const before = bytes[at - 1] as number
    const isWord = this.#mayEnd[endsOf(before, last)] === 1
    if (last === smallM && colourStart(bytes, lineStart, at + 1) >= 0) return true
    return (isWord && (this.#hasShort || isBoundary[bytes[at - 2] as number] === 0)) || before === backslash ||
      (hexValues[last] !== 16 && mayBeEncoded(bytes, at + 1)) || (hexValues[before] !== 16 && mayBeEncoded(bytes, at))
  }

  /** Kind of the key before the separator at `at`, which was read; of a tag of XML that of its name. */
  kindAt (bytes: Uint8Array, lineStart: number, at: number): KeyKind {
    const { code } = this.separator
    this.#isOfName = false
    const kind = code === greater ? this.#kindOfTag(bytes, lineStart, at) : this.kindBefore(bytes, lineStart, at)
    if (code === semicolon && !this.form.isQuoted) return keyKind.none
    if (code === colon && this.#keys.isWeak && !this.form.isQuoted) return keyKind.none
    if (code !== greater || kind === keyKind.none || this.#isOfName) return kind
    const back = this.#back
    let { start } = this.#keys
    if (start > lineStart) back.read(bytes, lineStart, start)
    const colonAt = start
    // The prefix of a namespace, and the colon behind it.
    while (start > lineStart && colonAt - start < maxPrefixBytes) {
      if (start === colonAt ? back.code !== colon : !isOfName(back.code)) break
      start = back.start
      if (start > lineStart) back.read(bytes, lineStart, start)
    }
    return start > lineStart && back.code === less ? kind : keyKind.none
  }

  /** Kind of the name of the tag that ends at `at`, which may have attributes. */
  #kindOfTag (bytes: Uint8Array, lineStart: number, at: number): KeyKind {
    const nameEnd = tagNameEnd(bytes, lineStart, at)
    if (nameEnd < 0) {
      const kind = this.kindBefore(bytes, lineStart, at)
      return this.isNamed && kind === keyKind.none ? this.#kindOfElement(bytes, lineStart) : kind
    }
    this.form.quote = this.form.backslashes = 0
    this.form.isQuoted = false
    const kind = this.#keys.kindOf(bytes, lineStart, nameEnd)
    this.isNamed = kind === keyKind.named
    const end = kind === keyKind.none || this.isNamed ? attributeNameEnd(bytes, nameEnd, at) : -1
    this.#isOfName = end >= 0
    if (this.#isOfName) return this.kindOfName(bytes, lineStart, end)
    return this.isNamed ? this.#kindOfElement(bytes, lineStart) : kind
  }

  /** Kind of a `<value>` whose name, which was read, is the text of the element before it: `<key>cvv</key>`. */
  #kindOfElement (bytes: Uint8Array, lineStart: number): KeyKind {
    const end = elementTextEnd(bytes, lineStart, this.#keys.start, this.#back)
    this.#isOfName = end >= 0
    return end < 0 ? keyKind.none : this.kindOfName(bytes, lineStart, end)
  }

  /** Kind of the key before the separator at `at`; whether it has quotes is in the form then. */
  kindBefore (bytes: Uint8Array, lineStart: number, at: number, maxSpaces = Infinity): KeyKind {
    const form = this.form
    const back = this.#back
    let keyEnd = this.#whiteStart(bytes, lineStart, at, maxSpaces)
    // Writers for terminals give keys a colour: `ESC[36mpassword ESC[0m=abc`.
    const colourAt = colourStart(bytes, lineStart, keyEnd)
    if (colourAt >= 0) keyEnd = colourAt
    form.quote = form.backslashes = 0
    form.isQuoted = false
    let isInBrackets = false
    let hasBrackets = false
    for (let count = 0; count < maxClosers && keyEnd > lineStart; count++) {
      const byte = bytes[keyEnd - 1] as number
      if (isCloser[byte] === 1 || (isInBrackets && byte === openBracket)) {
        keyEnd--
        hasBrackets ||= byte === closeBracket
        const isOutermost = (byte === quote || byte === apostrophe || byte === backtick) && form.quote === 0
        isInBrackets = byte === closeBracket
        if (isOutermost) {
          form.quote = byte
          form.isQuoted = true
        }
        const closer = keyEnd
        while (keyEnd > lineStart && closer - keyEnd < 16 && bytes[keyEnd - 1] === backslash) keyEnd--
        if (isOutermost) form.backslashes = closer - keyEnd
      } else if (byte === semicolon) {
        this.#entity.readBack(bytes, lineStart, keyEnd)
        const { code, start } = this.#entity
        if (code !== quote && code !== apostrophe) break
        isInBrackets = false
        keyEnd = start
      } else {
        if (endsEncodedCloser[byte] === 0) break
        back.read(bytes, lineStart, keyEnd)
        const { code, start } = back
        const isQuote = code === quote || code === apostrophe || code === backtick
        const isBracket = code === closeBracket || (isInBrackets && code === openBracket)
        if (start === keyEnd - 1 || !(isQuote || isBracket)) break
        isInBrackets = code === closeBracket
        hasBrackets ||= isInBrackets
        form.isQuoted ||= isQuote
        keyEnd = isQuote ? encodedSlashesStart(bytes, lineStart, start, back) : start
      }
      if (isInBrackets) keyEnd = visibilityStart(bytes, lineStart, this.#indexStart(bytes, lineStart, keyEnd))
    }
    let kind = this.#keys.kindOf(bytes, lineStart, keyEnd)
    this.isNamed = kind === keyKind.named
    if (this.isNamed) kind = this.#kindNamed(bytes, lineStart, this.#keys.start)
    return kind === keyKind.none && hasBrackets ? this.#kindAround(bytes, lineStart, keyEnd) : kind
  }

  /** Kind of what is called as the text that ends at `at`. */
  kindOfName (bytes: Uint8Array, lineStart: number, at: number): KeyKind {
    return ofName(this.#keys.kindOf(bytes, lineStart, at))
  }

  /** Kind of the key that the text before `at` is: of `"cvv","value`, `'cvv', 'value`, `cvv&value`, `"cvv" value`. */
  #kindNamed (bytes: Uint8Array, lineStart: number, at: number): KeyKind {
    const back = this.#back
    let isApart = false
    let index = at
    for (; index > lineStart && at - index < maxBetweenBytes; index = back.start) {
      back.read(bytes, lineStart, index)
      if (isBetween(back.code)) isApart = true
      else if (back.code !== backslash && !isWhite(back.code)) break
    }
    return isApart ? this.kindOfName(bytes, lineStart, index) : keyKind.none
  }

  /** Kind of the keys before one in brackets that ends at `at`: of `b` in `password[a][b]`. */
  #kindAround (bytes: Uint8Array, lineStart: number, at: number): KeyKind {
    const back = this.#back
    let index = at
    for (let count = 0; count < maxBrackets; count++) {
      index = this.#nameStart(bytes, lineStart, index)
      if (index === lineStart) return keyKind.none
      back.read(bytes, lineStart, index)
      const { code: opener, start: outerEnd } = back
      if (opener !== openBracket || outerEnd === lineStart) return keyKind.none
      back.read(bytes, lineStart, outerEnd)
      const { code, start } = back
      const isInBrackets = code === closeBracket
      index = isInBrackets ? this.#nameEnd(bytes, lineStart, start) : outerEnd
      const kind = this.#keys.kindOf(bytes, lineStart, index)
      if (kind === keyKind.secret || kind === keyKind.authentication) return kind
      if (kind === keyKind.header) return keyKind.secret
      if (!isInBrackets) return keyKind.none
    }
    return keyKind.none
  }

  /** Where the name in brackets begins that ends at `at`, with its quote. */
  #nameStart (bytes: Uint8Array, lineStart: number, at: number): number {
    const back = this.#back
    let index = at
    for (let count = 0; count < maxNameChars && index > lineStart; count++) {
      back.read(bytes, lineStart, index)
      const isQuote = back.code === quote || back.code === apostrophe
      if (!isQuote && !isOfName(back.code) && back.code !== backslash) break
      index = back.start
    }
    return index
  }

  /** Where the name in brackets ends whose bracket is at `at`, without its quote. */
  #nameEnd (bytes: Uint8Array, lineStart: number, at: number): number {
    const back = this.#back
    let index = at
    while (index > lineStart && at - index < maxIndexBytes) {
      back.read(bytes, lineStart, index)
      if (back.code !== quote && back.code !== apostrophe && back.code !== backslash) break
      index = back.start
    }
    return index
  }

  /** Where the index of a list begins that ends at `at`, `[0]`; `at` where there is none. */
  #indexStart (bytes: Uint8Array, lineStart: number, at: number): number {
    let index = at
    while (index > lineStart && at - index < maxIndexBytes && isDigit(bytes[index - 1] as number)) index--
    if (index === at || index === lineStart) return at
    if (bytes[index - 1] === openBracket) return index
    // The digits of `%5B` stand before those of the index.
    this.#back.read(bytes, lineStart, index)
    return this.#back.code === openBracket ? index : at
  }

  /** Where the white space begins that ends at `at`, in any encoding. */
  #whiteStart (bytes: Uint8Array, lineStart: number, at: number, maxSpaces: number): number {
    const back = this.#back
    let index = at
    while (index > lineStart && at - index < maxSpaces) {
      const byte = bytes[index - 1] as number
      if (isSpace[byte] === 1 || byte === plus) {
        index--
      } else if (isEscapeOfSpace[byte] === 1 && index - 1 > lineStart && bytes[index - 2] === backslash) {
        index -= 2
        while (index > lineStart && at - index < maxSpaces && bytes[index - 1] === backslash) index--
      } else if (endsEncodedSpace[byte] === 1) {
        back.read(bytes, lineStart, index)
        if (back.start === index - 1 || !isWhite(back.code)) break
        index = back.start
      } else {
        break
      }
    }
    return index
  }
}

/** Where `:protected` or `:Card:private` begins, as PHP dumps members of an object; `at` where none ends there. */
function visibilityStart (bytes: Uint8Array, lineStart: number, at: number): number {
  if (endsWith(bytes, lineStart, at, isProtected)) return at - isProtected.length
  if (!endsWith(bytes, lineStart, at, isPrivate)) return at
  let index = at - isPrivate.length
  while (index > lineStart && at - index < maxClassBytes && isOfClass[bytes[index - 1] as number] === 1) index--
  return index > lineStart && bytes[index - 1] === colon ? index - 1 : at
}

function isOfName (code: number): boolean {
  return code < 0x80 && (isOfWord[code] === 1 || code === 0x2d || code === 0x5f || code === 0x2e)
}

// Tested in test/redact/redactor.test.ts
