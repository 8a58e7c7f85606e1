import { jsonOf } from '../bytes/json-value.ts'

/** A record that the destination refused for good, as its line in the segment. */
export interface DeadLetter {
  readonly line: string
  readonly reason: string
}

/** One JSON object a line: when, from which route, why, and the record. What reads it: `sluice replay`. */
export function letterText (letters: readonly DeadLetter[], route: string, wallMs: number): Buffer {
  const time = new Date(wallMs).toISOString()
  return Buffer.from(letters
    .map(({ line, reason }) => `${JSON.stringify({ time, route, reason, record: recordOf(line) })}\n`)
    .join(''))
}

/** Segments of events hold JSON; should a line not, it is kept as text. */
function recordOf (line: string): unknown {
  const record = jsonOf(line)
  return record === undefined ? line : record
}

// Tested in test/delivery/dead-letters.test.ts
