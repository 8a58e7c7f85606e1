import { ascii } from '../bytes/ascii.ts'
import type { LogRecord } from '../contracts/record.ts'
import type { Verdict } from '../contracts/verdict.ts'
import type { Encoder } from './encoder.ts'
import { appendRange } from '../bytes/line-rewriter.ts'
import { Scratch } from '../bytes/scratch.ts'

const { openBrace, closeBrace, space } = ascii

/** `"name":"value"` of each field that has a value, with commas between; empty when none has. */
export function fieldsJson (fields: Readonly<Record<string, string>>): string {
  return Object.entries(fields).filter(([, value]) => value !== '')
    .map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')
}

/**
 * Adds fields, the same to every record, at the end of the JSON object that a line is. A line that is no object stays
 * as it is. Makes nothing for a line but the copy of it; a key that the line has already stands twice then, ours last.
 * Most readers of JSON take the last; Athena's may refuse the row, so the manual says not to.
 *
 * @param inner what makes the object; undefined where the record is one
 */
export function createEnrichedEncoder (json: string, inner?: Encoder): Encoder {
  const ending = Buffer.from(`${json}}`)
  return createEndingEncoder(() => ending, inner)
}

/** As `createEnrichedEncoder`, with members that differ from record to record; an empty text: the object stays. */
export function createNotedEncoder (jsonOf: () => string, inner: Encoder): Encoder {
  return createEndingEncoder(() => {
    const json = jsonOf()
    return json === '' ? undefined : Buffer.from(`${json}}`)
  }, inner)
}

/** @param endingOf what stands in the place of the last brace; undefined: the object stays as it is */
function createEndingEncoder (endingOf: () => Buffer | undefined, inner?: Encoder): Encoder {
  const scratch = new Scratch()
  const comma = Buffer.from(',')
  const encoder = {
    buffer: scratch.buffer,
    start: 0,
    end: 0,
    encode (record: LogRecord, verdict: Verdict): void {
      inner?.encode(record, verdict)
      const { buffer, start, end } = inner ?? { buffer: record.bytes, start: record.start, end: record.end }
      const ending = endingOf()
      const last = lastByte(buffer, start, end)
      if (ending === undefined || last <= start || buffer[last] !== closeBrace) {
        encoder.buffer = buffer
        encoder.start = start
        encoder.end = end
        return
      }
      const beforeLast = lastByte(buffer, start, last)
      scratch.reset()
      appendRange(scratch, buffer, start, beforeLast + 1)
      if (buffer[beforeLast] !== openBrace) scratch.append(comma)
      scratch.append(ending)
      encoder.buffer = scratch.buffer
      encoder.start = 0
      encoder.end = scratch.end
    },
  }
  return encoder
}

/** Index of the last byte of `[start, end)` that is no white space; `start - 1` when there is none. */
function lastByte (buffer: Uint8Array, start: number, end: number): number {
  let index = end - 1
  while (index >= start && (buffer[index] as number) <= space) index--
  return index
}
