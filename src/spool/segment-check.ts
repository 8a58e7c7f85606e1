import type { Clock } from '../contracts/clock.ts'
import { errorCode, isOfProcess } from '../contracts/disk-errors.ts'
import type { Disk } from './disk.ts'
import type { Content } from './scan.ts'
import type { SealedSegment } from './sealed-segment.ts'
import { unreadableExtension } from './segment-name.ts'
import type { SpoolLog, SyncPolicy } from './spool.ts'
import type { Trouble } from './trouble.ts'
import { findDamage, renameDamaged } from './verify.ts'

/** For so long reads of a segment may fail before it is set aside: a device may be away for a moment, ms. */
const readPatienceMs = 10_000

export interface SegmentCheckOptions {
  readonly route: string
  readonly disk: Disk
  readonly clock: Clock
  readonly sync: SyncPolicy
  readonly log: SpoolLog
  readonly trouble: Trouble
}

/**
 * What was found of a segment that is to be handed out. `damaged`: it holds other records than its name said, and has
 * the name of what it holds. `left`: another process has its directory. `lost`: its file is gone. `aside`: it cannot be
 * read, and has a name that nobody looks for. `later`: the disk refuses now.
 */
export type Checked = 'whole' | 'damaged' | 'left' | 'lost' | 'aside' | 'later'

/** Reads the file of `segment`, and makes what the segment says of it true. Never rejects. */
export async function checkSegment (options: SegmentCheckOptions, segment: SealedSegment): Promise<Checked> {
  try {
    const damage = await findDamage(options.disk, segment)
    segment.isVerified = true
    segment.unreadableSinceMs = undefined
    if (damage !== undefined) return await takeDamage(options, segment, damage)
    options.trouble.ended(segment)
    return 'whole'
  } catch (error) {
    return await readFailed(options, segment, error)
  }
}

async function readFailed (
  { route, disk, clock, trouble, log }: SegmentCheckOptions, segment: SealedSegment, error: unknown
): Promise<Checked> {
  const { id, path, pendingRecords: records } = segment
  if (segment.isLeft) return 'left'
  const code = errorCode(error)
  if (code === 'ENOENT') {
    trouble.count(error)
    log.error({ route, segment: id, records }, 'segment lost')
    return 'lost'
  }
  trouble.failed(segment, error)
  const nowMs = clock.monotonicMs()
  segment.unreadableSinceMs ??= nowMs
  if (nowMs - segment.unreadableSinceMs < readPatienceMs || isOfProcess(code)) return 'later'
  // It must not keep the others of its route. Somebody may be able to repair its file.
  const aside = `${path}${unreadableExtension}`
  try {
    await disk.rename(path, aside)
  } catch {
    // The disk fails as a whole, which is no fault of the file.
    return 'later'
  }
  log.error({ route, path: aside, records, error }, 'segment cannot be read and is set aside')
  return 'aside'
}

const damageAdvice = 'check the file system of dataDir, and who else writes there: the file was changed, and what it holds now is delivered'

async function takeDamage (
  { route, disk, sync, trouble, log }: SegmentCheckOptions, segment: SealedSegment, content: Content
): Promise<Checked> {
  const { id, pendingRecords } = segment
  try {
    await renameDamaged(disk, segment, content, sync !== 'never')
  } catch (error) {
    trouble.failed(segment, error)
    return 'later'
  }
  trouble.ended(segment)
  const missingRecords = pendingRecords - segment.pendingRecords
  log.error({
    route,
    segment: id,
    as: segment.id,
    missingRecords: Math.max(0, missingRecords),
    ...(missingRecords < 0 && { surplusRecords: -missingRecords }),
    advice: damageAdvice,
  }, 'segment damaged')
  return 'damaged'
}

// Tested in test/spool/sealed-queue.test.ts
