import type { Disk } from './disk.ts'
import { scanFile, type Content } from './scan.ts'
import { cursorPathOf, formatCursor, type SealedSegment } from './sealed-segment.ts'

/** Cuts what follows the last newline of the file at `path`, which must be there: nothing is made in its place. */
export async function cutTorn (disk: Disk, path: string, bytes: number, isSynced: boolean): Promise<void> {
  const file = await disk.open(path, 'update')
  try {
    await file.truncate(bytes)
    if (isSynced) await file.sync()
  } finally {
    await file.close()
  }
}

/**
 * Reads a segment that an earlier process sealed.
 *
 * @returns undefined when it holds what its id says
 */
export async function findDamage (disk: Disk, segment: SealedSegment): Promise<Content | undefined> {
  const content = await scanFile(disk, segment.path, segment.deliveredBytes)
  const isWhole = content.records === segment.records && content.crc32 === segment.crc32 && content.tornBytes === 0
  return isWhole ? undefined : content
}

/**
 * Gives a damaged segment the name of what it holds now, so that it can be delivered as that. A cursor that no longer
 * points to the end of a line is taken back to the start: lines are sent twice rather than lost.
 */
export async function renameDamaged (disk: Disk, segment: SealedSegment, content: Content, isSynced: boolean) {
  const path = segment.pathWith(content)
  const deliveredBytes = content.isMarkAtLineEnd ? segment.deliveredBytes : 0
  const deliveredRecords = content.isMarkAtLineEnd ? content.recordsToMark : 0
  if (content.tornBytes > 0) await cutTorn(disk, segment.path, content.bytes, isSynced)
  const oldCursorPath = segment.cursorPath
  const hasCursor = deliveredBytes > 0
  const cursorPath = cursorPathOf(path)
  if (hasCursor) await disk.replaceText(cursorPath, formatCursor({ bytes: deliveredBytes, records: deliveredRecords }))
  await disk.rename(segment.path, path)
  if (oldCursorPath !== cursorPath) await disk.remove(oldCursorPath)
  const { records, bytes, crc32 } = content
  Object.assign(segment, { records, bytes, crc32, deliveredBytes, deliveredRecords, hasCursor })
}

// Tested in test/spool/sealed-queue.test.ts
