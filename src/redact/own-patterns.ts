import { jsonOf } from '../bytes/json-value.ts'
import { linearPattern } from '../config/pattern.ts'

const redacted = '[redacted]'
/** The texts of a line of JSON, keys too, and its numbers. */
const jsonTokens = /"(?:[^"\\]|\\.)*"(\s*:)?|-?\d[\d.eE+-]*/g

/**
 * Replaces what patterns of the settings match by `[redacted]`. V8's linear engine runs them, so no line takes longer
 * than its length. In a line of JSON they see each text and each number by itself, as it is written.
 *
 * They only ever remove: what a pattern leaves shows no more than it did.
 */
export class OwnPatterns {
  count = 0
  #buffer: Buffer = Buffer.alloc(0)
  readonly #patterns: readonly RegExp[]

  constructor (patterns: readonly string[]) {
    this.#patterns = patterns.map(text => linearPattern(text, 'g'))
  }

  /** The line that `rewrite` has made. */
  get buffer (): Buffer { return this.#buffer }

  /** @returns false when nothing is to be changed */
  rewrite (bytes: Buffer, start: number, end: number, isJson: boolean): boolean {
    this.count = 0
    const text = bytes.toString('utf8', start, end)
    const changed = !isJson
      ? this.#without(text)
      : text.replace(jsonTokens, (token, colon) => colon === undefined ? this.#token(token) : token)
    if (this.count > 0) this.#buffer = Buffer.from(changed)
    return this.count > 0
  }

  #token (token: string): string {
    const isText = token.startsWith('"')
    const before = this.count
    const changed = this.#without(isText ? token.slice(1, -1) : token)
    if (this.count === before) return token
    // None, where a match began or ended within an escape.
    return isText && jsonOf(`"${changed}"`) !== undefined ? `"${changed}"` : `"${redacted}"`
  }

  #without (text: string): string {
    let changed = text
    for (const pattern of this.#patterns) {
      changed = changed.replace(pattern, found => {
        if (found === '') return found
        this.count++
        return redacted
      })
    }
    return changed
  }
}

// Tested in test/redact/redactor.test.ts
