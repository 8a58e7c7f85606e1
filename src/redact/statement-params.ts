import { ascii, hasBytes } from '../bytes/ascii.ts'
import { wordEnd } from './statement-rows.ts'
import { containerEnd, listEnd, textEnd } from './value-ends.ts'

const { quote, apostrophe, backslash, comma } = ascii
const dollar = 0x24

/** From a placeholder to the list of values so far at most, bytes: behind a word, or right behind the statement. */
export const maxGapBytes = 4096
const maxRestBytes = 1024
/** Where none was found, none is looked for again so soon: a statement has many placeholders. */
const leastStepBytes = 256

const { raw } = String
/** Of quotes within texts of JSON; white space, also as these write it. */
const slashes = raw`\\{0,16}`
const white = raw`(?:\s|\\{1,16}[nrt])*`
const value = raw`\\*"|-?\d|null|true|false|redacted\]`

/**
 * `with params ["a"]` of Doctrine, `(parameters: array{"1":"a"}` of Symfony, `"params":{"1":"a"}`, `bindings: [`, as
 * PHP dumps it, `[bindings] => Array (`, `["bindings"]=> array(1) {`, as a text, `"params":"[1]"` of Prisma, and
 * `parameters: $1 = 'a', $2 = NULL` of PostgreSQL.
 */
const behindWord = new RegExp([
  raw`\b(?:params?|parameters|bind(?:ing)?s|args)`,
  raw`(?<closer>(?<depth>${slashes})["'])?(?<dump>\])?${white}`,
  raw`(?:(?::|=>?)${white})?(?:array${white})?`,
  raw`(?<opener>[[{(]|${slashes}"(?=\[)|(?=\$1 = ))`,
].join(''), 'di')
/**
 * `where id = ? ["a"]`, `values (?)","context":["a"]`: the rest of a statement, then a list of values, also of pairs as
 * ActiveRecord has it, or an object with a placeholder as its first key. Names may have brackets, and a colour ends.
 */
const behindRest = new RegExp([
  raw`^(?:\[(?!redacted\])(?:[A-Za-z_]\w*\]|[\d;]{1,8}m)|[^[\]{}/])*?`,
  raw`(?:(?<closer>(?<depth>${slashes})")\s*:\s*|\s)`,
  raw`(?<opener>\[(?!\\*"\w+\\*"\]\s*=)(?=\s*(?:\[\s*)?(?:${value}))|\{(?=\s*\\*":?(?<name>\w+)\\*"\s*:))`,
].join(''), 'd')

/** The list of values that stands behind a statement with placeholders. */
export class StatementParams {
  start = 0
  end = 0
  /** It is a value of JSON, in whose place a text needs quotes, with so many backslashes. */
  isBare = false
  backslashes = 0

  #failedAt = -Infinity

  /** Another line begins. */
  begin (): void {
    this.#failedAt = -Infinity
  }

  /**
   * Finds the list of a statement with a placeholder before `at`. Allocates for what is between them.
   *
   * @param statementAt where it begins
   * @returns false where none follows
   */
  find (bytes: Buffer, statementAt: number, at: number, end: number, isJson: boolean): boolean {
    if (at - this.#failedAt < leastStepBytes) return false
    const rest = behindRest.exec(bytes.toString('latin1', at, Math.min(end, at + maxRestBytes)))
    const near = rest !== null && isOfStatement(rest, bytes, statementAt, at) ? rest : null
    const wordTo = at + (near === null ? maxGapBytes : opener(near))
    const found = behindWord.exec(bytes.toString('latin1', at, Math.min(end, wordTo))) ?? near
    if (found === null) {
      this.#failedAt = at
      return false
    }
    this.start = at + opener(found)
    const { closer, depth, dump } = found.groups ?? {}
    this.isBare = closer?.endsWith('"') === true && dump === undefined
    this.backslashes = depth?.length ?? 0
    if (bytes[this.start] === dollar) {
      this.isBare = false
      this.end = serverListEnd(bytes, this.start, end, isJson)
    } else if (bytes[this.start] === quote || bytes[this.start] === backslash) {
      const textAt = this.start
      while (bytes[this.start] === backslash) this.start++
      this.isBare = false
      this.end = textEnd(bytes, this.start + 1, end, quote, this.start - textAt, isJson)
      this.start++
    } else if (this.isBare) this.end = containerEnd(bytes, this.start, end, this.backslashes)
    else this.end = listEnd(bytes, this.start, end, isJson)
    return true
  }
}

/** Where the list begins. */
function opener ({ indices }: RegExpExecArray): number {
  return indices?.groups?.['opener']?.[0] as number
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

/** Whether an object has numbers as its keys, or first a name of a placeholder before it: `values (:a) {"a":1}`. */
function isOfStatement (found: RegExpExecArray, bytes: Buffer, statementAt: number, at: number): boolean {
  const name = found.groups?.['name']
  if (name === undefined || /^\d+$/.test(name)) return true
  const before = bytes.toString('latin1', Math.max(statementAt, at - maxGapBytes), at + opener(found))
  return new RegExp(`[:@]${name}(?!\\w)`).test(before)
}

// Tested in test/redact/statements.test.ts
