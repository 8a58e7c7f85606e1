import { ascii, createByteSet, hasBytes } from '../bytes/ascii.ts'

const { ampersand, questionMark } = ascii
const state = Buffer.from('state=')

/** 1 for bytes that end a query. */
const ends = createByteSet(/[ \t\n\r"'<>?]/)

/** Tells whether a query has a `state`, as OAuth's answers do. Looks at each query once, however often it is asked. */
export class OauthQuery {
  #start = 0
  #end = 0
  #hasState = false

  begin (): void {
    this.#start = this.#end = 0
  }

  /** @param at where a key of the query begins */
  hasState (bytes: Uint8Array, lineStart: number, at: number, end: number): boolean {
    const before = at > lineStart ? bytes[at - 1] : questionMark
    if (before !== ampersand && before !== questionMark) return false
    if (at < this.#start || at >= this.#end) this.#read(bytes, lineStart, at, end)
    return this.#hasState
  }

  #read (bytes: Uint8Array, lineStart: number, at: number, end: number): void {
    let from = at
    const least = Math.max(lineStart, this.#end)
    while (from > least && ends[bytes[from - 1] as number] === 0) from--
    this.#start = from
    this.#hasState = false
    let index = from
    for (; index < end && ends[bytes[index] as number] === 0; index++) {
      if (index === from || bytes[index - 1] === ampersand) this.#hasState ||= hasBytes(bytes, index, end, state)
    }
    this.#end = index
  }
}

// Tested in test/redact/redactor.test.ts
