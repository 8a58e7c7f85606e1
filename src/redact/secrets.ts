import { ascii, stopAt } from '../bytes/ascii.ts'
import type { LineRewriter } from '../bytes/line-rewriter.ts'
import type { HintWatch } from '../contracts/hints.ts'
import { isOfApache } from '../formats/apache-error.ts'
import { truncateAddresses } from './addresses.ts'
import { arrowEnd } from './arrow-end.ts'
import { BareToken, mayShowToken } from './bare-tokens.ts'
import { isVisibility } from './dumped-values.ts'
import { FormData } from './form-data.ts'
import { HtmlEntity } from './html-entities.ts'
import { isOfId } from './id-values.ts'
import { KeyBefore } from './key-before.ts'
import { maxGapBytes } from './list-places.ts'
import { OauthQuery } from './oauth-query.ts'
import { keyKind, type KeyKind, type SensitiveKeys } from './sensitive-keys.ts'
import { SensitiveValue } from './sensitive-values.ts'
import { isNoEscape, mayBeginSeparator } from './separators.ts'
import { Statements } from './statements.ts'
import { isEncodedAtSign } from './url-passwords.ts'
import { isInPlaceOfValue, isPlaceholder, isWord } from './value-words.ts'
import { writeRedacted } from './write-redacted.ts'

const { backslash, colon, equals, less, greater, percent, openParenthesis } = ascii

/** Bytes of a value in which three to six digits are looked for, in any encoding. */
const maxDigitsBytes = 128
/** What may stand before a key and belong to it, `x[session][`, and before a token, `Bearer `. */
const maxBeforeKeyBytes = 64
const maxBeforeTokenBytes = 32

export interface SecretCounts { card: number, secret: number, authentication: number, client: number }

/**
 * Takes the values of sensitive keys out of a line: of JSON, of JSON in its texts, of queries and forms, of
 * `key: value`, `'key' => 'value'`, `[key] => value` and of statements of SQL. Looks at what stands around each `=`,
 * `:` and `(`, so it takes time in proportion to the line, and an ordinary one costs a look at each byte. Allocates
 * only for parts of a form and for statements.
 */
export class Secrets implements HintWatch {
  hints = 0
  readonly counts: SecretCounts = { card: 0, secret: 0, authentication: 0, client: 0 }
  readonly #key: KeyBefore
  readonly #value = new SensitiveValue()
  readonly #query = new OauthQuery()
  readonly #token = new BareToken()
  readonly #formData = new FormData()
  readonly #entity = new HtmlEntity()
  readonly #statements: Statements
  readonly #hasTokens: boolean
  readonly #stops: Uint8Array
  /** Where the key begins, with what is before it, of a value that goes on to the end of the line; -1: none does. */
  openFrom = -1
  /** Where the statement begins whose list of values was found. */
  #statementAt = 0
  /** Where the part begins that is rewritten of the line. */
  #keptFrom = 0
  /** What is left of the value of a client's key. */
  #clientFrom = 0
  #clientTo = 0

  /** @param hasTokens tokens are looked for that no key stands before */
  constructor (keys: SensitiveKeys, hasTokens: boolean) {
    this.#key = new KeyBefore(keys)
    this.#statements = new Statements(this.#key)
    this.#hasTokens = hasTokens
    this.#stops = mayBeginSeparator.map((isIn, byte) => isIn | (hasTokens ? mayShowToken[byte] as number : 0))
    this.#stops[openParenthesis] = 1
  }

  /**
   * Rewrites a line, or what of it begins at `keptFrom`: what is before that is only read.
   *
   * @returns false when nothing is to be changed: the rewriter then holds nothing of it
   */
  rewrite (
    rewriter: LineRewriter, bytes: Buffer, start: number, end: number, isJson: boolean, keptFrom = start
  ): boolean {
    this.#keptFrom = keptFrom
    this.openFrom = -1
    const { counts } = this
    const { separator, form } = this.#key
    const value = this.#value
    const stops = this.#stops
    const token = this.#token
    let hasBegun = false
    let index = start
    let least = start
    this.#clientTo = this.#clientFrom = start
    // Up to the list of values of a statement that was read, if one stands behind it.
    let until = end
    while (true) {
      index = stopAt(bytes, index, until, stops)
      if (index >= until && until === end) break
      if (index >= until) {
        index = least = this.#takeList(rewriter, bytes, index, end)
        until = end
        continue
      }
      const at = index
      if (this.#mayShowToken(bytes, at)) {
        index++
        // A token may end behind what was taken out before.
        if (!token.find(bytes, start, at, end) || token.start < least ||
          isWord(bytes, token.start, token.end)) continue
        if (!hasBegun) this.#begin(rewriter, bytes, start, end, isJson)
        hasBegun = true
        index = least = token.end
        if (token.end === end) this.#goesOn(Math.max(start, token.start - maxBeforeTokenBytes))
        if (!this.#pass(rewriter, bytes, token.start, token.end)) continue
        counts.secret++
        writeRedacted(rewriter, token.start, token.end, keptFrom)
        continue
      }
      if (bytes[at] === openParenthesis) {
        index++
        if (!this.#statements.opensValues(bytes, start, at)) continue
        if (!hasBegun) this.#begin(rewriter, bytes, start, end, isJson)
        hasBegun = true
        index = least = this.#takeRows(rewriter, bytes, index, end, isJson)
        if (until === end && this.#statements.rows.hasPlaceholder) {
          until = this.#listStart(bytes, this.#statements.start, index, end, isJson)
        }
        continue
      }
      // Of a run of backslashes nothing is looked at twice, of all else what stands before it first.
      const isEscape = bytes[at] === backslash
      if (isEscape ? isNoEscape(bytes, at) : !this.#key.mayEndAt(bytes, start, at)) {
        index++
        continue
      }
      separator.read(bytes, at, end)
      index += separator.length
      if (separator.code === 0 || (isEscape && !this.#key.mayEndAt(bytes, start, at))) continue
      let kind = this.#key.kindAt(bytes, start, at)
      const isFormData = kind === keyKind.disposition
      if (isFormData) kind = this.#kindOfPart(bytes, index, end, isJson)
      if (kind === keyKind.none || kind === keyKind.id) continue
      if (kind === keyKind.client && at < this.#clientTo) continue
      if (!hasBegun) this.#begin(rewriter, bytes, start, end, isJson)
      hasBegun = true
      form.isHeader = kind === keyKind.header
      form.isOfDigits = kind === keyKind.authenticationDigits || kind === keyKind.cardPart
      form.width = separator.isPercent ? separator.length : 1
      form.separator = separator.code === greater ? less : separator.code
      if (separator.isPercent && separator.code === colon) form.separator = equals
      if (separator.code === equals) index = arrowEnd(this.#key, this.#entity, bytes, index, end)
      // `password := abc`
      else if (separator.code === colon && bytes[index] === equals && index < end) index++
      // What is read of the value of such a key is read again if it is none.
      const limit = form.isOfDigits ? Math.min(end, index + maxDigitsBytes) : end
      if (kind === keyKind.code && !this.#query.hasState(bytes, start, this.#key.start, end)) continue
      if (isFormData) value.set(this.#formData.valueStart, this.#formData.valueEnd)
      else value.find(bytes, index, limit, form, isJson)
      if (value.end <= value.start || isWord(bytes, value.start, value.end)) continue
      const mayBeParameter = separator.code === equals && kind !== keyKind.client
      if (mayBeParameter && isPlaceholder(bytes, value.start, value.end)) {
        index = least = value.end
        if (until === end) until = this.#listStart(bytes, this.#key.start, index, end, isJson)
        continue
      }
      if (form.isOfDigits && !value.isDigits(bytes, 3, 6)) continue
      if (separator.code === colon && isVisibility(bytes, at + 1, end)) continue
      if (kind === keyKind.client) {
        // A secret may stand in it: its addresses are truncated when what is before them is done.
        this.#truncate(rewriter, bytes, end, end)
        index = value.start
        this.#clientFrom = Math.max(index, keptFrom)
        this.#clientTo = value.end
        continue
      }
      index = least = value.end
      if (value.end === end) this.#goesOn(Math.max(start, this.#key.start - maxBeforeKeyBytes))
      if (mayBeParameter && until === end && isInPlaceOfValue(bytes, value.start, value.end)) {
        until = this.#listStart(bytes, this.#key.start, value.end, end, isJson)
      }
      if (!this.#pass(rewriter, bytes, value.start, value.end)) continue
      if (kind === keyKind.authentication || kind === keyKind.authenticationDigits) counts.authentication++
      else if (kind === keyKind.cardPart) counts.card++
      else counts.secret++
      writeRedacted(rewriter, value.start, value.end, keptFrom, value.isBare ? form.backslashes : -1)
    }
    if (hasBegun) this.#truncate(rewriter, bytes, end, end)
    if (!hasBegun || rewriter.count === 0) return false
    rewriter.finish(end)
    return true
  }

  #kindOfPart (bytes: Buffer, from: number, end: number, isJson: boolean): KeyKind {
    const isPart = this.#formData.find(bytes, from, end, isJson)
    return isPart ? this.#key.kindOfName(bytes, from, this.#formData.nameEnd) : keyKind.none
  }

  /** Takes out the values of the statement whose first row begins at `from`. @returns where to read on */
  #takeRows (rewriter: LineRewriter, bytes: Buffer, from: number, end: number, isJson: boolean): number {
    const { rows, start } = this.#statements
    rows.read(bytes, from, end, isJson, this.#value.isDoubled)
    if (rows.hasValue) this.#takeOut(rewriter, bytes, start, from, rows.end, end)
    return rows.end
  }

  /** Where the list of values begins behind a statement with placeholders before `at`; `end`: there is none. */
  #listStart (bytes: Buffer, statementAt: number, at: number, end: number, isJson: boolean): number {
    const { params } = this.#statements
    this.#statementAt = statementAt
    if (params.find(bytes, statementAt, at, end, isJson)) return params.start
    // It may be in the next part of the line.
    if (end - statementAt < maxGapBytes) this.#goesOn(statementAt)
    return end
  }

  /** Takes out the list of values that was found; `at` is behind what was read. @returns where to read on */
  #takeList (rewriter: LineRewriter, bytes: Buffer, at: number, end: number): number {
    const { params } = this.#statements
    if (at >= params.end || isWord(bytes, params.start, params.end)) return Math.max(at, params.end)
    const backslashes = params.isBare ? params.backslashes : -1
    this.#takeOut(rewriter, bytes, this.#statementAt, Math.max(at, params.start), params.end, end, backslashes)
    return params.end
  }

  /** Takes `bytes[from, to)` out. @param backslashes of the quotes that stand in its place; -1: it has none */
  #takeOut (
    rewriter: LineRewriter, bytes: Buffer, statementAt: number, from: number, to: number, end: number, backslashes = -1
  ): void {
    if (to === end) this.#goesOn(statementAt)
    if (from === to || isWord(bytes, from, to)) return
    if (!this.#pass(rewriter, bytes, from, to)) return
    this.counts.secret++
    writeRedacted(rewriter, from, to, this.#keptFrom, backslashes)
  }

  /** What goes on behind the line has to be read from `at` on. */
  #goesOn (at: number): void {
    this.openFrom = this.openFrom < 0 ? at : Math.min(this.openFrom, at)
  }

  /** `bytes[from, to)` is taken out. @returns false where all of it is before the part that is rewritten */
  #pass (rewriter: LineRewriter, bytes: Buffer, from: number, to: number): boolean {
    this.#truncate(rewriter, bytes, from, to)
    return to > this.#keptFrom
  }

  #mayShowToken (bytes: Uint8Array, at: number): boolean {
    const byte = bytes[at] as number
    return mayShowToken[byte] === 1 ||
      ((byte === percent || byte === backslash) && this.#hasTokens && isEncodedAtSign(bytes, at))
  }

  #begin (rewriter: LineRewriter, bytes: Buffer, start: number, end: number, isJson: boolean): void {
    const { counts } = this
    this.#value.isDoubled = !isJson && isOfApache(bytes, start, end)
    rewriter.begin(bytes, this.#keptFrom)
    counts.card = counts.secret = counts.authentication = counts.client = 0
    this.#query.begin()
    this.#statements.params.begin()
  }

  /** Truncates what is left of the addresses of a client before `to`; what follows begins at `next`. */
  #truncate (rewriter: LineRewriter, bytes: Buffer, to: number, next: number): void {
    const stop = Math.min(to, this.#clientTo)
    if (this.#clientFrom < stop && truncateAddresses(rewriter, bytes, this.#clientFrom, stop)) this.counts.client++
    this.#clientFrom = Math.max(this.#clientFrom, next)
  }

  /** As in `HintWatch`. */
  isAfterKey (bytes: Uint8Array, lineStart: number, at: number): boolean {
    if (bytes[at] === openParenthesis) return this.#statements.opensValues(bytes, lineStart, at)
    const mayBe = bytes[at] === backslash || this.#key.mayEndAt(bytes, lineStart, at)
    return mayBe && this.#isAfterKey(bytes, lineStart, at)
  }

  #isAfterKey (bytes: Uint8Array, lineStart: number, at: number): boolean {
    let from = at
    if (bytes[at] === backslash) while (from > lineStart && bytes[from - 1] === backslash) from--
    // Reading a key takes long where each character of it is encoded, so the separator is looked at first.
    this.#key.separator.read(bytes, from, bytes.length)
    if (this.#key.separator.code === 0 || !this.#key.mayEndAt(bytes, lineStart, from)) return false
    const kind = this.#key.kindAt(bytes, lineStart, from)
    return this.#key.isNamed || (kind !== keyKind.none && kind !== keyKind.id)
  }

  /** As in `HintWatch`. */
  isToken (bytes: Uint8Array, lineStart: number, at: number): boolean {
    return this.#hasTokens && this.#mayShowToken(bytes, at) && this.#token.find(bytes, lineStart, at, bytes.length)
  }

  /** As `isOfId` of `id-values.ts`. */
  isOfId (bytes: Uint8Array, lineStart: number, at: number): boolean {
    return isOfId(this.#key, bytes, lineStart, at)
  }
}

// Tested in test/redact/redactor.test.ts
