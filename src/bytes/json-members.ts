import { ascii } from './ascii.ts'

const { quote, comma, colon, backslash, openBrace, closeBrace, openBracket, closeBracket, space, dot } = ascii

/** Index of the first byte from `from` on that is no white space. */
export function skipSpace (bytes: Uint8Array, from: number, end: number): number {
  let index = from
  while (index < end && (bytes[index] as number) <= space) index++
  return index
}

/** Behind the quote that closes the string whose opening quote is at `from`. */
export function stringEnd (bytes: Uint8Array, from: number, end: number): number {
  let index = from + 1
  while (index < end && bytes[index] !== quote) index += bytes[index] === backslash ? 2 : 1
  return Math.min(index + 1, end)
}

/** Behind the value that starts at `from`. */
export function endOfValue (bytes: Uint8Array, from: number, end: number): number {
  let depth = 0
  let index = from
  while (index < end) {
    const byte = bytes[index] as number
    if (byte === quote) {
      index = stringEnd(bytes, index, end)
      if (depth === 0) return index
      continue
    }
    if (byte === openBrace || byte === openBracket) {
      depth++
    } else if (byte === closeBrace || byte === closeBracket) {
      if (depth === 0) return index
      if (--depth === 0) return index + 1
    } else if (depth === 0 && (byte === comma || byte === colon || byte <= space)) {
      return index
    }
    index++
  }
  return end
}

/** A value within the objects of a line, found in place: `bytes[start, end)`, of text without its quotes. */
export interface FoundValue { start: number, end: number }

export type FindValue = (bytes: Uint8Array, start: number, end: number, found: FoundValue) => boolean

/**
 * Finds the value under a path of keys: of `context.user.id` the one of `id`, in the object `user`, in the object
 * `context`, and of `items[0]` the first of `items`. A key that has the dots itself is found too, at any depth. Arrays
 * and objects are no values. Of a repeated key the last value counts.
 *
 * For a line that is one object of JSON; of any other it says whatever it likes, without leaving `bytes[start, end)`.
 * Allocates nothing.
 */
export function createPathFinder (path: string): FindValue {
  const name = Buffer.from(path)
  const elements = elementsOf(name)

  /** @param at index of the brace that opens an object, from where `name` is to be found from its byte `from` on */
  function findIn (bytes: Uint8Array, at: number, end: number, from: number, found: FoundValue): boolean {
    let isFound = false
    let index = at + 1
    while (index < end) {
      index = skipSpace(bytes, index, end)
      if (bytes[index] === comma) {
        index++
        continue
      }
      if (index >= end || bytes[index] !== quote) break
      const keyStart = index + 1
      const keyEnd = stringEnd(bytes, index, end) - 1
      const valueStart = skipSpace(bytes, skipSpace(bytes, keyEnd + 1, end) + 1, end)
      index = endOfValue(bytes, valueStart, end)
      const next = from + keyEnd - keyStart
      if (next > name.length || !isPart(bytes, keyStart, keyEnd, from)) continue
      if (next === name.length) {
        const isText = bytes[valueStart] === quote
        isFound = isText ? bytes[index - 1] === quote && index > valueStart + 1 : isScalar(bytes, valueStart, index)
        found.start = isText ? valueStart + 1 : valueStart
        found.end = isText ? index - 1 : index
      } else if (name[next] === dot || name[next] === openBracket) {
        const { start, end: foundEnd } = found
        if (findBelow(bytes, valueStart, index, next, found)) {
          isFound = true
        } else {
          // What was found before counts on.
          found.start = start
          found.end = foundEnd
        }
      }
    }
    return isFound
  }

  /** @param at index of a value of which `name` says from its byte `from` on what is wanted: an object or an array */
  function findBelow (bytes: Uint8Array, at: number, end: number, from: number, found: FoundValue): boolean {
    if (name[from] === dot) return bytes[at] === openBrace && findIn(bytes, at, end, from + 1, found)
    const wanted = elements.get(from)
    if (wanted === undefined || bytes[at] !== openBracket) return false
    const element = elementOf(bytes, at, end, wanted.number)
    const elementEnd = endOfValue(bytes, element, end)
    if (wanted.close + 1 < name.length) return findBelow(bytes, element, elementEnd, wanted.close + 1, found)
    const isText = bytes[element] === quote
    found.start = isText ? element + 1 : element
    found.end = isText ? elementEnd - 1 : elementEnd
    return isText ? bytes[elementEnd - 1] === quote && elementEnd > element + 1 : isScalar(bytes, element, elementEnd)
  }

  function isPart (bytes: Uint8Array, start: number, end: number, from: number): boolean {
    for (let index = start; index < end; index++) if (bytes[index] !== name[from + index - start]) return false
    return true
  }

  return (bytes, start, end, found) => {
    const at = skipSpace(bytes, start, end)
    return at < end && bytes[at] === openBrace && findIn(bytes, at, end, 0, found)
  }
}

/** Where the element of that number begins, in the array whose bracket is at `at`; `end`: it has none. */
function elementOf (bytes: Uint8Array, at: number, end: number, number: number): number {
  let index = skipSpace(bytes, at + 1, end)
  for (let count = 0; count < number; count++) {
    index = skipSpace(bytes, endOfValue(bytes, index, end), end)
    if (index >= end || bytes[index] !== comma) return end
    index = skipSpace(bytes, index + 1, end)
  }
  return index
}

/** Elements of arrays that a path names, by where their bracket stands in it. */
function elementsOf (path: Buffer): ReadonlyMap<number, { readonly number: number, readonly close: number }> {
  const found = path.toString('latin1').matchAll(/\[(\d{1,6})\](?=[.[]|$)/g)
  return new Map(Array.from(found, ({ 0: whole, 1: digits, index }) =>
    [index, { number: Number(digits), close: index + whole.length - 1 }]))
}

function isScalar (bytes: Uint8Array, start: number, end: number): boolean {
  return start < end && bytes[start] !== openBrace && bytes[start] !== openBracket
}

// Tested in test/bytes/json-members.test.ts
