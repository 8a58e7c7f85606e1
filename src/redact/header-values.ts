import { ascii, createByteSet } from '../bytes/ascii.ts'
import { EncodedChar, isLineBreak, isWhite } from './encoded-char.ts'
import { endsUrl } from './encoded-values.ts'
import { isScheme } from './schemes.ts'

const { quote, apostrophe, backslash, semicolon, ampersand, less, equals, greater, percent } = ascii

/** Behind an apostrophe that is around a header, and not one of a cookie. */
const isBehindText = createByteSet(/[\s,)\]}\\"]/)

/** Finds where the values of headers end, in any encoding. Allocates nothing; the object is used again. */
export class HeaderValue {
  readonly #char = new EncodedChar()

  /**
   * `Cookie: a=b; c=d` ends with its line, or with the quotes around it. Quotes behind a `=` are its own: those of
   * `Digest username="a", response="b"`. What is encoded for a URL once more than the separator is part of the value.
   *
   * @param width bytes of a separator that is written with percent signs; 1: of any other
   */
  lineEnd (bytes: Uint8Array, from: number, end: number, isJson: boolean, width: number): number {
    const char = this.#char
    let own = 0
    let last = 0
    let before = 0
    let next = from
    for (let index = from; index < end; index = next) {
      char.read(bytes, index, end)
      next = char.end
      let { code } = char
      const isDeeper = bytes[index] === percent && next - index > width
      if (isDeeper || (bytes[index] === apostrophe && next < end && isBehindText[bytes[next] as number] === 0)) {
        last = 0
        continue
      }
      if (isLineBreak(bytes, char) || (width > 1 && endsUrl[bytes[index] as number] === 1)) return index
      if (code === backslash && next < end && (bytes[next] === quote || bytes[next] === apostrophe)) {
        code = bytes[next++] as number
      }
      if (code === quote || code === apostrophe) {
        const quoteWidth = next - index
        if (isJson && bytes[next - 1] === quote && quoteWidth % 2 === 1) return index
        if (own !== 0) own = quoteWidth <= own ? 0 : own
        else if (last === equals && before !== equals) own = quoteWidth
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
      // Encoded for a URL, it is part of the value.
      const code = bytes[index] === percent ? percent : char.code
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
