import { containerEnd, listEnd } from './value-ends.ts'

/** From a placeholder to the list of values so far at most, bytes: behind a word, or right behind the statement. */
export const maxGapBytes = 4096
const maxRestBytes = 1024
/** Where none was found, none is looked for again so soon: a statement has many placeholders. */
const leastStepBytes = 256
/** `with params ["a"]` of Doctrine, `(parameters: array{"1":"a"}` of Symfony, `"params":{"1":"a"}`, `bindings: [`. */
const behindWord = /\b(?:params?|parameters|bind(?:ing)?s)((\\{0,16})["'])?\s*(?:(?::|=>?)\s*)?(?:array\s*)?([[{(])/di
/** `where id = ? ["a"]`, `values (?)","context":["a"]`: the rest of a statement, then a list of values. */
const behindRest = /^[^[\]{}/]*?(?:((\\{0,16})")\s*:\s*|\s)(\[(?=\s*(?:\\*"|-?\d|null|true|false))|\{(?=\s*\\*"\d+\\*"\s*:))/d

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
   * @returns false where none follows
   */
  find (bytes: Buffer, at: number, end: number, isJson: boolean): boolean {
    if (at - this.#failedAt < leastStepBytes) return false
    const near = behindRest.exec(bytes.toString('latin1', at, Math.min(end, at + maxRestBytes)))
    const wordTo = at + (near === null ? maxGapBytes : opener(near))
    const found = behindWord.exec(bytes.toString('latin1', at, Math.min(end, wordTo))) ?? near
    if (found === null) {
      this.#failedAt = at
      return false
    }
    this.start = at + opener(found)
    this.isBare = found[1]?.endsWith('"') === true
    this.backslashes = found[2]?.length ?? 0
    this.end = this.isBare
      ? containerEnd(bytes, this.start, end, this.backslashes)
      : listEnd(bytes, this.start, end, isJson)
    return true
  }
}

/** Where the list begins. */
function opener ({ indices }: RegExpExecArray): number {
  return indices?.[3]?.[0] as number
}

// Tested in test/redact/statements.test.ts
