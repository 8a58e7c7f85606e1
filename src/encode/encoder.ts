import type { LogRecord } from '../contracts/record.ts'
import type { Verdict } from '../contracts/verdict.ts'

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
