import type { HangWatch } from './hang-watch.ts'
import type { CopyBudget } from './segment-copy.ts'
import type { Overdraft } from './slab-pool.ts'
import type { SpoolOptions } from './spool.ts'
import type { Turnstile } from './turnstile.ts'

/** What a route needs of the spool it belongs to. */
export interface RouteHost extends Pick<SpoolOptions, 'clock' | 'ledger' | 'metrics' | 'log' | 'disk' | 'sync' |
  'writeBufferBytes' | 'maxStallMs' | 'flushIntervalMs'> {
  /** Of this process, in the names of files; drawn anew with every directory. */
  readonly boot: () => string
  /** What its segments are named by: see `Segment.names`. */
  readonly names: () => Readonly<Record<string, string>>
  readonly overdraft: Overdraft
  readonly copies: CopyBudget
  readonly hangs: HangWatch
  /** Aborts when the spool closes: nothing is tried again then. */
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
  /** Sources are to wait because of this, until the other is called for the same, or for `maxMs`. */
  readonly onFull: (what: 'buffers' | 'quota', maxMs?: number) => void
  readonly onWritable: (what: 'buffers' | 'quota') => void
  readonly onNoSpace: () => void
}

// Tested in test/spool/route-spool.test.ts
