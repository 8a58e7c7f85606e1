import type { LogRecord } from '../contracts/record.ts'
import { createWritingEncoder, type Encoder } from './encoder.ts'
import { createIsoTime } from '../bytes/iso-time.ts'
import { appendJsonText } from '../bytes/json-escape.ts'

const opening = Buffer.from('{"time":"')
const beforeLine = Buffer.from('","raw":"')
const beforeReason = Buffer.from('","reason":"')
const closing = Buffer.from('"}')

export interface InvalidEncoderOptions {
  /** Why the record that is being encoded could not be repaired: a word of a fixed set. */
  readonly reasonOf: (record: LogRecord) => string
}

/** Encodes what cannot be repaired: `{"time":"<ISO 8601, ms, UTC>","raw":"<the line>","reason":"torn"}`. */
export function createInvalidEncoder ({ reasonOf }: InvalidEncoderOptions): Encoder {
  const isoTime = createIsoTime()
  return createWritingEncoder((scratch, record) => {
    scratch.append(opening)
    scratch.append(isoTime(record.timeMs))
    scratch.append(beforeLine)
    appendJsonText(scratch, record.bytes, record.start, record.end)
    scratch.append(beforeReason)
    const reason = Buffer.from(reasonOf(record))
    appendJsonText(scratch, reason, 0, reason.length)
    scratch.append(closing)
    return true
  })
}
