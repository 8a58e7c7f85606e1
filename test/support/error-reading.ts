import type { LogRecord } from '../../src/contracts/record.ts'
import { createErrorReading, type ErrorReading } from '../../src/formats/error-reading.ts'

/** Reads one part of one line after another, as whoever is first to ask for it does. */
export function readerOf<Part extends Exclude<keyof ErrorReading, 'begin'>> (
  part: Part
): (bytes: Buffer, start: number, end: number) => ErrorReading[Part] {
  const reading = createErrorReading()
  return (bytes, start, end) => {
    reading.begin(bytes, start, end)
    return reading[part]
  }
}

/** A reading that has begun with the record. */
export function readingOf ({ bytes, start, end }: LogRecord): ErrorReading {
  const reading = createErrorReading()
  reading.begin(bytes, start, end)
  return reading
}
