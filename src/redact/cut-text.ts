import { createByteSet, hasBytes } from '../bytes/ascii.ts'
import { isSeparator } from './card-chars.ts'
import { EncodedChar } from './encoded-char.ts'

const dots = Buffer.from('...')
const ellipsis = 0x2026

/** What stands behind a text that was cut: its quote, or a backslash before that. */
const closesText = createByteSet(/["'\\]/)
const char = new EncodedChar()

/**
 * Whether a writer has left out what followed at `at`: it has `...` or `…` there, behind a space or a dash or not.
 *
 * @param isText a quote has to follow
 */
export function isCutAt (bytes: Uint8Array, at: number, end: number, isText: boolean): boolean {
  if (at >= end) return false
  const from = isSeparator(bytes[at] as number) ? at + 1 : at
  if (from >= end) return false
  let next = from + dots.length
  if (!hasBytes(bytes, from, end, dots)) {
    char.read(bytes, from, end)
    if (char.code !== ellipsis) return false
    next = char.end
  }
  return !isText || (next < end && closesText[bytes[next] as number] === 1)
}

// Tested in test/redact/card-numbers.test.ts
