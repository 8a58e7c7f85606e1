import type { DiskFile } from './disk.ts'
import type { RouteHost } from './route-host.ts'
import type { FileHost } from './segment-file.ts'
import type { OpenName } from './segment-name.ts'
import type { SlabPool } from './slab-pool.ts'
import type { Trouble } from './trouble.ts'

/** What a segment needs of the route it belongs to. */
export interface SegmentHost<Segment> extends
  FileHost, Pick<RouteHost, 'clock' | 'copies' | 'signal' | 'turnstile' | 'boot'> {
  readonly pool: SlabPool
  readonly trouble: Trouble
  /** Called once, when the segment takes no more part: its file is sealed, or is lost with all of its lines. */
  readonly onEnd: (segment: Segment, end: SegmentEnd) => void
  /** Called when the disk was full: its file is sealed with what it holds, and the segment goes on in another. */
  readonly onPart: (segment: Segment, part: SegmentPart) => void
  readonly nextSegmentNumber: () => number
  /** Called after the file was lost. The lines that it did not hold go to another one, if there are any. */
  readonly onLost: (loss: SegmentLoss) => void
}

export type SegmentState =
  /** Nothing of it is on disk. */
  | { readonly kind: 'new' }
  | { readonly kind: 'open', readonly file: DiskFile, readonly directory: string }
  /** Everything is written; only the name is missing. */
  | { readonly kind: 'closed', readonly directory: string }
  | { readonly kind: 'ended' }

export interface SealedFile {
  readonly id: string
  readonly path: string
  readonly bytes: number
  /** The disk has taken every byte, as far as it says. */
  readonly isSure: boolean
}

export type SegmentEnd = { readonly kind: 'sealed' } & SealedFile | { readonly kind: 'lost' }

/** `bytesBefore`: that the segment had accepted before, with those of the file. */
export interface SegmentPart extends SealedFile { readonly bytesBefore: number }

/** Why: somebody removed the file, or another process has taken it. */
export type LossReason = 'disk' | 'taken'

export interface SegmentLoss {
  readonly reason: LossReason
  /** That only the file held. */
  readonly records: number
  /** That the segment had accepted before, and those that it still has. */
  readonly bytesBefore: number
  readonly bytes: number
}

export interface OpenSegmentOptions {
  readonly name: OpenName
  /** As records name it, and as it is kept (shortened if need be). */
  readonly rawContainer: string
  readonly container: string
  /** Monotonic ms. */
  readonly firstAcceptedMs: number
  /** Times of the records it takes: `[fromMs, toMs)`. NaN, which no time is in, for late segments. */
  readonly fromMs: number
  readonly toMs: number
  /** From when on it is sealed because its hour is over, ms since the epoch like the times of its records. */
  readonly sealFromMs: number
}

// Tested in test/spool/open-segment.test.ts
