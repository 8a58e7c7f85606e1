import { isUtf8 } from 'node:buffer'
import { Scratch } from './scratch.ts'
import { utf8Length } from './utf8.ts'

const hexDigits = Buffer.from('0123456789abcdef')
const escapeBytes = 4

/**
 * Makes texts of bytes: UTF-8 as it is, and each byte that is none as the four characters `\xhh`, as
 * `appendJsonText` writes it.
 */
export function createVisibleText (): (bytes: Buffer, start: number, end: number) => string {
  const scratch = new Scratch()

  return (bytes, start, end) => {
    if (isUtf8(bytes.subarray(start, end))) return bytes.toString('utf8', start, end)
    scratch.reset()
    scratch.reserve((end - start) * escapeBytes)
    const { buffer } = scratch
    let position = 0
    for (let index = start; index < end;) {
      const byte = bytes[index] as number
      const length = byte < 0x80 ? 1 : utf8Length(bytes, index, end)
      for (const sequenceEnd = index + length; index < sequenceEnd; index++) buffer[position++] = bytes[index] as number
      if (length > 0) continue
      buffer[position++] = 0x5c
      buffer[position++] = 0x78
      buffer[position++] = hexDigits[byte >> 4] as number
      buffer[position++] = hexDigits[byte & 15] as number
      index++
    }
    return buffer.toString('utf8', 0, position)
  }
}
