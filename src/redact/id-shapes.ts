import { ascii, hexValues } from '../bytes/ascii.ts'

const { minus } = ascii

/** Lengths of the parts, between dashes, of a UUID (RFC 9562), of AWS's X-Ray ids, and of W3C's `traceparent`. */
const idShapes = [[8, 4, 4, 4, 12], [1, 8, 24], [2, 32, 16, 2]].map(parts => ({
  parts, length: parts.reduce((sum, length) => sum + length, parts.length - 1),
}))
const maxIdBytes = 64

/**
 * Tells whether bytes stand in a word of hex digits and dashes that has the shape of an id. Looks at each word once,
 * however often it is asked: a line may be one word of digits at each of which a number begins.
 */
export class IdShapes {
  /** The word that was looked at last, or as much of a long one as was. */
  #start = 0
  #end = 0
  #isId = false

  /** Goes to another line. */
  begin (): void {
    this.#start = this.#end = 0
  }

  has (bytes: Uint8Array, lineStart: number, at: number, end: number): boolean {
    if (at >= this.#start && at < this.#end) return this.#isId
    // A digit by itself is no id.
    const isBehind = at > lineStart && isOfId(bytes[at - 1] as number)
    if (!isBehind && !(at + 1 < end && isOfId(bytes[at + 1] as number))) return false
    let start = at
    while (start > lineStart && at - start < maxIdBytes && isOfId(bytes[start - 1] as number)) start--
    let stop = at
    while (stop < end && stop - at < maxIdBytes && isOfId(bytes[stop] as number)) stop++
    this.#start = start
    this.#end = stop
    this.#isId = hasShape(bytes, start, stop - start)
    return this.#isId
  }
}

function hasShape (bytes: Uint8Array, start: number, wordLength: number): boolean {
  for (const { parts, length } of idShapes) {
    if (length === wordLength && hasParts(bytes, start, parts)) return true
  }
  return false
}

function isOfId (byte: number): boolean {
  return byte === minus || hexValues[byte] !== 16
}

function hasParts (bytes: Uint8Array, start: number, parts: readonly number[]): boolean {
  let index = start
  for (const [part, length] of parts.entries()) {
    if (part > 0 && bytes[index++] !== minus) return false
    for (const partEnd = index + length; index < partEnd; index++) if (bytes[index] === minus) return false
  }
  return true
}

// Tested in test/redact/card-numbers.test.ts
