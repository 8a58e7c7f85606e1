import type { LogRecord } from '../record.ts'
import type { Encoder } from './encoder.ts'
import { Scratch } from './scratch.ts'

const newline = 0x0a

/**
 * Keeps lines byte for byte, for routes whose objects hold what Apache wrote. Only a newline, which a line must not
 * have, becomes `\n` inside a JSON string and a space outside of one.
 */
export function createLineEncoder (): Encoder {
  const scratch = new Scratch()
  const encoder = {
    buffer: scratch.buffer,
    start: 0,
    end: 0,
    encode ({ bytes, start, end }: LogRecord): void {
      encoder.buffer = bytes
      encoder.start = start
      encoder.end = end
      for (let index = start; index < end; index++) {
        if (bytes[index] === newline) {
          withoutNewlines(scratch, bytes, start, end)
          encoder.buffer = scratch.buffer
          encoder.start = 0
          encoder.end = scratch.end
          return
        }
      }
    },
  }
  return encoder
}

function withoutNewlines (target: Scratch, bytes: Uint8Array, start: number, end: number): void {
  target.reset()
  target.reserve((end - start) * 2)
  const buffer = target.buffer
  let position = 0
  let isInString = false
  let isEscaped = false
  for (let index = start; index < end; index++) {
    const byte = bytes[index] as number
    if (byte !== newline) {
      buffer[position++] = byte
    } else if (isInString) {
      // After a backslash that waits for its letter, the letter is enough.
      if (!isEscaped) buffer[position++] = 0x5c
      buffer[position++] = 0x6e
    } else {
      buffer[position++] = 0x20
    }
    if (byte === 0x22 && !isEscaped) isInString = !isInString
    isEscaped = isInString && byte === 0x5c && !isEscaped
  }
  target.end = position
}
