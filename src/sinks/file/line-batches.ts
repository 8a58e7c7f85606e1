import { ascii } from '../../bytes/ascii.ts'
import type { Cutting } from '../../contracts/sink.ts'

export interface LineLimits {
  readonly maxBytes: number
  readonly maxRecords: number
}

const { newline } = ascii

/** Cuts by what lies in the segment: bytes with their newlines, and lines. A longer line is a batch of its own. */
export function createLineCutting ({ maxBytes, maxRecords }: LineLimits): Cutting {
  return {
    readBytes: maxBytes,
    cut: lines => {
      let endByte = 0
      let records = 0
      while (records < maxRecords) {
        const lineEnd = lines.indexOf(newline, endByte) + 1
        // A line that is cut off beyond the limit would not have fitted either.
        if (lineEnd === 0) return { endByte, records, isFull: lines.length >= maxBytes && records > 0 }
        if (lineEnd > maxBytes && records > 0) return { endByte, records, isFull: true }
        endByte = lineEnd
        records++
      }
      return { endByte, records, isFull: true }
    },
  }
}

// Tested in test/sinks/file/events.test.ts
