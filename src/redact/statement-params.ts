import { ascii, hasBytes } from '../bytes/ascii.ts'
import { ListBehindRest, ListBehindWord, maxGapBytes } from './list-places.ts'
import { wordEnd } from './statement-rows.ts'
import { containerEnd, listEnd, textEnd } from './value-ends.ts'

const { quote, apostrophe, backslash, comma, openBracket, openBrace } = ascii
const dollar = 0x24

/** The list of values that stands behind a statement with placeholders. */
export class StatementParams {
  start = 0
  end = 0
  /** It is a value of JSON, in whose place a text needs quotes, with so many backslashes. */
  isBare = false
  backslashes = 0

  readonly #word = new ListBehindWord()
  readonly #rest = new ListBehindRest()

  /** Another line begins. */
  begin (): void {
    this.#word.begin()
    this.#rest.begin()
  }

  /**
   * Finds the list of a statement with a placeholder before `at`, which grows from call to call of a line: the one that
   * a word stands before, or the first that follows. Allocates for what is between.
   *
   * @param statementAt where it begins
   * @returns false where none follows
   */
  find (bytes: Buffer, statementAt: number, at: number, end: number, isJson: boolean): boolean {
    const to = Math.min(end, at + maxGapBytes)
    const near = this.#rest.find(bytes, statementAt, at, to, end)
    const place = this.#word.find(bytes, at, near?.start ?? to) ?? near
    if (place === undefined) return false
    this.start = place.start
    this.isBare = place.isBare
    this.backslashes = place.backslashes
    const first = bytes[this.start]
    if (isJson && isOpener(first as number)) this.#settle(isBehindText(bytes, at, this.start))
    if (first === dollar) {
      this.end = serverListEnd(bytes, this.start, end, isJson)
    } else if (first === quote || first === backslash) {
      while (bytes[this.start] === backslash) this.start++
      this.end = textEnd(bytes, this.start + 1, end, quote, this.start - place.start, isJson)
      this.start++
    } else {
      this.end = this.isBare
        ? containerEnd(bytes, this.start, end, this.backslashes)
        : listEnd(bytes, this.start, end, isJson)
    }
    return true
  }

  /** Of a line of JSON: a value of its own needs quotes without backslashes, and within a text none does. */
  #settle (isOwnValue: boolean): void {
    if (isOwnValue) {
      this.isBare = true
      this.backslashes = 0
    } else if (this.backslashes % 2 === 0) {
      this.isBare = false
    }
  }
}

function isOpener (byte: number): boolean {
  return byte === openBracket || byte === openBrace
}

/** Whether the text of JSON in which `from` lies has ended before `to`, and `to` lies in no other. */
function isBehindText (bytes: Uint8Array, from: number, to: number): boolean {
  let isBehind = false
  for (let index = from; index < to; index++) {
    if (bytes[index] === backslash) index++
    else if (bytes[index] === quote) isBehind = !isBehind
  }
  return isBehind
}

/** End of `$1 = 'a', $2 = NULL`, in whose texts an apostrophe is written twice. */
function serverListEnd (bytes: Buffer, from: number, end: number, isJson: boolean): number {
  let index = from
  while (true) {
    // `$1 = `
    const valueAt = wordEnd(bytes, index + 1, end) + serverEquals.length
    if (!hasBytes(bytes, valueAt - serverEquals.length, end, serverEquals)) return index
    index = bytes[valueAt] === apostrophe ? serverTextEnd(bytes, valueAt, end, isJson) : wordEnd(bytes, valueAt, end)
    // `, $2`
    if (index + 2 >= end || bytes[index] !== comma || bytes[index + 2] !== dollar) return index
    index += 2
  }
}
const serverEquals = Buffer.from(' = ')

function serverTextEnd (bytes: Buffer, from: number, end: number, isJson: boolean): number {
  for (let index = from + 1; index < end; index++) {
    const byte = bytes[index]
    if (isJson && byte === backslash) index++
    else if (isJson && byte === quote) return index
    else if (byte === apostrophe && bytes[index + 1] === apostrophe) index++
    else if (byte === apostrophe) return index + 1
  }
  return end
}

// Tested in test/redact/statements.test.ts
