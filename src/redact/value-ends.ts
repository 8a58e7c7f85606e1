import { ascii, createByteSet, hasBytes, isDigit } from '../bytes/ascii.ts'

const { quote, apostrophe, backslash, openBrace, openBracket, closeBrace, closeBracket } = ascii
const { comma, colon, space, semicolon, openParenthesis, closeParenthesis, minus } = ascii
const { ampersand, less, equals, greater } = ascii

/** Bytes that show that a word goes on. */
const goesOn = createByteSet(/[0-9A-Za-z%\x80-\xff]/)

const isOfWord = createByteSet(/[\w\x80-\xff]/)
/** Behind a comma these show that a value has ended with it. */
const endsBehindComma = createByteSet(/[\s"'\\)\]}<>&;]/)
const mayBeginKey = createByteSet(/[A-Za-z_]/)
/** Behind `&`: the next key, or an entity of HTML. */
const beginsPair = createByteSet(/[A-Za-z_%#[]/)
const beginsTag = createByteSet(/[/!A-Za-z]/)
/** With these ends a value of a query, of a form, or of what has pairs as they do. */
const endsPair = createByteSet(/[&;<>]/)
const isOfKey = createByteSet(/[\w.-]/)
/** Longest key that is looked for behind a comma. */
const maxKeyBytes = 32

/** Behind these, and white space, an apostrophe opens a text. */
const isBeforeText = createByteSet(/[[{(,:=> \t\r\n]/)

/**
 * End of a text whose quotes have `depth` backslashes before them: JSON in a text of JSON has one, JSON in that three.
 * A quote with fewer ends what is around the text. Where not all writers escape the quotes within, one with a letter or
 * a digit behind it is such a quote.
 *
 * @param isDoubled each backslash of the text was written as two, as Apache does
 * @param level so many texts of JSON are around it, one in another: each doubles backslashes, but not apostrophes
 */
export function textEnd (
  bytes: Uint8Array, from: number, end: number, delimiter: number, depth: number, isJson: boolean, isDoubled = false,
  level = Number(isJson)
): number {
  const ownDepth = isDoubled ? depth >> 1 : depth
  let found = 0
  for (let index = from; index < end; index++) {
    const byte = bytes[index] as number
    if (byte === backslash) {
      found++
      continue
    }
    if (byte === delimiter || byte === quote) {
      const slashes = isDoubled ? found >> 1 : found
      const isOuter = (slashes + 1) % (ownDepth + 1) !== 0
      if (isOuter || (isJson && delimiter !== quote && byte === quote && slashes % 2 === 0)) return index - found
      // JSON writes a backslash twice, and an apostrophe as it is.
      const own = delimiter === quote ? slashes : slashes >> level
      if (delimiter !== quote && byte === quote && slashes < (1 << level) - 1) return index - found
      const isEnd = byte === delimiter && Math.floor((own - ownDepth) / (ownDepth + 1)) % 2 === 0
      if (isEnd && (isJson || index + 1 >= end || isOfWord[bytes[index + 1] as number] === 0)) return index - depth
    }
    found = 0
  }
  return end
}

/** End of an object or an array of JSON, whose texts have quotes with `depth` backslashes. */
export function containerEnd (bytes: Uint8Array, from: number, end: number, depth: number): number {
  let nesting = 0
  for (let index = from; index < end; index++) {
    const byte = bytes[index] as number
    if (byte === openBrace || byte === openBracket) nesting++
    else if ((byte === closeBrace || byte === closeBracket) && --nesting === 0) return index + 1
    if (byte !== backslash && byte !== quote) continue
    const slashes = index
    while (index < end && bytes[index] === backslash) index++
    if (bytes[index] !== quote || index >= end) continue
    if ((index - slashes + 1) % (depth + 1) !== 0) return slashes
    index = textEnd(bytes, index + 1, end, quote, depth, true)
    const quoteAt = index + depth
    // The text was cut: what ended it ends this too.
    if (!isOwnQuote(bytes, quoteAt, end, quote, depth)) return index
    index = quoteAt
  }
  return end
}

/** Whether the quote that ended a text is at `at`, with its backslashes: the text may have been cut. */
export function isOwnQuote (bytes: Uint8Array, at: number, end: number, delimiter: number, depth: number): boolean {
  if (at >= end || bytes[at] !== delimiter) return false
  for (let index = at - depth; index < at; index++) if (bytes[index] !== backslash) return false
  return true
}

/**
 * End of a list or an object as languages other than JSON write it: `['a', 'b']`, `array (1) { … }`. Its texts have
 * quotes of either kind. What is not closed goes on to the end.
 */
export function listEnd (bytes: Uint8Array, from: number, end: number, isJson: boolean): number {
  let nesting = 0
  let opener = 0
  let depth = 0
  let slashes = 0
  for (let index = from; index < end; index++) {
    const byte = bytes[index] as number
    if (byte === backslash) {
      slashes++
      continue
    }
    const before = slashes
    slashes = 0
    if (byte === quote && isJson && before % 2 === 0) return index - before
    if (opener !== 0) {
      if (byte === opener && before <= depth) opener = 0
      else if (byte === opener && Math.floor((before - depth) / (depth + 1)) % 2 === 0) opener = 0
    } else if (byte === quote || (byte === apostrophe && isBeforeText[bytes[index - before - 1] as number] === 1)) {
      opener = byte
      depth = before
    } else if (byte === openBrace || byte === openBracket || byte === openParenthesis) {
      nesting++
    } else if ((byte === closeBrace || byte === closeBracket || byte === closeParenthesis) && --nesting <= 0) {
      const next = byte === closeParenthesis ? openerOfList(bytes, index + 1, end) : -1
      if (next < 0) return index + 1
      index = next - 1
    }
  }
  return end
}

/** Where a list goes on whose length was in parentheses: `array(1) {`, `object(A)#7 (1) {`; -1: it does not. */
function openerOfList (bytes: Uint8Array, from: number, end: number): number {
  let index = from
  const last = Math.min(end, from + 16)
  while (index < last && (bytes[index] === 0x23 || bytes[index] === space || isDigit(bytes[index] as number))) index++
  const byte = bytes[index]
  return index < end && index > from && (byte === openBrace || byte === openParenthesis) ? index : -1
}

export function scalarEnd (bytes: Uint8Array, from: number, end: number): number {
  let index = from
  for (; index < end; index++) {
    const byte = bytes[index] as number
    if (byte <= space || byte === comma || byte === closeBrace || byte === closeBracket || byte === quote ||
      byte === backslash) break
  }
  return index
}

/** @param start of the value, of which what is before `from` has been read */
export function wordEnd (
  bytes: Uint8Array, from: number, end: number, isOfText: boolean, start = from
): number {
  for (let index = from; index < end; index++) {
    const byte = bytes[index] as number
    if (byte <= space || byte === quote || (byte === apostrophe && !isWithinWord(bytes, index, end))) return index
    if (isOfText ? endsTextWord(bytes, index, start, end) : endsPair[byte] === 1) return index
    if (byte !== backslash) continue
    const slashes = index
    while (index < end && bytes[index] === backslash) index++
    if (index < end && endsText(bytes, index, end)) return slashes
  }
  return end
}

/** Whether a word of a text ends at `at`, behind `key: `: with a comma, a bracket around it, a tag, or the next key. */
function endsTextWord (bytes: Uint8Array, at: number, start: number, end: number): boolean {
  switch (bytes[at] as number) {
    case comma:
    case semicolon: return endsWithComma(bytes, at, end)
    case ampersand: return at + 1 < end && beginsPair[bytes[at + 1] as number] === 1
    case less: return at + 1 >= end || beginsTag[bytes[at + 1] as number] === 1
    case greater:
    case closeParenthesis:
    case closeBrace:
    case closeBracket:
      if (isWithinWord(bytes, at, end)) return false
      return at > start || at + 1 >= end || endsBehindComma[bytes[at + 1] as number] === 1
    default: return false
  }
}

/**
 * End of a private key as files have it, `-----BEGIN PRIVATE KEY-----` up to its last line, or as much as there is of
 * it; -1: none begins at `from`.
 */
export function pemEnd (bytes: Uint8Array, from: number, end: number): number {
  if (!hasBytes(bytes, from, end, pemBegin)) return -1
  let hasEnd = false
  for (let index = from + pemBegin.length; index < end; index++) {
    const byte = bytes[index] as number
    if (byte === quote || byte === apostrophe || byte === less) {
      while (bytes[index - 1] === backslash) index--
      return index
    }
    if (byte !== minus) continue
    if (hasBytes(bytes, index, end, pemLast)) {
      hasEnd = true
      index += pemLast.length
    } else if (hasEnd && hasBytes(bytes, index, end, pemDashes)) {
      return index + pemDashes.length
    }
  }
  return end
}
const pemBegin = Buffer.from('-----BEGIN ')
const pemLast = Buffer.from('-----END ')
const pemDashes = Buffer.from('-----')

/** Whether a value ends with the comma at `at`: white space or the next key is behind it, or nothing. */
export function endsWithComma (bytes: Uint8Array, at: number, end: number): boolean {
  let index = at + 1
  if (index >= end || endsBehindComma[bytes[index] as number] === 1) return true
  if (mayBeginKey[bytes[index] as number] === 0) return false
  const last = Math.min(end, index + maxKeyBytes)
  while (index < last && isOfKey[bytes[index] as number] === 1) index++
  return index < last && (bytes[index] === colon || bytes[index] === equals)
}

/** Whether an apostrophe or a bracket is one of a word, not the one behind it. */
export function isWithinWord (bytes: Uint8Array, at: number, end: number): boolean {
  return at + 1 < end && goesOn[bytes[at + 1] as number] === 1
}

/** Whether the escape whose letter is at `at` ends a word: a quote, a line break, a tab, `&` as `\u0026` or `\x26`. */
export function endsText (bytes: Uint8Array, at: number, end: number): boolean {
  const letter = bytes[at]
  if (letter === quote || letter === apostrophe || letter === 0x6e || letter === 0x72 || letter === 0x74) return true
  let digits = at + 1
  if (letter === 0x75 && at + 4 < end && bytes[at + 1] === 0x30 && bytes[at + 2] === 0x30) digits = at + 3
  else if (letter !== 0x78 || at + 2 >= end) return false
  const code = parseInt(String.fromCharCode(bytes[digits] as number, bytes[digits + 1] as number), 16)
  return code === ampersand || code === quote || code === apostrophe || code === less || code === greater ||
    code <= space
}

// Tested in test/redact/redactor.test.ts
