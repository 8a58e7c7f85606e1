import { ascii, createByteSet, hexValues } from '../bytes/ascii.ts'
import type { LineRewriter } from '../bytes/line-rewriter.ts'
import type { HintWatch } from '../contracts/hints.ts'
import { truncateAddresses } from './addresses.ts'
import { EncodedBack } from './encoded-back.ts'
import { OauthQuery } from './oauth-query.ts'
import { endsOf, keyKind, mayBeEncoded, SensitiveKeys, type KeyKind } from './sensitive-keys.ts'
import { SensitiveValue, type KeyForm } from './sensitive-values.ts'

const { quote, apostrophe, backslash, openBracket, closeBracket, colon, space } = ascii
const equals = 0x3d
const percent = 0x25
const greater = 0x3e

export const redacted = Buffer.from('[redacted]')

/** 1 for bytes that may separate a key from its value. */
const isSeparator = new Uint8Array(256)
for (const byte of [equals, colon, percent]) isSeparator[byte] = 1

/** Values that say only whether there is a secret: MySQL's `(using password: YES)`. */
const words = ['true', 'false', 'null', 'yes', 'no', 'none', 'undefined', '[redacted]'].map(word => Buffer.from(word))
const maxClosers = 3
const isOfWord = createByteSet(/[0-9A-Za-z]/)
/** Of the other bytes those that may stand last in a key, or between it and its separator. */
const mayCloseKey = createByteSet(/[-_ \t\r\n"'\]\\\x80-\xff]/)
/** What is no part of a key, and no dash within one. */
const isBoundary = createByteSet(/[\x00-,./:-@[-^`{-\x7f]/)
const isWhite = createByteSet(/[ \t\r\n]/)
/** So many bytes of an id may stand before a number in it. */
const maxIdBytes = 128
/** Between an id's key and its separator so much white space: it is asked about often. */
const maxIdSpaces = 3

export interface SecretCounts { secret: number, authentication: number, client: number }

/**
 * Takes the values of sensitive keys out of a line: of JSON, of JSON in its texts, of queries and forms, of
 * `key: value`, `'key' => 'value'` and `[key] => value`. Looks at what stands around each `=` and `:`, so it takes
 * time in proportion to the line, and an ordinary one costs a look at each byte. Allocates nothing.
 */
export class Secrets implements HintWatch {
  hints = 0
  readonly counts: SecretCounts = { secret: 0, authentication: 0, client: 0 }
  readonly #keys: SensitiveKeys
  readonly #mayEnd: Uint8Array
  readonly #hasShort: boolean
  readonly #value = new SensitiveValue()
  readonly #back = new EncodedBack()
  readonly #query = new OauthQuery()
  readonly #form: KeyForm = { quote: 0, backslashes: 0, separator: 0, isEncoded: false, isHeader: false }

  constructor (keys: SensitiveKeys) {
    this.#keys = keys
    this.#mayEnd = keys.mayEnd
    this.#hasShort = keys.hasShort
  }

  /** Rewrites a line. @returns false when nothing is to be changed: the rewriter then holds nothing of it */
  rewrite (rewriter: LineRewriter, bytes: Buffer, start: number, end: number, isJson: boolean): boolean {
    let hasBegun = false
    let index = start
    while (true) {
      index = separatorAt(bytes, index, end)
      if (index >= end) break
      if (!this.#mayBeAfterKey(bytes, start, index)) {
        index++
        continue
      }
      const length = separatorLength(bytes, index, end)
      if (length === 0) {
        index++
        continue
      }
      const kind = this.#kindBefore(bytes, start, index)
      if (kind === keyKind.none || kind === keyKind.id) {
        index += length
        continue
      }
      const { counts } = this
      if (!hasBegun) {
        hasBegun = true
        rewriter.begin(bytes, start)
        counts.secret = counts.authentication = counts.client = 0
        this.#query.begin()
      }
      const form = this.#form
      form.isEncoded = length > 1
      form.separator = form.isEncoded ? equals : bytes[index] as number
      form.isHeader = kind === keyKind.header
      let at = index + length
      if (form.separator === equals && at < end && bytes[at] === greater) {
        form.separator = greater
        at++
      }
      index = at
      const value = this.#value
      value.find(bytes, at, end, form, isJson)
      if (value.end <= value.start || isWord(bytes, value.start, value.end)) continue
      if (kind === keyKind.authenticationDigits && !value.isDigits(bytes, 3, 6)) continue
      if (kind === keyKind.code && !this.#query.hasState(bytes, start, this.#keys.start, end)) continue
      index = value.end
      if (kind === keyKind.client) {
        if (truncateAddresses(rewriter, bytes, value.start, value.end)) counts.client++
        continue
      }
      if (kind === keyKind.authentication || kind === keyKind.authenticationDigits) counts.authentication++
      else counts.secret++
      const scratch = rewriter.replace(value.start, value.end, 0)
      if (value.isBare) appendQuote(rewriter, form)
      scratch.append(redacted)
      if (value.isBare) appendQuote(rewriter, form)
    }
    if (!hasBegun || rewriter.count === 0) return false
    rewriter.finish(end)
    return true
  }

  /** As in `HintWatch`. */
  isAfterKey (bytes: Uint8Array, lineStart: number, at: number): boolean {
    return this.#mayBeAfterKey(bytes, lineStart, at) && this.#isAfterKey(bytes, lineStart, at)
  }

  #isAfterKey (bytes: Uint8Array, lineStart: number, at: number): boolean {
    // Reading a key takes long where each character of it is encoded, so a percent sign is looked at first.
    if (separatorLength(bytes, at, bytes.length) === 0) return false
    const kind = this.#kindBefore(bytes, lineStart, at)
    return kind !== keyKind.none && kind !== keyKind.id
  }

  /** Nearly all words before a separator end unlike any key. */
  #mayBeAfterKey (bytes: Uint8Array, lineStart: number, separatorAt: number): boolean {
    if (separatorAt - lineStart <= 3) return true
    let at = separatorAt - 1
    let last = bytes[at] as number
    if (last === quote) last = bytes[--at] as number
    if (isOfWord[last] === 0) return mayCloseKey[last] === 1
    const before = bytes[at - 1] as number
    return (this.#mayEnd[endsOf(before, last)] === 1 && (this.#hasShort || isBoundary[bytes[at - 2] as number] === 0)) ||
      (hexValues[last] !== 16 && mayBeEncoded(bytes, at + 1)) || (hexValues[before] !== 16 && mayBeEncoded(bytes, at))
  }

  /** Whether what stands at `at` is in the value of an id, `"trace_id":"shop-…"` or `trace=…`. */
  isOfId (bytes: Uint8Array, lineStart: number, at: number): boolean {
    let index = at
    while (index > lineStart && at - index < maxIdBytes && isOfIdValue(bytes[index - 1] as number)) index--
    const opener = index
    while (index > lineStart && opener - index < 8 && isBeforeValue(bytes[index - 1] as number)) index--
    if (index === lineStart || !(bytes[index - 1] === colon || bytes[index - 1] === equals)) return false
    return this.#kindBefore(bytes, lineStart, index - 1, maxIdSpaces) === keyKind.id
  }

  /** Kind of the key before the separator at `at`; whether it has quotes is in the form then. */
  #kindBefore (bytes: Uint8Array, lineStart: number, at: number, maxSpaces = Infinity): KeyKind {
    const form = this.#form
    let keyEnd = at
    form.quote = form.backslashes = 0
    while (keyEnd > lineStart && at - keyEnd < maxSpaces && isWhite[bytes[keyEnd - 1] as number] === 1) keyEnd--
    let isInBrackets = false
    for (let count = 0; count < maxClosers && keyEnd > lineStart; count++) {
      const byte = bytes[keyEnd - 1] as number
      if (byte === quote || byte === apostrophe || byte === closeBracket || (isInBrackets && byte === openBracket)) {
        keyEnd--
        const isOutermost = (byte === quote || byte === apostrophe) && form.quote === 0
        isInBrackets = byte === closeBracket
        if (isOutermost) form.quote = byte
        const closer = keyEnd
        while (keyEnd > lineStart && closer - keyEnd < 16 && bytes[keyEnd - 1] === backslash) keyEnd--
        if (isOutermost) form.backslashes = closer - keyEnd
        continue
      }
      if (byte !== 0x32 && byte !== 0x37 && (byte | 0x20) !== 0x64 && (byte | 0x20) !== 0x62) break
      this.#back.read(bytes, lineStart, keyEnd)
      const { code, start } = this.#back
      if (start === keyEnd - 1 || (code !== quote && code !== apostrophe && code !== closeBracket &&
        !(isInBrackets && code === openBracket))) break
      isInBrackets = code === closeBracket
      keyEnd = start
    }
    return this.#keys.kindOf(bytes, lineStart, keyEnd)
  }
}

function appendQuote ({ scratch }: LineRewriter, form: KeyForm): void {
  for (let count = 0; count < form.backslashes; count++) scratch.append(slashByte)
  scratch.append(quoteByte)
}
const slashByte = Buffer.from('\\')
const quoteByte = Buffer.from('"')

/** Index of the next byte that may be a separator, or `end`. */
function separatorAt (bytes: Uint8Array, from: number, end: number): number {
  let index = from
  // Eight at a time: a loop's own cost is as large as that of its body.
  for (; index + 8 <= end; index += 8) {
    if (isSeparator[bytes[index] as number] === 1) return index
    if (isSeparator[bytes[index + 1] as number] === 1) return index + 1
    if (isSeparator[bytes[index + 2] as number] === 1) return index + 2
    if (isSeparator[bytes[index + 3] as number] === 1) return index + 3
    if (isSeparator[bytes[index + 4] as number] === 1) return index + 4
    if (isSeparator[bytes[index + 5] as number] === 1) return index + 5
    if (isSeparator[bytes[index + 6] as number] === 1) return index + 6
    if (isSeparator[bytes[index + 7] as number] === 1) return index + 7
  }
  while (index < end && isSeparator[bytes[index] as number] === 0) index++
  return index
}

/** Bytes of the separator: `=`, `:`, `%3D`, `%3A`, `%253D`, …; 0: a percent sign that is none. */
function separatorLength (bytes: Uint8Array, at: number, end: number): number {
  if (bytes[at] !== percent) return 1
  let index = at + 1
  while (index + 3 < end && index - at < 16 && bytes[index] === 0x32 && bytes[index + 1] === 0x35) index += 2
  if (index + 1 >= end || bytes[index] !== 0x33) return 0
  const letter = (bytes[index + 1] as number) | 0x20
  return letter === 0x64 || letter === 0x61 ? index + 2 - at : 0
}

function isWord (bytes: Uint8Array, start: number, end: number): boolean {
  const first = (bytes[start] as number) | 0x20
  for (const word of words) {
    if (((word[0] as number) | 0x20) === first && isThisWord(word, bytes, start, end)) return true
  }
  return false
}

function isThisWord (word: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (start + word.length > end) return false
  for (let index = 0; index < word.length; index++) {
    const byte = bytes[start + index] as number
    if (byte !== word[index] && (byte | 0x20) !== word[index]) return false
  }
  for (let index = start + word.length; index < end; index++) if (isLetterOrDigit(bytes[index] as number)) return false
  return true
}

function isLetterOrDigit (byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a) || byte > 0x7f
}

function isOfIdValue (byte: number): boolean {
  return isLetterOrDigit(byte) || byte === 0x2d || byte === 0x5f || byte === 0x2e || byte === 0x2f
}

function isBeforeValue (byte: number): boolean {
  return byte === space || byte === quote || byte === apostrophe || byte === backslash || byte === greater
}

// Tested in test/redact/redactor.test.ts
