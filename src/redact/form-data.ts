import { ascii } from '../bytes/ascii.ts'
import { textEnd } from './value-ends.ts'

/** So many bytes of a part's headers are read. */
const maxHeadBytes = 512
// In `head` a run of backslashes is tried from its first alone, or a long one would take the square of its length.
/** The name of a part, and the empty line behind its headers, raw or in a text of JSON. */
const head = /^[ \t]*form-data;[ \t]*name=\\*"([^"\\\r\n]{1,64})\\*"[\s\S]*?((?:\r?\n|(?:(?<!\\)\\+r)?(?<!\\)\\+n){2})/id

/** A part of `multipart/form-data`, behind its `Content-Disposition:`. */
export class FormData {
  nameEnd = 0
  valueStart = 0
  valueEnd = 0

  /** @returns false where what begins at `from` is none */
  find (bytes: Buffer, from: number, end: number, isJson: boolean): boolean {
    const text = bytes.toString('latin1', from, Math.min(end, from + maxHeadBytes))
    const found = head.exec(text)
    const [whole, name, lines] = found?.indices ?? []
    if (whole === undefined || name === undefined || lines === undefined) return false
    this.nameEnd = from + name[1]
    while (bytes[this.nameEnd - 1] === ascii.closeBracket) this.nameEnd--
    this.valueStart = from + whole[1]
    const slashes = /^\\*/.exec(text.slice(lines[0]))?.[0].length ?? 0
    const last = slashes === 0 || !isJson ? end : textEnd(bytes, this.valueStart, end, ascii.quote, slashes - 1, isJson)
    this.valueEnd = lineEnd(bytes, this.valueStart, last, slashes)
    // White space between what JSON is made of is no part of a text.
    return slashes > 0 || !isJson
  }
}

/** Where the line ends that begins at `from`, whose breaks have so many backslashes. */
function lineEnd (bytes: Uint8Array, from: number, end: number, slashes: number): number {
  let count = 0
  for (let index = from; index < end; index++) {
    const byte = bytes[index]
    if (slashes === 0 ? byte === 0x0d || byte === 0x0a : count === slashes && (byte === 0x72 || byte === 0x6e)) {
      return index - slashes
    }
    count = byte === ascii.backslash ? count + 1 : 0
  }
  return end
}

// Tested in test/redact/named-values.test.ts
