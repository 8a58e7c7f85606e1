import { createByteSet, stopAt } from '../bytes/ascii.ts'

/** From a placeholder to the list of its values so far at most, bytes. */
export const maxGapBytes = 4096
/** Of a word with all up to its list, and of what tells by itself that a list of values begins. */
const maxWordBytes = 96

/** Where a list of values begins, and how it stands there. */
export interface ListPlace {
  readonly start: number
  /** It is a value of JSON, in whose place a text needs quotes, with so many backslashes. */
  readonly isBare: boolean
  readonly backslashes: number
}

const { raw } = String
/** Of quotes within texts of JSON; white space, also as these write it. */
const slashes = raw`\\{0,16}`
const white = raw`(?:\s|\\{1,16}[nrt])*`

/**
 * `with params ["a"]` of Doctrine, `(parameters: array{"1":"a"}` of Symfony, `"params":{"1":"a"}`, `bindings: [`, as
 * PHP dumps it, `[bindings] => Array (`, `["bindings"]=> array(1) {`, as a text, `"params":"[1]"` of Prisma, and
 * `parameters: $1 = 'a', $2 = NULL` of PostgreSQL. A parenthesis alone is one of a sentence.
 */
const behindWord = new RegExp([
  raw`\b(?:params?|parameters|bind(?:ing)?s|args)`,
  raw`(?<closer>(?<depth>${slashes})["'])?(?<dump>\])?${white}`,
  raw`(?:(?::|=>?)${white})?(?:array${white})?`,
  raw`(?<opener>[[{]|\((?<=(?:[:=>]|array)${white}\()|${slashes}"(?=\[)|(?=\$1 = ))`,
].join(''), 'dgi')

/** Looks for lists that a word stands before. Of a line no byte is searched twice, however often it is asked. */
export class ListBehindWord {
  #searchedTo = -1
  #wordAt = -1
  #place: ListPlace | undefined

  /** Another line begins. */
  begin (): void {
    this.#searchedTo = this.#wordAt = -1
  }

  /** The first one whose word begins in `bytes[at, to)`; `at` grows from call to call. */
  find (bytes: Buffer, at: number, to: number): ListPlace | undefined {
    if (this.#wordAt < at) this.#search(bytes, Math.max(at, this.#searchedTo - maxWordBytes), to)
    return this.#wordAt >= at && this.#wordAt < to ? this.#place : undefined
  }

  #search (bytes: Buffer, from: number, to: number): void {
    this.#wordAt = -1
    this.#searchedTo = Math.max(this.#searchedTo, to)
    if (from >= to) return
    // What stands before the word says where it begins.
    const base = Math.max(0, from - 1)
    behindWord.lastIndex = from - base
    const found = behindWord.exec(bytes.toString('latin1', base, to))
    if (found === null) return
    const { closer, depth, dump } = found.groups ?? {}
    this.#wordAt = base + found.index
    this.#searchedTo = this.#wordAt
    const start = base + (found.indices?.groups?.['opener']?.[0] as number)
    const isText = bytes[start] !== 0x5b && bytes[start] !== 0x7b && bytes[start] !== 0x28
    const isBare = !isText && closer?.endsWith('"') === true && dump === undefined
    this.#place = { start, isBare, backslashes: depth?.length ?? 0 }
  }
}

const isBracket = createByteSet(/[[\]{}]/)
/** What stands before a list: white space, or the key under which Monolog and others put it. */
const beforeList = new RegExp(raw`(?:"(?:context|values|data|bind)(?<depth>${slashes})"\s*:\s*|(?<!["']\s*:\s*)\s)$`)
/** A list of values, also of pairs as ActiveRecord has it, or an object of which the first key is a placeholder. */
const list = new RegExp([
  raw`^(?:\[(?!${slashes}"\w+${slashes}"\]\s*=)\s*(?:\[\s*)?(?:${slashes}"|-?\d|null|true|false|redacted\])`,
  raw`|\{\s*${slashes}":?(?<name>\w+)${slashes}"\s*:)`,
].join(''))
/** The name of a column in brackets, a colour, and what was taken out before. */
const noList = /^\[(?:\w+\]|[\d;]{1,8}m)/

/**
 * Looks for the first list behind a statement: `where id = ? ["a"]`, `values (?)","context":["a"]`. Of a line no byte
 * is looked at twice, however often it is asked.
 */
export class ListBehindRest {
  #clearTo = -1

  /** Another line begins. */
  begin (): void {
    this.#clearTo = -1
  }

  /**
   * The list that begins in `bytes[at, to)`, if no other bracket is before it; `at` grows from call to call.
   *
   * @param statementAt where the statement begins
   * @param end of the line
   */
  find (bytes: Buffer, statementAt: number, at: number, to: number, end: number): ListPlace | undefined {
    let index = Math.max(at, this.#clearTo)
    while (true) {
      this.#clearTo = index = stopAt(bytes, index, to, isBracket)
      if (index >= to) return undefined
      const text = bytes.toString('latin1', index, Math.min(end, index + maxWordBytes))
      const before = beforeList.exec(bytes.toString('latin1', Math.max(at, index - maxWordBytes), index))
      const found = before === null ? null : list.exec(text)
      if (found !== null && isOfStatement(found.groups?.['name'], bytes, statementAt, index)) {
        const depth = before?.groups?.['depth']
        return { start: index, isBare: depth !== undefined, backslashes: depth?.length ?? 0 }
      }
      const passed = noList.exec(text)
      if (passed === null) return undefined
      index += passed[0].length
    }
  }
}

/** Whether an object has numbers as its keys, or first a name of a placeholder before it: `values (:a) {"a":1}`. */
function isOfStatement (name: string | undefined, bytes: Buffer, statementAt: number, at: number): boolean {
  if (name === undefined || /^\d+$/.test(name)) return true
  const before = bytes.toString('latin1', Math.max(statementAt, at - maxGapBytes), at)
  return new RegExp(`[:@]${name}(?!\\w)`).test(before)
}

// Tested in test/redact/statements.test.ts
