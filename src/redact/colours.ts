import { ascii, createByteSet } from '../bytes/ascii.ts'
import { EncodedBack } from './encoded-back.ts'
import { EncodedChar } from './encoded-char.ts'

const { openBracket, backslash, escape } = ascii
const smallM = 0x6d
/** Between the bracket and the `m` at most. */
const maxBytes = 24

const isParameter = createByteSet(/[0-9;:]/)
const back = new EncodedBack()
const char = new EncodedChar()

/**
 * Where a colour of a terminal begins that ends at `end`: `ESC[31m`, whose last letter is no part of the word behind
 * it. The escape may be written `\u001b` or `\x1b`. -1: there is none.
 */
export function colourStart (bytes: Uint8Array, lineStart: number, end: number): number {
  if (end - lineStart < 3 || bytes[end - 1] !== smallM) return -1
  let index = end - 1
  while (index > lineStart && end - index < maxBytes && isParameter[bytes[index - 1] as number] === 1) index--
  if (index - 1 <= lineStart || bytes[index - 1] !== openBracket) return -1
  back.read(bytes, lineStart, index - 1)
  const isWritten = bytes[back.start] === escape || bytes[back.start] === backslash
  return back.code === escape && isWritten ? back.start : -1
}

/** Where a colour ends that begins at `at`; -1: there is none. */
export function colourEnd (bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at]
  if (at >= end || (first !== escape && first !== backslash)) return -1
  char.read(bytes, at, end)
  if (char.code !== escape || bytes[char.end] !== openBracket) return -1
  let index = char.end + 1
  while (index < end && index - at < maxBytes && isParameter[bytes[index] as number] === 1) index++
  return index < end && bytes[index] === smallM ? index + 1 : -1
}

// Tested in test/redact/colours.test.ts
