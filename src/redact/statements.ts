import { ascii, createByteSet } from '../bytes/ascii.ts'
import { KeyBefore } from './key-before.ts'
import { isWordOf } from './schemes.ts'
import { keyKind } from './sensitive-keys.ts'
import { StatementParams } from './statement-params.ts'
import { StatementRows } from './statement-rows.ts'

const { space, comma, openParenthesis, closeParenthesis, backslash } = ascii

const valuesWord = Buffer.from('values')
/** MySQL's other word for it. */
const valueWord = valuesWord.subarray(0, -1)
/** What stands before the name of a table: `into` may be left out in MySQL and SQL Server. */
const intoWords = ['into', 'insert', 'replace', 'ignore'].map(word => Buffer.from(word))
/** Clauses between the columns and the values: of SQL Server, `output inserted.[id]`, and of PostgreSQL. */
const betweenWords = ['output', 'overriding'].map(word => Buffer.from(word))
const maxBetweenBytes = 256
/** So many bytes of a statement are read before its values, and so many of the name of its table. */
const maxHeadBytes = 4096
const maxNameBytes = 256
const isOfWord = createByteSet(/\w/)
const isOfEscapedWhite = createByteSet(/[nrt]/)
/** What closes a name: `"name"`, in a text of JSON with backslashes, `[name]` of SQL Server, and MySQL's backtick. */
const isCloser = createByteSet(/["'`\]\\]/)

/**
 * The values of an `insert` that has a column of a secret: in its rows, or in the list of parameters behind it. Some
 * write texts without quotes, so which value belongs to which column cannot be told. All of them are taken.
 */
export class Statements {
  readonly rows = new StatementRows()
  readonly params = new StatementParams()
  /** Where the statement begins, at its `into`. */
  start = 0
  readonly #key: KeyBefore

  constructor (key: KeyBefore) {
    this.#key = key
  }

  /**
   * Whether the parenthesis at `at` opens the values of such a statement. Nearly all others are told by two bytes.
   */
  opensValues (bytes: Uint8Array, lineStart: number, at: number): boolean {
    const wordEnd = whiteStart(bytes, lineStart, at)
    const last = (bytes[wordEnd - 1] as number) | 0x20
    if (last !== 0x73 && last !== 0x65) return false
    const word = last === 0x73 ? valuesWord : valueWord
    const wordStart = wordEnd - word.length
    if (wordStart < lineStart || !isWordOf(word, bytes, wordStart, wordEnd)) return false
    const columnsEnd = closerBefore(bytes, lineStart, whiteStart(bytes, lineStart, wordStart))
    if (columnsEnd < 0) return false
    const columnsStart = openerBefore(bytes, Math.max(lineStart, columnsEnd - maxHeadBytes), columnsEnd)
    if (columnsStart < 0) return false
    this.start = intoStart(bytes, lineStart, columnsStart)
    return this.start >= 0 && this.#hasSecret(bytes, lineStart, columnsStart + 1, columnsEnd)
  }

  #hasSecret (bytes: Uint8Array, lineStart: number, from: number, to: number): boolean {
    for (let index = from; index <= to; index++) {
      if (bytes[index] !== comma && index < to) continue
      let nameEnd = whiteStart(bytes, from, index)
      while (nameEnd > from && isCloser[bytes[nameEnd - 1] as number] === 1) nameEnd--
      if (this.#key.kindOfName(bytes, lineStart, nameEnd) !== keyKind.none) return true
    }
    return false
  }
}

/** Where `into table` begins that ends at `at`; -1: it does not stand there. */
function intoStart (bytes: Uint8Array, lineStart: number, at: number): number {
  const nameEnd = whiteStart(bytes, lineStart, at)
  const least = Math.max(lineStart, nameEnd - maxNameBytes)
  let nameStart = nameEnd
  while (nameStart > least && isOfName(bytes, lineStart, nameStart - 1)) nameStart--
  const intoEnd = whiteStart(bytes, lineStart, nameStart)
  if (nameStart === nameEnd || intoEnd === nameStart) return -1
  for (const word of intoWords) {
    const start = intoEnd - word.length
    if (start < lineStart || !isWordOf(word, bytes, start, intoEnd)) continue
    const isWhole = start === lineStart || isOfWord[bytes[start - 1] as number] === 0
    if (isWhole || isEscaped(bytes, lineStart, start - 1)) return start
  }
  return -1
}

/** The parenthesis that closes the columns before `at`; -1: none does. */
function closerBefore (bytes: Uint8Array, lineStart: number, at: number): number {
  if (at > lineStart && bytes[at - 1] === closeParenthesis) return at - 1
  const least = Math.max(lineStart, at - maxBetweenBytes)
  for (let index = at - 1; index >= least; index--) {
    if (bytes[index] === openParenthesis) return -1
    if (bytes[index] !== closeParenthesis) continue
    let from = index + 1
    while (from < at && (bytes[from] as number) <= space) from++
    return betweenWords.some(word => isWordOf(word, bytes, from, at)) ? index : -1
  }
  return -1
}

function isOfName (bytes: Uint8Array, lineStart: number, at: number): boolean {
  const byte = bytes[at] as number
  return byte > space && byte !== openParenthesis && byte !== closeParenthesis && !isEscaped(bytes, lineStart, at)
}

/** Whether the letter of a line break stands at `at`, as JSON writes it. */
function isEscaped (bytes: Uint8Array, lineStart: number, at: number): boolean {
  return at > lineStart && isOfEscapedWhite[bytes[at] as number] === 1 && bytes[at - 1] === backslash
}

/** Where white space begins that ends at `at`, also line breaks as JSON writes them, once or within a text of it. */
function whiteStart (bytes: Uint8Array, lineStart: number, at: number): number {
  let index = at
  while (index > lineStart) {
    if ((bytes[index - 1] as number) <= space) {
      index--
      continue
    }
    if (!isEscaped(bytes, lineStart, index - 1)) break
    index -= 2
    while (index > lineStart && bytes[index - 1] === backslash) index--
  }
  return index
}

/** The parenthesis that opens what is closed at `to`, with none between them; -1: there is none. */
function openerBefore (bytes: Uint8Array, from: number, to: number): number {
  for (let index = to - 1; index >= from; index--) {
    if (bytes[index] === openParenthesis) return index
    if (bytes[index] === closeParenthesis) return -1
  }
  return -1
}

// Tested in test/redact/statements.test.ts
