import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'

const newline = 0x0a

/** Records of each route that wait, counted from the files below `{dataDir}/{hostId}/spool` and from nothing else. */
export function recount (hostDirectory: string): Readonly<Record<string, number>> {
  const spool = join(hostDirectory, 'spool')
  const counts: Record<string, number> = {}
  for (const route of listed(spool)) {
    const names = listed(join(spool, route)).flatMap(container =>
      listed(join(spool, route, container)).map(name => join(spool, route, container, name)))
    counts[route] = names.reduce((sum, path) => sum + waitingIn(path), 0)
  }
  return counts
}

function waitingIn (path: string): number {
  if (path.endsWith('.open')) return linesIn(content(path))
  const sealed = /-(\d+)-([0-9a-f]{8})\.ndjson$/.exec(path)
  if (sealed === null) return 0
  const bytes = content(path)
  // Gone between the listing and now: delivered.
  if (bytes.length === 0) return 0
  const records = linesIn(bytes)
  const checksum = crc32(bytes).toString(16).padStart(8, '0')
  if (bytes.at(-1) !== newline || records !== Number(sealed[1]) || checksum !== sealed[2]) {
    throw new Error(`a sealed segment does not hold what its name says: ${path}, found ${records} and ${checksum}`)
  }
  const cursor = content(path.replace(/\.ndjson$/, '.cursor')).toString()
  if (cursor === '') return records
  const [deliveredBytes = NaN, deliveredRecords = NaN] = cursor.split(' ').map(Number)
  if (linesIn(bytes.subarray(0, deliveredBytes)) !== deliveredRecords || bytes[deliveredBytes - 1] !== newline) {
    throw new Error(`a cursor does not point to the end of as many lines as it says: ${path}, ${cursor}`)
  }
  return records - deliveredRecords
}

function linesIn (bytes: Buffer): number {
  let count = 0
  for (let at = bytes.indexOf(newline); at !== -1; at = bytes.indexOf(newline, at + 1)) count++
  return count
}

function listed (directory: string): readonly string[] {
  return unlessGone(() => readdirSync(directory), [])
}

function content (path: string): Buffer {
  return unlessGone(() => readFileSync(path), Buffer.alloc(0))
}

function unlessGone<Value> (read: () => Value, value: Value): Value {
  try {
    return read()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return value
    throw error
  }
}
