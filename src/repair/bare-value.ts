import { repairKinds } from '../contracts/repair-kinds.ts'
import { repairString } from '../formats/apache-string.ts'
import { ascii, digitsEnd, isDigit } from '../bytes/ascii.ts'
import { isJsonSpace, scalarEnd } from '../bytes/json-tokens.ts'
import { appendRange, type LineRewriter } from '../bytes/line-rewriter.ts'

const { quote, plus, comma, minus, dot, slash, zero, colon, backslash, closeBracket, openBrace, closeBrace } = ascii
const nullWord = Buffer.from('null')
const quoteMark = Buffer.from('"')

/** Returned instead of an index: nothing that could end the value is there. */
export const noValueEnd = -1

/**
 * Repairs a value without quotes at `from`, and returns the index after it.
 *
 * A bare header may hold commas and braces, but Apache escapes its quotes: so in an object the value runs to the comma
 * before the next quote, or to what closes the line. In an array it ends at the first comma or bracket. What JSON has
 * stays; `-` and nothing become `null`, plain numbers become JSON's, anything else becomes a string.
 *
 * @param isObjectAt 1 where the container that is open at a depth is an object; the value is in the one at `depth`
 * @returns `end` when the line ends first, `noValueEnd` when the value cannot be told from what follows
 */
export function repairBareValue (
  rewriter: LineRewriter, bytes: Buffer, from: number, end: number, isObjectAt: Uint8Array, depth: number
): number {
  const inObject = isObjectAt[depth] === 1
  const scalar = scalarEnd(bytes, from, end)
  if (scalar > from && scalar < end && isPlainEnd(bytes, scalar, end, inObject)) return scalar
  const textEnd = !inObject
    ? bareEndInArray(bytes, from, end)
    : isWithinArray(isObjectAt, depth) ? bareEndInItem(bytes, from, end) : bareEndInObjects(bytes, from, end, depth)
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

/**
 * Whether the bracket at `index` opens an object or array. `%t` stands here without quotes, `[23/Nov/2026:…]`, or what
 * a client sent, `{\\"a\\"`, `[::1]`: no container of JSON starts like those.
 */
export function opensContainer (bytes: Uint8Array, index: number, end: number): boolean {
  let next = index + 1
  while (next < end && isJsonSpace(bytes[next] as number)) next++
  if (next >= end) return true
  const byte = bytes[next] as number
  if (bytes[index] === openBrace) return byte === quote || byte === closeBrace
  const isTime = next + 2 < end && isDigit(byte) && isDigit(bytes[next + 1] as number) && bytes[next + 2] === slash
  return !isTime && byte !== backslash && byte !== colon
}

/** Whether the value before `index` ends there beyond doubt. */
function isPlainEnd (bytes: Uint8Array, index: number, end: number, inObject: boolean): boolean {
  const byte = bytes[index]
  if (!inObject) return byte === comma || byte === closeBracket
  if (index + 1 === end) return byte === closeBrace
  const next = bytes[index + 1] as number
  if (byte === comma) return next === quote
  return byte === closeBrace &&
    (next === comma || next === closeBrace || next === closeBracket || isJsonSpace(next))
}

function isWithinArray (isObjectAt: Uint8Array, depth: number): boolean {
  for (let outer = 1; outer < depth; outer++) if (isObjectAt[outer] === 0) return true
  return false
}

/** Where every open container is an object, the next quote without a backslash begins a key, behind a comma. */
function bareEndInObjects (bytes: Uint8Array, from: number, end: number, depth: number): number {
  const keyStart = nextQuote(bytes, from, end, false)
  if (keyStart >= end) {
    const textEnd = keyStart > end ? -1 : endBeforeBraces(bytes, from, end, depth)
    if (textEnd < 0) return end
    return textEnd > from && bytes[textEnd - 1] === comma ? trimmedEnd(bytes, from, textEnd - 1) : textEnd
  }
  const commaEnd = trimmedEnd(bytes, from, keyStart)
  if (commaEnd === from || bytes[commaEnd - 1] !== comma) return noValueEnd
  let textEnd = -1
  for (let count = depth - 1; textEnd < 0; count--) textEnd = endBeforeBraces(bytes, from, commaEnd - 1, count)
  return textEnd
}

/** Index before `count` closing braces that end `[from, end)`; -1 if there are less. */
function endBeforeBraces (bytes: Uint8Array, from: number, end: number, count: number): number {
  let index = trimmedEnd(bytes, from, end)
  for (let closed = 0; closed < count; closed++) {
    if (index === from || bytes[index - 1] !== closeBrace) return -1
    index = trimmedEnd(bytes, from, index - 1)
  }
  return index
}

/** Within an array, what follows the object may hold no quote at all: its value runs to the first brace. */
function bareEndInItem (bytes: Uint8Array, from: number, end: number): number {
  const index = nextQuote(bytes, from, end, true)
  if (index >= end) return end
  const byte = bytes[index]
  if (byte === openBrace) return noValueEnd
  const trimmed = trimmedEnd(bytes, from, index)
  if (trimmed > from && bytes[trimmed - 1] === comma) return trimmedEnd(bytes, from, trimmed - 1)
  return byte === quote ? noValueEnd : trimmed
}

/** Index of the next quote, or brace if wanted, without a backslash; over `end` where a backslash ends the line. */
function nextQuote (bytes: Uint8Array, from: number, end: number, stopsAtBrace: boolean): number {
  let index = from
  while (index < end) {
    const byte = bytes[index] as number
    if (byte === quote || (stopsAtBrace && (byte === openBrace || byte === closeBrace))) break
    index += byte === backslash ? 2 : 1
  }
  return index
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

/** Writes `[from, end)` as a JSON number, when it is a sign, digits and a point in an order whose value is plain. */
function repairNumber (rewriter: LineRewriter, bytes: Buffer, from: number, end: number): boolean {
  const isNegative = bytes[from] === minus
  const integer = isNegative || bytes[from] === plus ? from + 1 : from
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

// Tested in test/repair/json-repair.test.ts
