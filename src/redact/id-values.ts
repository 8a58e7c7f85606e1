import { ascii } from '../bytes/ascii.ts'
import type { KeyBefore } from './key-before.ts'
import { keyKind } from './sensitive-keys.ts'
import { isLetterOrDigit } from './value-words.ts'

const { quote, apostrophe, backslash, colon, space, equals, greater, minus, underscore, dot, slash } = ascii

/** So many bytes of an id may stand before a number in it. */
const maxIdBytes = 128
/** Between an id's key and its separator so much white space: it is asked about often. */
const maxIdSpaces = 3

/** Whether what stands at `at` is in the value of an id, `"trace_id":"shop-…"` or `trace=…`. */
export function isOfId (key: KeyBefore, bytes: Uint8Array, lineStart: number, at: number): boolean {
  let index = at
  while (index > lineStart && at - index < maxIdBytes && isOfIdValue(bytes[index - 1] as number)) index--
  const opener = index
  while (index > lineStart && opener - index < 8 && isBeforeValue(bytes[index - 1] as number)) index--
  if (index === lineStart || !(bytes[index - 1] === colon || bytes[index - 1] === equals)) return false
  return key.kindBefore(bytes, lineStart, index - 1, maxIdSpaces) === keyKind.id
}

function isOfIdValue (byte: number): boolean {
  return isLetterOrDigit(byte) || byte === minus || byte === underscore || byte === dot || byte === slash
}

function isBeforeValue (byte: number): boolean {
  return byte === space || byte === quote || byte === apostrophe || byte === backslash || byte === greater
}

// Tested in test/redact/redactor.test.ts
