import type { LogRecord } from '../contracts/record.ts'
import type { Encoder } from './encoder.ts'
import { createErrorFields } from '../formats/line-fields.ts'
import { createErrorText } from '../formats/line-text.ts'

export interface ErrorEncoderOptions {
  /** `text`: the line or joined trace, readable. `json`: its fields as one JSON object. */
  readonly format: 'text' | 'json'
  /** Longest message; one whose fields take more is sent as text. */
  readonly maxMessageBytes: number
  /** Further fields of the JSON object, as `fieldsJson` makes them; empty: none. */
  readonly enrichment: string
}

/** Encodes lines of standard error as the message that a person or a query reads: text of several lines, or JSON. */
export function createErrorEncoder ({ format, maxMessageBytes, enrichment }: ErrorEncoderOptions): Encoder {
  const errorText = createErrorText()
  const readFields = createErrorFields()
  const jsonOf = ({ bytes, start, end }: LogRecord) => {
    // The object is never empty: every error has a message.
    const json = JSON.stringify(readFields(bytes, start, end))
    return Buffer.from(enrichment === '' ? json : `${json.slice(0, -1)},${enrichment}}`)
  }
  const encoder: { -readonly [Key in keyof Encoder]: Encoder[Key] } = {
    buffer: Buffer.alloc(0),
    start: 0,
    end: 0,
    encode (record: LogRecord): void {
      const json = format === 'json' ? jsonOf(record) : undefined
      if (json !== undefined && json.length <= maxMessageBytes) {
        encoder.buffer = json
        encoder.start = 0
        encoder.end = json.length
        return
      }
      errorText.read(record.bytes, record.start, record.end)
      encoder.buffer = errorText.buffer
      encoder.start = errorText.start
      encoder.end = errorText.end
    },
  }
  return encoder
}
