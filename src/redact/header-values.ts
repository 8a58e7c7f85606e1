import { ascii } from '../bytes/ascii.ts'
import { EncodedChar, isLineBreak, isWhite } from './encoded-char.ts'
import { endsUrl } from './encoded-values.ts'
import { isScheme } from './schemes.ts'

const { quote, apostrophe, backslash, semicolon } = ascii
const ampersand = 0x26
const less = 0x3c
const equals = 0x3d
const greater = 0x3e

/** Finds where the values of headers end, in any encoding. Allocates nothing; the object is used again. */
export class HeaderValue {
  readonly #char = new EncodedChar()

  /**
   * `Cookie: a=b; c=d` ends with its line, or with the quotes around it. Quotes behind a `=` are its own: those of
   * `Digest username="a", response="b"`.
   */
  lineEnd (bytes: Uint8Array, from: number, end: number, isJson: boolean, isOfUrl: boolean): number {
    const char = this.#char
    let own = 0
    let last = 0
    let before = 0
    let next = from
    for (let index = from; index < end; index = next) {
      char.read(bytes, index, end)
      next = char.end
      let { code } = char
      if (isLineBreak(bytes, char) || (isOfUrl && endsUrl[bytes[index] as number] === 1)) return index
      if (code === backslash && next < end && (bytes[next] === quote || bytes[next] === apostrophe)) {
        code = bytes[next++] as number
      }
      if (code === quote || code === apostrophe) {
        const width = next - index
        if (isJson && bytes[next - 1] === quote && width % 2 === 1) return index
        if (own !== 0) own = width <= own ? 0 : own
        else if (last === equals && before !== equals) own = width
        else return index
      }
      before = last
      last = code
    }
    return end
  }

  /** `HTTP_COOKIE=a=b; c=d`, `authorization=Bearer abc`: a word, and those that belong to it. */
  wordsEnd (bytes: Uint8Array, from: number, end: number): number {
    const char = this.#char
    let last = 0
    let wordStart = from
    let wordTo = from
    for (let index = from; index < end; index = char.end) {
      char.read(bytes, index, end)
      const { code } = char
      if (isWhite(code)) {
        if (isLineBreak(bytes, char) || (last !== semicolon && !isScheme(bytes, wordStart, wordTo))) break
        wordStart = char.end
        continue
      }
      if (code === ampersand || code === quote || code === apostrophe || code === less || code === greater) break
      last = code
      wordTo = char.end
    }
    // Backslashes before a quote are those of the quote.
    while (wordTo > from && wordTo < end && bytes[wordTo] === quote && bytes[wordTo - 1] === backslash) wordTo--
    return wordTo
  }
}

// Tested in test/redact/secrets.test.ts
