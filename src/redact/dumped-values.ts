import { ascii, createByteSet, isDigit } from '../bytes/ascii.ts'
import { endsText, endsWithComma } from './value-ends.ts'

const { quote, apostrophe, backslash, openBracket, closeBracket, comma, colon } = ascii
const { newline, space, openParenthesis, closeParenthesis, equals, greater } = ascii
const smallX = 0x78

/** Behind the parenthesis that closes a dump on one line. */
const endsDump = createByteSet(/[\s"',)]/)
const endsKey = createByteSet(/[[\]\n]/)
/** From the bracket of a key to its arrow at most. */
const maxKeyBytes = 64
/** Longer secrets have no quotes, and nothing is read so far again and again. */
const maxLength = 1e3

/**
 * `[key] => value`, as PHP dumps it: to the end of the line, to the next key, or to the end of the array.
 *
 * @param isToLineEnd it may have commas and quotes
 */
export function dumpedEnd (
  bytes: Uint8Array, from: number, end: number, isToLineEnd: boolean, isJson: boolean
): number {
  for (let index = from; index < end; index++) {
    const byte = bytes[index] as number
    if (byte === newline || byte === 0x0d) return index
    if (byte === comma || byte === quote || byte === apostrophe) {
      if (byte === comma && !endsWithComma(bytes, index, end)) continue
      const isQuoteAround = byte !== comma && index + 1 >= end
      if (!isToLineEnd || isQuoteAround || (isJson && byte === quote)) return index
    } else if (byte === space) {
      if (beginsKey(bytes, index + 1, end) || closesDump(bytes, index + 1, end)) return index
    } else if (byte === backslash) {
      const slashes = index
      while (index < end && bytes[index] === backslash) index++
      if (index >= end || !endsText(bytes, index, end)) continue
      const isQuote = bytes[index] === quote || bytes[index] === apostrophe
      const isLineBreak = bytes[index] === 0x6e || bytes[index] === 0x72
      if (!isToLineEnd || isLineBreak || (isQuote && isJson && (index - slashes) % 2 === 0)) return slashes
    }
  }
  return end
}

/** Whether the arrow that ends at `at` stands behind a bracket: `print_r` writes a value up to the end of its line. */
export function isBehindBracket (bytes: Uint8Array, at: number): boolean {
  if (bytes[at - 1] !== greater || bytes[at - 2] !== equals) return false
  return bytes[bytes[at - 3] === space ? at - 4 : at - 3] === closeBracket
}

/** `[key] =>`, whose arrow may be escaped */
function beginsKey (bytes: Uint8Array, at: number, end: number): boolean {
  if (at >= end || bytes[at] !== openBracket) return false
  const last = Math.min(end, at + maxKeyBytes)
  let index = at + 1
  while (index < last && endsKey[bytes[index] as number] === 0) index++
  return bytes[index] === closeBracket && bytes[index + 1] === space && bytes[index + 2] === equals && index + 2 < end
}

function closesDump (bytes: Uint8Array, at: number, end: number): boolean {
  if (at >= end || bytes[at] !== closeParenthesis) return false
  let index = at + 1
  while (index < end && bytes[index] === backslash) index++
  return index >= end || (index === at + 1 ? endsDump[bytes[index] as number] === 1 : endsText(bytes, index, end))
}

/** End of a text whose quote is at `at`, as it is dumped without escaping quotes within; -1: it is not. */
export function dumpedTextEnd (bytes: Uint8Array, at: number, end: number, isDoubled: boolean): number {
  return Math.max(toldEnd(bytes, at, end, isDoubled), tripleEnd(bytes, at, end))
}

/**
 * End of a text whose length stands before the quote at `at`, `string(3) "abc"` and `s:3:"abc"`: nothing in it is
 * escaped, but what Apache has. -1 where no length does, or no quote is at its end.
 */
function toldEnd (bytes: Uint8Array, at: number, end: number, isDoubled: boolean): number {
  let index = at - 1
  while (bytes[index] === space) index--
  const closer = bytes[index]
  if (closer !== closeParenthesis && closer !== colon) return -1
  let length = 0
  let factor = 1
  for (index--; factor < maxLength && isDigit(bytes[index] as number); index--) {
    length += ((bytes[index] as number) - 0x30) * factor
    factor *= 10
  }
  if (factor === 1 || bytes[index] !== (closer === colon ? colon : openParenthesis)) return -1
  let to = at + 1
  if (!isDoubled) to += length
  else for (; length > 0 && to < end; length--) to += bytes[to] !== backslash ? 1 : bytes[to + 1] === smallX ? 4 : 2
  return to < end && bytes[to] === quote ? to : -1
}

/**
 * End of a text of several lines that begins with three quotes at `at`, as Symfony's dumper writes it: where it has
 * three again, or the record ends. -1 where none begins.
 */
function tripleEnd (bytes: Uint8Array, at: number, end: number): number {
  const isLineBreak = bytes[at + 3] === newline || (bytes[at + 3] === backslash && bytes[at + 4] === 0x6e)
  if (!isLineBreak || !isTriple(bytes, at, end)) return -1
  for (let index = at + 3; index < end; index++) if (isTriple(bytes, index, end)) return index
  return end
}

function isTriple (bytes: Uint8Array, at: number, end: number): boolean {
  return at + 2 < end && bytes[at] === quote && bytes[at + 1] === quote && bytes[at + 2] === quote
}

/** Whether `protected]` or `Card:private]` stands at `at`: PHP dumps a member of an object, and its value follows. */
export function isVisibility (bytes: Buffer, at: number, end: number): boolean {
  return visibility.test(bytes.toString('latin1', at, Math.min(end, at + maxVisibilityBytes)))
}
const maxVisibilityBytes = 176
const visibility = /^(?:protected|(?:\\*")?[A-Za-z_\\\x80-\xff][\w\\\x80-\xff]*"?:private)\]/

// Tested in test/redact/dumped-values.test.ts
