import { repairKinds } from './json-repair-kinds.ts'
import { repairString } from './json-repair-string.ts'
import { appendRange, type LineRewriter } from './line-rewriter.ts'

const quote = 0x22
const comma = 0x2c
const minus = 0x2d
const dot = 0x2e
const zero = 0x30
const openBracket = 0x5b
const backslash = 0x5c
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d

const nullWord = Buffer.from('null')
const quoteMark = Buffer.from('"')
const words = ['true', 'false', 'null'].map(word => Buffer.from(word))

/** Returned instead of an index: nothing that could end the value is there. */
export const noValueEnd = -1

/**
 * Repairs a value without quotes at `from`, and returns the index after it.
 *
 * In an object it runs to the comma before the next quote, or to the closing brace: a bare header may hold commas, but
 * Apache escapes its quotes. In an array it ends at the first comma or bracket. What JSON has stays; `-` and nothing
 * become `null`, plain numbers become JSON's, anything else becomes a string.
 *
 * @returns `end` when the line ends first, `noValueEnd` when the value cannot be told from what follows
 */
export function repairBareValue (
  rewriter: LineRewriter, bytes: Buffer, from: number, end: number, inObject: boolean
): number {
  const scalar = scalarEnd(bytes, from, end)
  if (scalar > from && scalar < end && isPlainEnd(bytes, scalar, end, inObject)) return scalar
  const textEnd = inObject ? bareEndInObject(bytes, from, end) : bareEndInArray(bytes, from, end)
  if (textEnd === end || textEnd === noValueEnd || (textEnd === scalar && scalar > from)) return textEnd
  if (textEnd === from || (textEnd === from + 1 && bytes[from] === minus)) {
    rewriter.replace(from, textEnd, repairKinds.bare_value).append(nullWord)
  } else if (!repairNumber(rewriter, bytes, from, textEnd)) {
    rewriter.replace(from, from, repairKinds.bare_value).append(quoteMark)
    repairString(rewriter, bytes, from, textEnd, false)
    rewriter.replace(textEnd, textEnd, repairKinds.bare_value).append(quoteMark)
  }
  return textEnd
}

/** Whether `%t` stands here without quotes, `[23/Nov/2026:…]`: no JSON array starts like that. */
export function isBareTime (bytes: Uint8Array, index: number, end: number): boolean {
  return index + 3 < end && bytes[index] === openBracket && isDigit(bytes[index + 1] as number) &&
    isDigit(bytes[index + 2] as number) && bytes[index + 3] === 0x2f
}

/** Whether the value before `index` ends there beyond doubt. */
function isPlainEnd (bytes: Uint8Array, index: number, end: number, inObject: boolean): boolean {
  const byte = bytes[index]
  if (!inObject) return byte === comma || byte === closeBracket
  return byte === closeBrace || (byte === comma && index + 1 < end && bytes[index + 1] === quote)
}

function bareEndInObject (bytes: Uint8Array, from: number, end: number): number {
  let index = from
  let byte = 0
  while (index < end) {
    byte = bytes[index] as number
    if (byte === quote || byte === openBrace || byte === closeBrace) break
    index += byte === backslash ? 2 : 1
  }
  if (index >= end) return end
  if (byte === openBrace) return noValueEnd
  const trimmed = trimmedEnd(bytes, from, index)
  if (trimmed > from && bytes[trimmed - 1] === comma) return trimmedEnd(bytes, from, trimmed - 1)
  return byte === quote ? noValueEnd : trimmed
}

function bareEndInArray (bytes: Uint8Array, from: number, end: number): number {
  for (let index = from; index < end; index++) {
    const byte = bytes[index]
    if (byte === comma || byte === closeBracket) return trimmedEnd(bytes, from, index)
    if (byte === quote || byte === openBrace || byte === closeBrace) return noValueEnd
  }
  return end
}

function trimmedEnd (bytes: Uint8Array, from: number, end: number): number {
  let index = end
  while (index > from && isJsonSpace(bytes[index - 1] as number)) index--
  return index
}

export function isJsonSpace (byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}

function isDigit (byte: number): boolean {
  return byte >= zero && byte <= 0x39
}

/** Index after the JSON number, `true`, `false` or `null` at `from`; `from` when there is none. */
function scalarEnd (bytes: Uint8Array, from: number, end: number): number {
  if (from >= end) return from
  const byte = bytes[from] as number
  if (byte === minus || isDigit(byte)) return numberEnd(bytes, from, end)
  for (const word of words) {
    if (byte === word[0]) return wordEnd(bytes, from, end, word)
  }
  return from
}

function wordEnd (bytes: Uint8Array, from: number, end: number, word: Uint8Array): number {
  if (from + word.length > end) return from
  for (let offset = 1; offset < word.length; offset++) {
    if (bytes[from + offset] !== word[offset]) return from
  }
  return from + word.length
}

function numberEnd (bytes: Uint8Array, from: number, end: number): number {
  const integer = bytes[from] === minus ? from + 1 : from
  let index = digitsEnd(bytes, integer, end)
  if (index === integer || (bytes[integer] === zero && index > integer + 1)) return from
  if (index < end && bytes[index] === dot) {
    const fraction = digitsEnd(bytes, index + 1, end)
    if (fraction === index + 1) return from
    index = fraction
  }
  if (index < end && ((bytes[index] as number) | 0x20) === 0x65) {
    const hasSign = index + 1 < end && (bytes[index + 1] === minus || bytes[index + 1] === 0x2b)
    const exponent = index + (hasSign ? 2 : 1)
    index = digitsEnd(bytes, exponent, end)
    if (index === exponent) return from
  }
  return index
}

function digitsEnd (bytes: Uint8Array, from: number, end: number): number {
  let index = from
  while (index < end && isDigit(bytes[index] as number)) index++
  return index
}

/** Writes `[from, end)` as a JSON number, when it is a sign, digits and a point in an order whose value is plain. */
function repairNumber (rewriter: LineRewriter, bytes: Buffer, from: number, end: number): boolean {
  const isNegative = bytes[from] === minus
  const integer = isNegative || bytes[from] === 0x2b ? from + 1 : from
  const integerEnd = digitsEnd(bytes, integer, end)
  const fraction = integerEnd < end && bytes[integerEnd] === dot ? integerEnd + 1 : integerEnd
  const fractionEnd = fraction > integerEnd ? digitsEnd(bytes, fraction, end) : fraction
  if (fractionEnd !== end || (integerEnd === integer && fractionEnd === fraction)) return false
  let significant = integer
  while (significant < integerEnd - 1 && bytes[significant] === zero) significant++
  const target = rewriter.replace(from, end, repairKinds.number)
  target.reserve(2)
  if (isNegative) target.buffer[target.end++] = minus
  if (integerEnd === integer) target.buffer[target.end++] = zero
  appendRange(target, bytes, significant, integerEnd)
  if (fractionEnd > fraction) appendRange(target, bytes, integerEnd, fractionEnd)
  return true
}
