import type { Disk } from './disk.ts'
import type { HangWatch } from './hang-watch.ts'
import type { CopyBudget } from './segment-copy.ts'
import type { Overdraft } from './slab-pool.ts'
import type { SpoolLog, SyncPolicy } from './spool.ts'
import type { Turnstile } from './turnstile.ts'
import type { Instruments } from '../telemetry/instruments.ts'

/** What a route needs of the spool it belongs to. */
export interface RouteHost extends Pick<Instruments, 'clock' | 'ledger' | 'metrics'> {
  readonly disk: Disk
  readonly log: SpoolLog
  /** Drawn anew with every directory. */
  readonly boot: () => string
  /** What its segments are named by: see `Segment.names`. */
  readonly names: () => Readonly<Record<string, string>>
  readonly sync: SyncPolicy
  readonly writeBufferBytes: number
  readonly maxStallMs: number
  readonly flushIntervalMs: number
  readonly overdraft: Overdraft
  readonly copies: CopyBudget
  readonly hangs: HangWatch
  readonly signal: AbortSignal
  /** So many segments of all routes work at a time. */
  readonly turnstile: Turnstile
  /** `{dataDir}/{hostId}` once it is locked. */
  readonly directory: () => string | undefined
  /** What keeps it from having a directory; undefined when nothing does. */
  readonly problem: () => string | undefined
  readonly nextSegmentNumber: () => number
  /** Something waits to be written: called once until the next `flush`. */
  readonly onDirty: () => void
  /** Sources are to wait because of this, until the other is called for the same. */
  readonly onFull: (what: 'buffers' | 'quota') => void
  readonly onWritable: (what: 'buffers' | 'quota') => void
  readonly onNoSpace: () => void
}

// Tested in test/spool/route-spool.test.ts
