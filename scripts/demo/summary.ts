import { globSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { bytes as sizeOf } from '../../src/telemetry/words.ts'
import { table } from '../../src/cli/table.ts'
import type { Report } from './child.ts'

/** A file that was delivered, or that the stand-in of AWS keeps of an object or a stream. */
export interface DeliveredFile {
  readonly class: string
  readonly path: string
  readonly records: number
  readonly bytes: number
  readonly fileBytes: number
  readonly sample: string
}

/** What lies below `directory` of objects (`{class}/dt=…`) and streams (`…/{class}.ndjson`), by class. */
export function deliveredFiles (directory: string): readonly DeliveredFile[] {
  return globSync('**/*.{gz,ndjson}', { cwd: directory }).sort().flatMap(name => {
    const found = /(?:^|\/)(\w+)\/dt(?:=|%3D).*\.gz$/.exec(name) ?? /(?:\/|%2F)(error|app)\.ndjson$/.exec(name)
    if (found?.[1] === undefined) return []
    const path = join(directory, name)
    const content = name.endsWith('.gz') ? gunzipSync(readFileSync(path)) : readFileSync(path)
    const lines = content.toString().split('\n').slice(0, -1)
    return [{
      class: found[1],
      path,
      records: lines.length,
      bytes: content.length,
      fileBytes: statSync(path).size,
      sample: lines[Math.floor(lines.length / 2)] ?? '',
    }]
  })
}

/** `relative` makes a path as the reader would type it. */
export function filesTable (files: readonly DeliveredFile[], relative: (path: string) => string): string {
  return table([
    ['CLASS', 'RECORDS', 'BYTES', 'FILE BYTES', 'DESTINATION'],
    ...files.map(file => [
      file.class, countOf(file.records), sizeOf(file.bytes), sizeOf(file.fileBytes), relative(file.path)]),
  ], [1, 2, 3])
}

const incoming = ['received', 'recovered', 'made'] as const
const outgoing = ['delivered', 'filtered', 'rejected', 'dropped', 'joined', 'pending'] as const

/** The ledger, term by term, and both sides of its equation. */
export function equation (report: Report): string {
  const rows = [...incoming, ...outgoing].map(term => [
    `  ${term}`,
    countOf(report[term]),
    Object.entries(report.by[term]).map(([label, value]) => `${label} ${countOf(value)}`).join(', '),
  ])
  const sum = (terms: readonly (keyof Report['by'])[]) => countOf(terms.reduce((total, term) => total + report[term], 0))
  return [
    table(rows, [1]),
    `  in:  ${incoming.join(' + ')} = ${sum(incoming)}`,
    `  out: ${outgoing.join(' + ')} = ${sum(outgoing)}`,
  ].join('\n')
}

export function countOf (value: number): string {
  return value.toLocaleString('en-US')
}

/** How a person would look at the file. */
export function commandFor (path: string): string {
  if (path.endsWith('.gz')) return `zcat ${path} | jq .`
  return `cat ${path} | jq -r '.m // .message'`
}
