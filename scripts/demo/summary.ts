import { globSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { numeral } from '../../src/telemetry/words.ts'
import { table } from '../../src/cli/table.ts'
import { bytes as sizeOf } from '../../src/telemetry/words.ts'

/** A file that was delivered, or that the stand-in of AWS keeps of an object or a stream. */
export interface DeliveredFile {
  readonly class: string
  /** Its path below the directory that was looked at. */
  readonly name: string
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
      name,
      records: lines.length,
      bytes: content.length,
      fileBytes: statSync(path).size,
      sample: lines[Math.floor(lines.length / 2)] ?? '',
    }]
  })
}

export function filesTable (files: readonly DeliveredFile[]): string {
  return table([
    ['CLASS', 'RECORDS', 'BYTES', 'STORED', 'DESTINATION'],
    ...files.map(file => [
      file.class, numeral(file.records), sizeOf(file.bytes), sizeOf(file.fileBytes), destinationOf(file.name)]),
  ], [1, 2, 3])
}

/** Where the file, object or stream is: names of objects are too long for a terminal, and chance. */
function destinationOf (name: string): string {
  if (name.endsWith('.gz')) return `${decodeURIComponent(dirname(name))}/`.replace(/^s3\//, 's3://')
  if (!isOfStandIn(name)) return name
  const [, group, stream] = name.split('/').map(decodeURIComponent)
  return `${group}, ${stream?.replace(/\.ndjson$/, '')}`
}

/** Group and stream are one part of the path each there. */
function isOfStandIn (name: string): boolean {
  return name.includes('%2F')
}

/** How a person would look at the file, short enough for a terminal. */
export function commandFor (directory: string, name: string): string {
  if (name.endsWith('.gz')) return `gunzip -c ${directory}/${name.replace(/\/dt(?:=|%3D).*/, '')}/*/*/* | jq .`
  return `jq -r ${isOfStandIn(name) ? '.message' : '.m'} ${directory}/${name.replaceAll('%2F', '*')}`
}

const lineColumns = 76
const maxLines = 4

/** A line of a log, cut into as many as a terminal needs, of which the first few are shown. */
export function folded (text: string): string {
  const lines: string[] = []
  let columns = lineColumns
  for (const character of text) {
    // Every character that takes two columns, and few others, is above U+1100.
    const width = (character.codePointAt(0) ?? 0) >= 0x1100 ? 2 : 1
    if (columns + width > lineColumns) {
      lines.push('')
      columns = 0
    }
    lines[lines.length - 1] += character
    columns += width
  }
  const shown = lines.slice(0, maxLines)
  if (lines.length > maxLines) shown.push(`… (${numeral(text.length)} characters)`)
  return shown.map(line => `  ${line}`).join('\n')
}
