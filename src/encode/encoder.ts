import type { LogRecord } from '../contracts/record.ts'
import type { Verdict } from '../contracts/verdict.ts'
import { Scratch } from '../bytes/scratch.ts'

/**
 * Turns a record into the one line that its route's segment holds, without the newline.
 *
 * The line is `buffer[start, end)` until the next `encode` of the same encoder: the memory belongs to the encoder, or
 * to the record's source where the line needs no change. It never contains a newline.
 */
export interface Encoder {
  readonly buffer: Buffer
  readonly start: number
  readonly end: number
  /** @param verdict of the record, as it came from its source */
  encode (record: LogRecord, verdict: Verdict): void
}

/** Appends the line of a record to `scratch`; false: the record stays as it is. */
export type WriteLine = (scratch: Scratch, record: LogRecord, verdict: Verdict) => boolean

/** An encoder of lines that are what `write` appends. */
export function createWritingEncoder (write: WriteLine, scratch = new Scratch()): Encoder {
  const encoder = {
    buffer: scratch.buffer,
    start: 0,
    end: 0,
    encode (record: LogRecord, verdict: Verdict): void {
      scratch.reset()
      const isWritten = write(scratch, record, verdict)
      encoder.buffer = isWritten ? scratch.buffer : record.bytes
      encoder.start = isWritten ? 0 : record.start
      encoder.end = isWritten ? scratch.end : record.end
    },
  }
  return encoder
}

// Tested in test/encode/event-encoder.test.ts
