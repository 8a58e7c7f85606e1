import { ascii, createByteSet, hasBytes, isDigit, isLetter } from '../bytes/ascii.ts'
import { isWordOf } from './schemes.ts'
import { isOwnQuote, textEnd } from './value-ends.ts'

const { quote, apostrophe, backslash, comma, colon, questionMark, minus, space } = ascii
const { openParenthesis, closeParenthesis, percent } = ascii
const smallS = 0x73
const underscore = 0x5f
const isOfEscapedWhite = createByteSet(/[nrt]/)

const isOfWord = createByteSet(/[\w.]/)
const isOfHex = createByteSet(/[0-9A-Fa-fx]/)
const isOfNumber = createByteSet(/[0-9.eE+-]/)
/** Words that are values by themselves; any other is one of a text without quotes. */
const words = ['null', 'default', 'true', 'false', 'current_timestamp', 'current_date'].map(word => Buffer.from(word))
/** Calls within calls are read so deep. */
const maxCallDepth = 4
/** Texts of JSON within the line's, or in a line of text. */
const maxMoreLevels = 2
/** What was taken out before, with what follows it. */
const takenOut = Buffer.from('[redacted])')
/** What follows the last value of a row: the next row, the end of the parenthesis around all, a clause, or nothing. */
const behindRow = /^(?:\)(?![\w),])|\s*,\s*\(|\s+(?:on (?:duplicate|conflict)|returning|made by)\b|["']+ with params|\s*;?["'\\]*$)/i
const maxBehindBytes = 32

/** Finds where the rows of an `insert` end. Allocates for what follows a row; the object is used again. */
export class StatementRows {
  /** Behind the last value. */
  end = 0
  /** Some values stand behind the statement: here is `?`, `:name`, `$1`, `@p1`, `%s` or `%(name)s`. */
  hasPlaceholder = false
  /** Some stand here. */
  hasValue = false
  /** The statement is read as one within so many texts of JSON, each of which writes backslashes twice. */
  #level = 0
  /** An apostrophe that ended a text has a backslash before it. */
  #mayBeWithin = false

  /**
   * Reads the rows, the first of which has its first value at `from`. Takes time in proportion to them.
   *
   * @param isDoubled each backslash of the text was written as two
   */
  read (bytes: Buffer, from: number, end: number, isJson: boolean, isDoubled: boolean): void {
    this.hasPlaceholder = this.hasValue = false
    const takenEnd = from + takenOut.length
    if (hasBytes(bytes, from, end, takenOut) && rowStart(bytes, takenEnd, end) < 0) {
      this.end = takenEnd - 1
      return
    }
    this.#level = Number(isJson)
    this.#mayBeWithin = false
    let sqlEnd = this.#rowsEnd(bytes, from, end, isJson, isDoubled)
    // How deep it is, is not told: the longest one has all that may be a value.
    for (let more = 0; more < maxMoreLevels && this.#mayBeWithin; more++) {
      this.#level++
      sqlEnd = Math.max(sqlEnd, this.#rowsEnd(bytes, from, end, isJson, isDoubled))
    }
    if (sqlEnd < 0) this.hasValue = true
    this.end = sqlEnd < 0 ? bareRowsEnd(bytes, from, end, isJson) : sqlEnd
  }

  /** Where rows end whose texts have quotes; -1: they are not written so. */
  #rowsEnd (bytes: Uint8Array, from: number, end: number, isJson: boolean, isDoubled: boolean): number {
    let index = from
    while (true) {
      index = this.#valuesEnd(bytes, index, end, isJson, isDoubled, 0)
      if (index < 0) return -1
      const next = rowStart(bytes, index + 1, end)
      if (next < 0) return index
      index = next
    }
  }

  /** Index of the parenthesis that closes the values from `from` on; -1 where one is none of SQL, or is cut. */
  #valuesEnd (
    bytes: Uint8Array, from: number, end: number, isJson: boolean, isDoubled: boolean, depth: number
  ): number {
    for (let index = from; index < end; index++) {
      index = whiteEnd(bytes, index, end)
      if (depth > 0 && bytes[index] === closeParenthesis) return index
      index = this.#valueEnd(bytes, index, end, isJson, isDoubled, depth)
      if (index < 0) return -1
      // `'a'::text`
      while (bytes[index] === colon && bytes[index + 1] === colon) index = wordEnd(bytes, index + 2, end)
      index = whiteEnd(bytes, index, end)
      if (index >= end) return -1
      if (bytes[index] === closeParenthesis) return index
      if (bytes[index] !== comma) return -1
    }
    return -1
  }

  #valueEnd (
    bytes: Uint8Array, from: number, end: number, isJson: boolean, isDoubled: boolean, depth: number
  ): number {
    if (from >= end) return -1
    const byte = bytes[from] as number
    if (byte === questionMark || byte === colon || byte === 0x24 || byte === 0x40) {
      const nameEnd = wordEnd(bytes, from + 1, end)
      if (byte !== questionMark && nameEnd === from + 1) return -1
      this.hasPlaceholder = true
      return nameEnd
    }
    if (byte === percent) {
      const nameEnd = bytes[from + 1] === openParenthesis ? wordEnd(bytes, from + 2, end) + 1 : from + 1
      if (bytes[nameEnd] !== smallS) return -1
      this.hasPlaceholder = true
      return nameEnd + 1
    }
    if (isDigit(byte) || byte === minus) {
      this.hasValue = true
      let index = from + 1
      if (byte === 0x30 && bytes[index] === 0x78) while (index < end && isOfHex[bytes[index] as number] === 1) index++
      while (index < end && isOfNumber[bytes[index] as number] === 1) index++
      return index
    }
    // `('a'::int4)`
    if (byte === openParenthesis && depth < maxCallDepth) {
      const closer = this.#valuesEnd(bytes, from + 1, end, isJson, isDoubled, depth + 1)
      return closer < 0 ? -1 : closer + 1
    }
    if (isLetter(byte) || byte === underscore) {
      const nameEnd = wordEnd(bytes, from, end)
      if (bytes[nameEnd] === openParenthesis && depth < maxCallDepth) {
        const callEnd = this.#valuesEnd(bytes, nameEnd + 1, end, isJson, isDoubled, depth + 1)
        return callEnd < 0 ? -1 : callEnd + 1
      }
      // `N'abc'`, `x'00'`, `_binary'abc'`.
      const isPrefix = (nameEnd === from + 1 || byte === underscore) && bytes[nameEnd] === apostrophe
      if (isPrefix) return this.#textEnd(bytes, nameEnd, end, isJson, isDoubled)
      return words.some(word => word.length === nameEnd - from && isWordOf(word, bytes, from, end)) ? nameEnd : -1
    }
    return this.#textEnd(bytes, from, end, isJson, isDoubled)
  }

  /** Behind the quote that closes the text at `from`, which may have backslashes before both; -1: there is none. */
  #textEnd (bytes: Uint8Array, from: number, end: number, isJson: boolean, isDoubled: boolean): number {
    this.hasValue = true
    let index = from
    while (index < end && bytes[index] === backslash) index++
    const depth = index - from
    const delimiter = bytes[index] as number
    if (index >= end || (delimiter !== quote && delimiter !== apostrophe)) return -1
    // One that has no backslash ends the text of JSON in which all this stands.
    if (isJson && delimiter === quote && depth % 2 === 0) return -1
    while (true) {
      // Within the text a quote is written twice, or with a backslash.
      index = textEnd(bytes, index + 1, end, delimiter, depth, isJson, isDoubled, this.#level) + depth
      if (!isOwnQuote(bytes, index, end, delimiter, depth)) return -1
      if (delimiter === apostrophe && bytes[index - 1] === backslash) this.#mayBeWithin = true
      if (depth > 0 || index + 1 >= end || bytes[index + 1] !== delimiter) return index + 1
      index++
    }
  }
}

/**
 * Where rows end whose texts have no quotes, as Laravel writes them. A parenthesis is an end only where something
 * follows it that may: others are of a value. Without one, all that follows is taken, up to the end of the text.
 */
function bareRowsEnd (bytes: Buffer, from: number, end: number, isJson: boolean): number {
  let depth = 0
  for (let index = from; index < end; index++) {
    const byte = bytes[index]
    if (isJson && byte === backslash) index++
    else if (isJson && byte === quote) return index
    else if (byte === openParenthesis) depth++
    else if (byte === closeParenthesis && depth > 0) depth--
    else if (byte === closeParenthesis) {
      const next = index + 1
      // Of a row of them the last one: nothing is looked for behind each.
      if (next + 1 < end && bytes[next] === closeParenthesis && bytes[next + 1] === closeParenthesis) continue
      const behind = behindRow.exec(bytes.toString('latin1', next, Math.min(end, next + maxBehindBytes)))?.[0]
      if (behind?.endsWith('(') === true) index += behind.length
      else if (behind !== undefined || (isJson && bytes[next] === quote)) return index
    }
  }
  return end
}

/** Where the next row has its first value, behind one that ends at `from`; -1: there is none. */
function rowStart (bytes: Uint8Array, from: number, end: number): number {
  const next = whiteEnd(bytes, from, end)
  if (next >= end || bytes[next] !== comma) return -1
  const row = whiteEnd(bytes, next + 1, end)
  return row < end && bytes[row] === openParenthesis ? row + 1 : -1
}

/** Behind white space, also line breaks as JSON writes them, once or within a text of it. */
function whiteEnd (bytes: Uint8Array, from: number, end: number): number {
  let index = from
  while (index < end) {
    if ((bytes[index] as number) <= space) {
      index++
      continue
    }
    let next = index
    while (next < end && bytes[next] === backslash) next++
    if (next === index || next >= end || isOfEscapedWhite[bytes[next] as number] === 0) break
    index = next + 1
  }
  return index
}

export function wordEnd (bytes: Uint8Array, from: number, end: number): number {
  let index = from
  while (index < end && isOfWord[bytes[index] as number] === 1) index++
  return index
}

// Tested in test/redact/statements.test.ts
