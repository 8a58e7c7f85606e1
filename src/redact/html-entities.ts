import { ascii } from '../bytes/ascii.ts'
import { isWordOf } from './schemes.ts'

const { quote, apostrophe, semicolon, ampersand, greater } = ascii

const amp = Buffer.from('amp;')
/** As often may an ampersand be encoded again. */
const maxAmps = 3
/** What is read of HTML, without `&`. */
const bodies = ([
  [quote, ['quot;', '#34;', '#034;', '#x22;']],
  [apostrophe, ['apos;', '#39;', '#039;', '#x27;']],
  [greater, ['gt;', '#62;', '#062;', '#x3e;']],
] as const).flatMap(([code, texts]) => texts.map(text => ({ code, body: Buffer.from(text) })))

/** Reads quotes and `>` as HTML writes them: `&quot;`, `&#39;`, `&gt;`, `&amp;quot;`. Allocates nothing. */
export class HtmlEntity {
  /** The character; 0: there is none. */
  code = 0
  start = 0
  end = 0

  /** Reads what begins at `at`. */
  read (bytes: Uint8Array, at: number, end: number): void {
    this.code = 0
    if (at >= end || bytes[at] !== ampersand) return
    let index = at + 1
    for (let count = 0; count < maxAmps && isWordOf(amp, bytes, index, end); count++) index += amp.length
    for (const { code, body } of bodies) {
      if (!isWordOf(body, bytes, index, end)) continue
      this.code = code
      this.start = at
      this.end = index + body.length
      return
    }
  }

  /** Reads what ends at `end`. */
  readBack (bytes: Uint8Array, lineStart: number, end: number): void {
    this.code = 0
    if (end <= lineStart || bytes[end - 1] !== semicolon) return
    for (const { code, body } of bodies) {
      let start = end - body.length
      if (start <= lineStart || !isWordOf(body, bytes, start, end)) continue
      for (let count = 0; count < maxAmps && isWordOf(amp, bytes, start - amp.length, start); count++) {
        start -= amp.length
      }
      if (start <= lineStart || bytes[start - 1] !== ampersand) return
      this.code = code
      this.start = start - 1
      this.end = end
      return
    }
  }
}

// Tested in test/redact/html-entities.test.ts
