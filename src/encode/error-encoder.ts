import { linePart, type LogRecord } from '../contracts/record.ts'
import type { Encoder } from './encoder.ts'
import type { ErrorReading } from '../formats/error-reading.ts'

export interface ErrorEncoderOptions {
  /** Of the record that is encoded: it has begun with it. */
  readonly reading: ErrorReading
  /** `text`: the line or joined trace, readable. `json`: its fields as one JSON object. */
  readonly format: 'text' | 'json'
  /** Longest message; one whose fields take more is sent as text. */
  readonly maxMessageBytes: number
  /** Further fields of the JSON object, as `fieldsJson` makes them; empty: none. */
  readonly enrichment: string
}

/** Encodes lines of standard error as the message that a person or a query reads: text of several lines, or JSON. */
export function createErrorEncoder ({ reading, format, maxMessageBytes, enrichment }: ErrorEncoderOptions): Encoder {
  const jsonOf = () => {
    // The object is never empty: every error has a message.
    const json = JSON.stringify(reading.fields)
    return Buffer.from(enrichment === '' ? json : `${json.slice(0, -1)},${enrichment}}`)
  }
  const encoder: { -readonly [Key in keyof Encoder]: Encoder[Key] } = {
    buffer: Buffer.alloc(0),
    start: 0,
    end: 0,
    encode ({ part }: LogRecord): void {
      // A part of a line is a part of its text.
      const json = format === 'json' && part === linePart.whole ? jsonOf() : undefined
      if (json !== undefined && json.length <= maxMessageBytes) {
        encoder.buffer = json
        encoder.start = 0
        encoder.end = json.length
        return
      }
      const { text } = reading
      encoder.buffer = text.buffer
      encoder.start = text.start
      encoder.end = text.end
    },
  }
  return encoder
}
