import { readdir, rename, rm, truncate } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { whereAbsent } from '../../contracts/disk-errors.ts'
import { sizeOf } from '../../delivery/whole-lines.ts'
import { formatOpenName, parseFileName, type OpenName } from '../../spool/segment-name.ts'

/** What the spool of a replay held at a moment at which everything taken was in its files. */
export interface SpoolState {
  /** The process whose spool it is, and the number of its last segment. */
  readonly boot: string
  readonly lastNumber: number
  /** Bytes of each open segment, by its path without extension, below the spool's directory. */
  readonly open: Readonly<Record<string, number>>
}

interface SegmentFile {
  readonly path: string
  readonly kind: 'open' | 'sealed'
  readonly name: OpenName
  /** Path without extension, as it was when the segment was open. */
  readonly key: string
}

export async function spoolStateOf (directory: string, boot: string): Promise<SpoolState> {
  const open: Record<string, number> = {}
  let lastNumber = 0
  for (const { path, kind, name, key } of await segmentsBelow(directory)) {
    if (name.boot === boot) lastNumber = Math.max(lastNumber, name.n)
    if (kind === 'open') open[key] = await sizeOf(path)
  }
  return { boot, lastNumber, open }
}

/**
 * Takes out of the spool what was written after the state: a process was killed before it could remember that, and it
 * will be read again. Called while no process has the spool.
 */
export async function rollBack (directory: string, { boot, lastNumber, open }: SpoolState): Promise<void> {
  for (const { path, kind, name, key } of await segmentsBelow(directory)) {
    const bytes = open[key]
    if (bytes === undefined) {
      if (name.boot === boot && name.n > lastNumber) await rm(path, { force: true })
    } else if (await sizeOf(path) > bytes) {
      await truncate(path, bytes)
      // Its name says what it held: the next start of the spool counts it anew.
      if (kind === 'sealed') await rename(path, join(directory, `${key}.open`))
    }
  }
}

/** Whether it is `directory` or below it; both absolute. */
export function liesIn (path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`)
}

export async function segmentsBelow (directory: string): Promise<SegmentFile[]> {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true }).catch(whereAbsent([]))
  return entries.filter(entry => entry.isFile()).flatMap(({ name: file, parentPath }) => {
    const parsed = parseFileName(file)
    if (parsed.kind !== 'open' && parsed.kind !== 'sealed') return []
    const key = join(relative(directory, parentPath), formatOpenName(parsed.name))
    return [{ path: join(parentPath, file), kind: parsed.kind, name: parsed.name, key }]
  })
}
