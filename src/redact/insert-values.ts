import { ascii } from '../bytes/ascii.ts'
import { isWordOf } from './schemes.ts'

const { quote, apostrophe, backslash, space, openParenthesis, closeParenthesis } = ascii

const verbs = ['insert', 'replace'].map(word => Buffer.from(word))
/** So many bytes of a statement are read before its values. */
const maxHeadBytes = 4096
/** Of a table's name with its schema, and of a column's. */
const maxNameBytes = 256
const head = new RegExp(
  String.raw`^\w+\s+(?:ignore\s+)?into\s+[^\s()]{1,${maxNameBytes}}\s*\(([^()]+)\)\s*values\s*\(`, 'id')
/** What closes a name: `"name"`, in a text of JSON with backslashes, `[name]` of SQL Server, and MySQL's backtick. */
const closers = /[\s"'`\]\\]*$/
/** What follows the last value of a row: the next row, the end of the parenthesis around all, a clause, or nothing. */
const behindRow = /^(?:\)(?![\w),])|\s*,\s*\(|\s+(?:on (?:duplicate|conflict)|returning)\b|\s*;?["'\\]*$)/i
const maxBehindBytes = 32

/**
 * The values of an `insert` that has a column of a secret. Laravel writes them as they are, without quotes, behind
 * `SQL: `, so which of them belongs to which column cannot be told: one text may have a comma. All of them are taken.
 */
export class InsertValues {
  start = 0
  end = 0

  /**
   * Allocates for the statement's head. Takes time in proportion to the text.
   *
   * @param at behind the key
   * @param isSecret whether the name that ends at a place is one of a secret
   * @returns false where what begins at `at` is no such statement
   */
  find (bytes: Buffer, at: number, end: number, isJson: boolean, isSecret: (nameEnd: number) => boolean): boolean {
    const from = verbStart(bytes, at, end)
    if (from < 0) return false
    const found = head.exec(bytes.toString('latin1', from, Math.min(end, from + maxHeadBytes)))
    const columns = found?.indices?.[1]
    if (found === null || columns === undefined) return false
    let nameEnd = from + columns[0] - 1
    const hasSecret = (found[1] as string).split(',').some(column => {
      nameEnd += 1 + column.length
      return isSecret(nameEnd - (closers.exec(column)?.[0].length ?? 0))
    })
    if (!hasSecret) return false
    this.start = from + found[0].length
    this.end = rowsEnd(bytes, this.start, end, isJson)
    return true
  }
}

/** Where the statement begins at or behind `at`, after white space and an opening quote; -1: none does. */
function verbStart (bytes: Uint8Array, at: number, end: number): number {
  let index = at
  const last = Math.min(end, at + 8)
  while (index < last && isOpener(bytes[index] as number)) index++
  return verbs.some(verb => isWordOf(verb, bytes, index, end)) ? index : -1
}

function isOpener (byte: number): boolean {
  return byte === space || byte === quote || byte === apostrophe || byte === backslash
}

/**
 * Where the last row ends whose first one begins at `from`. A parenthesis is an end only where something follows it
 * that may: others are of a value. Without one, all that follows is taken, up to the end of the text.
 */
function rowsEnd (bytes: Buffer, from: number, end: number, isJson: boolean): number {
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

// Tested in test/redact/secrets.test.ts
