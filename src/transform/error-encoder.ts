import type { LogRecord } from '../record.ts'
import { createContainerJson } from './container-json.ts'
import type { Encoder } from './encoder.ts'
import { createErrorFields } from './error-fields.ts'
import { createErrorText } from './error-text.ts'
import { appendJsonText } from './json-text.ts'
import { Scratch } from './scratch.ts'

export interface ErrorEncoderOptions {
  /** `text`: the line or joined trace, readable. `json`: its fields as one JSON object. */
  readonly format: 'text' | 'json'
  /** Longest message; one whose fields take more is sent as text. */
  readonly maxMessageBytes: number
}

const opening = Buffer.from('{"t":')
const closing = Buffer.from('"}')

/**
 * Encodes lines of standard error as events: `{"t":<ms since the epoch>,"c":"<container>","m":"<message>"}`, read back
 * by `decodeEvent`.
 */
export function createErrorEncoder ({ format, maxMessageBytes }: ErrorEncoderOptions): Encoder {
  const containerJson = createContainerJson(name => `,"c":${name},"m":"`)
  const scratch = new Scratch()
  const errorText = createErrorText()
  const readFields = createErrorFields()
  const jsonOf = ({ bytes, start, end }: LogRecord) => Buffer.from(JSON.stringify(readFields(bytes, start, end)))
  const encoder = {
    buffer: scratch.buffer,
    start: 0,
    end: 0,
    encode (record: LogRecord): void {
      scratch.reset()
      scratch.append(opening)
      scratch.appendInteger(record.timeMs)
      scratch.append(containerJson(record.container))
      const json = format === 'json' ? jsonOf(record) : undefined
      if (json !== undefined && json.length <= maxMessageBytes) {
        appendJsonText(scratch, json, 0, json.length)
      } else {
        errorText.read(record.bytes, record.start, record.end)
        appendJsonText(scratch, errorText.buffer, errorText.start, errorText.end)
      }
      scratch.append(closing)
      encoder.buffer = scratch.buffer
      encoder.end = scratch.end
    },
  }
  return encoder
}
