import { ascii, createByteSet } from '../bytes/ascii.ts'
import type { EncodedBack } from './encoded-back.ts'
import { isWhite } from './encoded-char.ts'
import { keyKind, type KeyKind } from './sensitive-keys.ts'

const { quote, apostrophe, backslash, slash, comma, openBracket, closeBracket, ampersand, less, greater } = ascii

/** More than so many bytes are no tag, and no value of a name. */
const maxTagBytes = 512
const maxNameBytes = 64
const isSpace = createByteSet(/[ \t\r\n]/)
const isOfTagName = createByteSet(/[\w:.-]/)
/** Behind a backslash. */
const isBreakLetter = createByteSet(/[nrt]/)

// Of a value whose name is a value itself: `{"name":"cvv","value":"123"}`, `<param name="cvv">123</param>`.

/** Kind of a value whose name is a value itself, from that of the name. */
export function ofName (kind: KeyKind): KeyKind {
  if (kind === keyKind.header) return keyKind.secret
  return kind === keyKind.secret || kind === keyKind.authentication || kind === keyKind.authenticationDigits ||
    kind === keyKind.cardPart
    ? kind
    : keyKind.none
}

/** What stands between a name and the key of its value, besides white space and backslashes. */
export function isBetween (code: number): boolean {
  return code === quote || code === apostrophe || code === comma || code === ampersand || code === openBracket ||
    code === closeBracket
}

/** Where the name of a tag ends whose last attribute ends at `at`; -1: it has none. Looks at no byte of another tag. */
export function tagNameEnd (bytes: Uint8Array, lineStart: number, at: number): number {
  const last = bytes[at - 1]
  if (last !== quote && last !== apostrophe) return -1
  let index = at - 1
  while (index >= lineStart && at - index < maxTagBytes && bytes[index] !== less && bytes[index] !== greater) index--
  if (index < lineStart || bytes[index] !== less) return -1
  while (index < at && isSpace[bytes[index] as number] === 0 && bytes[index] !== backslash) index++
  return index
}

/** Where the value of a tag's last attribute ends, if that is its `name` or `key`; else -1. */
export function attributeNameEnd (bytes: Uint8Array, tagNameEnd: number, at: number): number {
  const delimiter = bytes[at - 1]
  const end = withoutSlashes(bytes, tagNameEnd, at - 1)
  let index = end
  while (index > tagNameEnd && end - index < maxNameBytes && bytes[index - 1] !== delimiter) index--
  index = withoutSlashes(bytes, tagNameEnd, index - 1)
  return isNameAt(bytes, tagNameEnd, index) ? end : -1
}

/**
 * Where the text of the element ends behind which a tag stands whose name begins at `at`: `cvv` of
 * `<key>cvv</key><value>`, with prefixes, and with white space between the two, or without; -1: there is none.
 */
export function elementTextEnd (bytes: Uint8Array, lineStart: number, at: number, back: EncodedBack): number {
  let index = beforeName(bytes, lineStart, at, less, back)
  let code = 0
  for (let count = 0; count < maxNameBytes && index > lineStart; count++) {
    back.read(bytes, lineStart, index)
    code = back.code
    const isBreak = isBreakLetter[code] === 1 && back.start > lineStart && bytes[back.start - 1] === backslash
    if (!isBreak && !isWhite(code) && code !== backslash) break
    index = back.start
  }
  index = index > lineStart && code === greater ? beforeName(bytes, lineStart, back.start, slash, back) : -1
  for (code = backslash; index > lineStart && code === backslash; index = back.start) {
    // PHP's JSON has one before the slash.
    back.read(bytes, lineStart, index)
    code = back.code
  }
  return code === less ? index : -1
}

/** Where `sign` begins if it stands before the name that ends at `at`, else -1. */
function beforeName (bytes: Uint8Array, lineStart: number, at: number, sign: number, back: EncodedBack): number {
  let index = at
  for (let count = 0; count < maxNameBytes && index > lineStart; count++) {
    back.read(bytes, lineStart, index)
    index = back.start
    if (back.code >= 0x80 || isOfTagName[back.code] === 0) return back.code === sign ? index : -1
  }
  return -1
}

function withoutSlashes (bytes: Uint8Array, from: number, to: number): number {
  let index = to
  while (index > from && bytes[index - 1] === backslash) index--
  return index
}

function isNameAt (bytes: Uint8Array, from: number, end: number): boolean {
  for (const name of names) {
    const start = end - name.length
    if (start >= from && isSpace[bytes[start - 1] as number] === 1 &&
      name.every((byte, index) => byte === ((bytes[start + index] as number) | 0x20))) return true
  }
  return false
}
// An equals sign has the bit of small letters.
const names = ['name=', 'key='].map(name => Buffer.from(name))
