import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { systemDisk } from '../../spool/disk.ts'
import { scanFile } from '../../spool/scan.ts'
import { cursorPathOf, formatCursor, type Cursor } from '../../spool/sealed-segment.ts'
import { formatSealedId, parseFileName } from '../../spool/segment-name.ts'
import { cutTorn } from '../../spool/verify.ts'
import { liesIn } from './rollback.ts'

/**
 * Seals what the owner of a spool had open when it ended, as its next start would: only a sealed segment has a cursor.
 * Called while this process holds the lease.
 *
 * @param except a directory that is not touched
 * @throws what the system says
 */
export async function sealOpenSegments (place: string, except: string): Promise<void> {
  for (const entry of await readdir(place, { withFileTypes: true, recursive: true })) {
    const parsed = parseFileName(entry.name)
    if (!entry.isFile() || parsed.kind !== 'open' || liesIn(entry.parentPath, except)) continue
    const path = join(entry.parentPath, entry.name)
    const { records, bytes, crc32, tornBytes } = await scanFile(systemDisk, path, 0)
    if (records === 0) continue
    if (tornBytes > 0) await cutTorn(systemDisk, path, bytes, false)
    await systemDisk.rename(path, join(entry.parentPath, `${formatSealedId({ ...parsed.name, records, crc32 })}.ndjson`))
  }
}

/** Says in the spool how far its segment was sent, so that nobody who takes the spool over sends that again. */
export async function writeCursor (path: string, cursor: Cursor): Promise<void> {
  await systemDisk.replaceText(cursorPathOf(path), formatCursor(cursor))
}

// Tested in test/e2e/replay-owner.test.ts
