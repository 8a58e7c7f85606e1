import type { LogRecord } from '../contracts/record.ts'

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
  encode (record: LogRecord): void
}
