import { ascii } from './ascii.ts'
import { utf8Length } from './utf8.ts'
import type { Scratch } from './scratch.ts'

/** No input byte becomes more bytes than this: `\u001f`. */
const maxEscapeBytes = 6

const hexDigits = Buffer.from('0123456789abcdef')
const { backslash } = ascii

/** 0: as it is. 1: not ASCII. Else the letter after the backslash, `u` where there is no short escape. */
const escapes = new Uint8Array(256)
escapes.fill(1, 0x80)
escapes.fill(0x75, 0, 0x20)
for (const [byte, letter] of ['\bb', '\tt', '\nn', '\ff', '\rr', '""', '\\\\'].map(pair => Buffer.from(pair))) {
  escapes[byte as number] = letter as number
}

/**
 * Appends bytes as the inside of a JSON string, so that no byte is lost and the result is valid whatever they are.
 *
 * Valid UTF-8 stays as it is, control bytes become JSON's escapes, and a byte that is not UTF-8 becomes the four
 * characters `\xhh`, as Apache writes it. Source: https://httpd.apache.org/docs/2.4/mod/mod_log_config.html#formats
 */
export function appendJsonText (target: Scratch, bytes: Uint8Array, start: number, end: number): void {
  let index = start
  while (index < end) {
    // There is always room for the rest of the input unescaped and for one escape.
    target.reserve(end - index + maxEscapeBytes)
    index = copy(target, bytes, index, end)
  }
}

/** Copies as much as there is room for, and returns the index of the first byte that is left, or `end`. */
function copy (target: Scratch, bytes: Uint8Array, from: number, end: number): number {
  const { buffer } = target
  // In the bundle what a module holds is a variable, which the loop would ask for at each byte.
  const kinds = escapes
  let position = target.end
  let index = from
  // What escapes take besides the bytes that they stand for.
  let spareBytes = buffer.length - position - (end - from)
  while (index < end) {
    const byte = bytes[index] as number
    const kind = kinds[byte] as number
    if (kind === 0) {
      buffer[position++] = byte
      index++
      continue
    }
    const sequenceEnd = kind === 1 ? index + utf8Length(bytes, index, end) : index
    if (sequenceEnd > index) {
      while (index < sequenceEnd) buffer[position++] = bytes[index++] as number
      continue
    }
    if (spareBytes < maxEscapeBytes) break
    const escapeEnd = writeEscape(buffer, position, byte)
    spareBytes -= escapeEnd - position - 1
    position = escapeEnd
    index++
  }
  target.end = position
  return index
}

/** @returns where the escape ends */
function writeEscape (buffer: Buffer, at: number, byte: number): number {
  const letter = escapes[byte] as number
  let position = at
  buffer[position++] = backslash
  if (byte >= 0x80) {
    buffer[position++] = backslash
    buffer[position++] = 0x78
  } else {
    buffer[position++] = letter
    if (letter !== 0x75) return position
    buffer[position++] = 0x30
    buffer[position++] = 0x30
  }
  buffer[position++] = hexDigits[byte >> 4] as number
  buffer[position++] = hexDigits[byte & 15] as number
  return position
}
