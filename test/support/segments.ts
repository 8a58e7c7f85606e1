import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Segment } from '../../src/contracts/segment.ts'

/** A sealed segment in `directory` that holds `lines`. */
export function makeSegment (directory: string, lines: readonly string[], overrides: Partial<Segment> = {}): Segment {
  const content = Buffer.from(lines.map(line => `${line}\n`).join(''))
  const id = overrides.id ?? `2026112310-${'ab'.repeat(16)}-1-${lines.length}-00000000`
  const path = join(directory, `${id}.ndjson`)
  writeFileSync(path, content)
  return {
    route: 'access',
    container: 'web',
    hour: '2026112310',
    id,
    path,
    records: lines.length,
    bytes: content.length,
    firstAcceptedMs: 0,
    deliveredBytes: 0,
    deliveredRecords: 0,
    ...overrides,
  }
}
