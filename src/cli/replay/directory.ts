import { createReadStream } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { whereAbsent } from '../../contracts/disk-errors.ts'
import { cursorPathOf } from '../../spool/sealed-segment.ts'
import { decodeComponent, parseFileName } from '../../spool/segment-name.ts'
import type { ReplayInput } from './input.ts'
import { liesIn } from './rollback.ts'
import { writeCursor } from './settle.ts'
import { readLetter, readSegmentLine, type Place } from './line.ts'

/** Where files were delivered: they arrived. */
const delivered = 'delivered'

/**
 * The dead letters and the segments of a spool below `directory`, in the order of their paths: an instance's directory
 * in a data directory, a part of it, or a copy of dead letters from a bucket.
 *
 * @param except a directory of which nothing is taken
 * @throws what the system says when the directory cannot be read
 */
export async function directoryInputs (directory: string, except: string): Promise<readonly ReplayInput[]> {
  const inputs: ReplayInput[] = []
  for (const path of (await filesBelow(directory)).sort()) {
    if (liesIn(path, except)) continue
    const input = await inputOf(path)
    if (input !== undefined) inputs.push(input)
  }
  return inputs
}

async function filesBelow (directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true })
  const files = entries.filter(entry => entry.isFile()).map(({ name }) => join(directory, name))
  for (const entry of entries) {
    if (entry.isDirectory() && entry.name !== delivered) files.push(...await filesBelow(join(directory, entry.name)))
  }
  return files
}

async function inputOf (path: string): Promise<ReplayInput | undefined> {
  const { size: bytes } = await stat(path)
  const base = { name: path, bytes, open: async () => createReadStream(path) }
  const parsed = parseFileName(basename(path))
  if (parsed.kind === 'open' || parsed.kind === 'sealed') {
    const place = placeOf(path, parsed.name.hour)
    if (place === undefined) return undefined
    const deliveredBytes = parsed.kind === 'sealed' ? await cursorOf(path) : 0
    const input = { ...base, deliveredBytes, readLine: (line: string) => readSegmentLine(line, place) }
    if (parsed.kind === 'open') return input
    return { ...input, settle: (bytes, records) => writeCursor(path, { bytes, records }) }
  }
  if (!/\.ndjson(?:\.gz|\.zst)?$/.test(path)) return undefined
  return { ...base, deliveredBytes: 0, readLine: readLetter }
}

/** `…/{route}/{container}/{segment}` */
function placeOf (path: string, hour: string): Place | undefined {
  const container = decodeComponent(basename(dirname(path)))
  const route = decodeComponent(basename(dirname(dirname(path))))
  const [, year, month, day, hours] = /^(\d{4})(\d\d)(\d\d)(\d\d)$/.exec(hour) ?? []
  const timeMs = Date.parse(`${year}-${month}-${day}T${hours}:00:00Z`)
  if (container === undefined || route === undefined || Number.isNaN(timeMs)) return undefined
  return { route, container, timeMs }
}

/** How far the segment was delivered: `{bytes} {records}`. */
async function cursorOf (path: string): Promise<number> {
  const text = await readFile(cursorPathOf(path), 'utf8').catch(whereAbsent(''))
  const [bytes = ''] = text.split(' ')
  return /^\d{1,15}$/.test(bytes) ? Number(bytes) : 0
}

// Tested in test/e2e/replay.test.ts
