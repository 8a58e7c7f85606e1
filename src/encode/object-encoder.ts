import { stream, type LogRecord } from '../contracts/record.ts'
import { createContainerJson } from './container-json.ts'
import type { Encoder } from './encoder.ts'
import { createIsoTime } from '../bytes/iso-time.ts'
import { appendJsonText } from '../bytes/json-escape.ts'
import { Scratch } from '../bytes/scratch.ts'

const opening = Buffer.from('{"time":"')
const closing = Buffer.from('"}')
const beforeLine = {
  [stream.none]: Buffer.from('"log":"'),
  [stream.stdout]: Buffer.from('"stream":"stdout","log":"'),
  [stream.stderr]: Buffer.from('"stream":"stderr","log":"'),
} as const

export interface ObjectEncoderOptions {
  /** Whether the bytes are one line of strict JSON that holds an object: those stay as they are. */
  readonly isJsonLine: (bytes: Uint8Array, start: number, end: number) => boolean
}

/**
 * Encodes for routes whose objects hold NDJSON. A line that is JSON stays byte for byte; any other is wrapped:
 * `{"time":"<ISO 8601, ms, UTC>","container":"…","stream":"stdout","log":"…"}`, without `stream` where none is known.
 */
export function createObjectEncoder ({ isJsonLine }: ObjectEncoderOptions): Encoder {
  const containerJson = createContainerJson(name => `","container":${name},`)
  const isoTime = createIsoTime()
  const scratch = new Scratch()
  const encoder = {
    buffer: scratch.buffer,
    start: 0,
    end: 0,
    encode (record: LogRecord): void {
      if (isJsonLine(record.bytes, record.start, record.end)) {
        encoder.buffer = record.bytes
        encoder.start = record.start
        encoder.end = record.end
        return
      }
      scratch.reset()
      scratch.append(opening)
      scratch.append(isoTime(record.timeMs))
      scratch.append(containerJson(record.container))
      scratch.append(beforeLine[record.stream])
      appendJsonText(scratch, record.bytes, record.start, record.end)
      scratch.append(closing)
      encoder.buffer = scratch.buffer
      encoder.start = 0
      encoder.end = scratch.end
    },
  }
  return encoder
}
