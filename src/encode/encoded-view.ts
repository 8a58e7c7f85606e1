import { createRecord, madeOf, type LogRecord } from '../contracts/record.ts'
import type { Verdict } from '../contracts/verdict.ts'
import type { Encoder } from './encoder.ts'

/**
 * Encodes a record and gives the line back as a record of the same time, stream and container, which a further encoder
 * takes. The view belongs to the function, and is reused.
 */
export function createEncodedView (encoder: Encoder): (record: LogRecord, verdict: Verdict) => LogRecord {
  const view = createRecord()
  return (record, verdict) => {
    encoder.encode(record, verdict)
    return madeOf(record, encoder, view)
  }
}

/** One encoder after another. */
export function inTurn (first: Encoder, second: Encoder): Encoder {
  const viewOf = createEncodedView(first)
  const encoder = {
    buffer: second.buffer,
    start: 0,
    end: 0,
    encode (record: LogRecord, verdict: Verdict): void {
      second.encode(viewOf(record, verdict), verdict)
      encoder.buffer = second.buffer
      encoder.start = second.start
      encoder.end = second.end
    },
  }
  return encoder
}
