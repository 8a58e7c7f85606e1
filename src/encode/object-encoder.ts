import { createNameMemo } from '../contracts/name-memo.ts'
import { stream, type LogRecord } from '../contracts/record.ts'
import type { Verdict } from '../contracts/verdict.ts'
import { createWritingEncoder, type Encoder } from './encoder.ts'
import { createIsoTime } from '../bytes/iso-time.ts'
import { appendJsonText } from '../bytes/json-escape.ts'

const opening = Buffer.from('{"time":"')
const closing = Buffer.from('"}')
const beforeLine = {
  [stream.none]: Buffer.from('"log":"'),
  [stream.stdout]: Buffer.from('"stream":"stdout","log":"'),
  [stream.stderr]: Buffer.from('"stream":"stderr","log":"'),
} as const

export interface ObjectEncoderOptions {
  /** Whether the record is one line of strict JSON that holds an object: it stays as it is. */
  readonly isJsonLine: (record: LogRecord, verdict: Verdict) => boolean
}

/**
 * Encodes for routes whose objects hold NDJSON. A line that is JSON stays byte for byte; any other is wrapped:
 * `{"time":"<ISO 8601, ms, UTC>","container":"…","stream":"stdout","log":"…"}`, without `stream` where none is known.
 */
export function createObjectEncoder ({ isJsonLine }: ObjectEncoderOptions): Encoder {
  const containerJson = createNameMemo(name => Buffer.from(`","container":${JSON.stringify(name)},`))
  const isoTime = createIsoTime()
  return createWritingEncoder((scratch, record, verdict) => {
    if (isJsonLine(record, verdict)) return false
    scratch.append(opening)
    scratch.append(isoTime(record.timeMs))
    scratch.append(containerJson(record.container))
    scratch.append(beforeLine[record.stream])
    appendJsonText(scratch, record.bytes, record.start, record.end)
    scratch.append(closing)
    return true
  })
}
