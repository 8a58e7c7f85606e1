import { globSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { bytes as sizeOf } from '../../src/telemetry/words.ts'
import { countOf } from '../../src/cli/ledger-table.ts'
import { table } from '../../src/cli/table.ts'

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

/** How a person would look at the file. */
export function commandFor (path: string): string {
  if (path.endsWith('.gz')) return `zcat ${path} | jq .`
  return `cat ${path} | jq -r '.m // .message'`
}
