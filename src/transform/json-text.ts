import { utf8Length } from '../utf8.ts'
import type { Scratch } from './scratch.ts'

/** No input byte becomes more bytes than this: `\u001f`. */
const maxEscapeBytes = 6
/** Shorter runs are copied byte by byte: a native call costs more. */
const nativeCopyBytes = 48

const hexDigits = Buffer.from('0123456789abcdef')
const backslash = 0x5c

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
  // From here on there is always room for the rest of the input unescaped and for one escape.
  target.reserve(end - start + maxEscapeBytes)
  let index = start
  while (index < end) {
    const runStart = index
    index = plainEnd(bytes, index, end)
    copyRun(target, bytes, runStart, index)
    if (index === end) return
    appendEscape(target, bytes[index] as number)
    index++
    target.reserve(end - index + maxEscapeBytes)
  }
}

/** Index of the first byte that cannot stay as it is, or `end`. */
function plainEnd (bytes: Uint8Array, from: number, end: number): number {
  let index = from
  while (index < end) {
    const kind = escapes[bytes[index] as number] as number
    if (kind === 0) {
      index++
    } else {
      const length = kind === 1 ? utf8Length(bytes, index, end) : 0
      if (length === 0) return index
      index += length
    }
  }
  return index
}

function copyRun (target: Scratch, bytes: Uint8Array, start: number, end: number): void {
  const buffer = target.buffer
  let position = target.end
  if (end - start < nativeCopyBytes) {
    for (let index = start; index < end; index++) buffer[position++] = bytes[index] as number
  } else {
    buffer.set(bytes.subarray(start, end), position)
    position += end - start
  }
  target.end = position
}

function appendEscape (target: Scratch, byte: number): void {
  const buffer = target.buffer
  let position = target.end
  const letter = escapes[byte] as number
  buffer[position++] = backslash
  if (byte >= 0x80) {
    buffer[position++] = backslash
    buffer[position++] = 0x78
  } else {
    buffer[position++] = letter
    if (letter !== 0x75) {
      target.end = position
      return
    }
    buffer[position++] = 0x30
    buffer[position++] = 0x30
  }
  buffer[position++] = hexDigits[byte >> 4] as number
  buffer[position++] = hexDigits[byte & 15] as number
  target.end = position
}
