import type { Logger } from 'pino'
import type { SegmentQueue } from '../contracts/segment.ts'
import type { Disk } from './disk.ts'
import type { About } from './about.ts'
import type { Processes } from './processes.ts'
import type { Instruments } from '../telemetry/instruments.ts'

export type SpoolLog = Pick<Logger, 'info' | 'warn' | 'error'>

/** When written bytes are also put on the medium: never, every `syncIntervalMs`, or before `stored` says so. */
export type SyncPolicy = 'never' | 'interval' | 'always'

export interface RouteOptions {
  readonly name: string
  /** Most bytes on disk and in buffers; less where the spool's or the disk's limit says so. */
  readonly quotaBytes: number
  readonly segmentMaxBytes: number
  /** Age at which an open segment is sealed, while delivery waits for one. */
  readonly segmentMaxAgeMs: number
  /** One segment of a container at a time, oldest first. */
  readonly isOrdered: boolean
  /** Each hour has segments of its own, however old it is; else hours that are long over share one. */
  readonly hasEveryHour?: boolean
}

export interface SpoolOptions extends Pick<Instruments, 'clock' | 'ledger' | 'metrics'> {
  /** The data directory, shared with other hosts; the spool lies below `{directory}/{hostId}`. */
  readonly directory: string
  readonly hostId: string
  /** 32 hex digits, drawn anew by every process. */
  readonly boot: string
  /** Whether it looks after the directories of processes that ended; it does unless told otherwise. */
  readonly adopts?: boolean
  /** Written into the directory: only processes that say the same take over each other's lines. */
  readonly about?: About
  readonly routes: readonly RouteOptions[]
  /** Most bytes of all routes together, whose quotas are reduced alike where they add up to more. Unset: no limit. */
  readonly maxBytes?: number
  /** Write buffers of one route. */
  readonly writeBufferBytes: number
  /**
   * Longest time for which a source is asked to wait. Infinite where the sources may wait as long as it takes: then
   * they are asked to at a route's quota too, and nothing is dropped for want of room. What they hand over all the
   * same is taken beyond quota and buffers.
   */
  readonly maxStallMs: number
  readonly flushIntervalMs: number
  readonly sync: SyncPolicy
  readonly syncIntervalMs: number
  /** Segments of all routes whose files stay open between writes; the files of more are opened for each write. */
  readonly maxOpenSegments: number
  readonly disk: Disk
  /** Which owners of leases are gone; tests pass their own. */
  readonly processes?: Processes
  readonly log: SpoolLog
}

/** Times of lines that may go into a segment, ms since the epoch, `toMs` excluded; NaN where that says nothing. */
export interface LineTimes { readonly fromMs: number, readonly toMs: number }

/** The durable queue of one route: lines go in by `append` and come out as sealed segments by `take`. */
export interface RouteSpool extends SegmentQueue {
  readonly name: string

  /**
   * Takes responsibility for one line, now: `bytes[start, end)`, which must hold no newline. The memory belongs to the
   * caller again when this returns. Makes no object for an ordinary line.
   *
   * @param timeMs when the line was written: it decides the hour of its segment
   * @param container value of the `{container}` placeholder of the route's key; empty when the key has none
   * @param isHeld the line was in memory before, for longer than a source's turn: it gets room beyond the buffers
   * @returns false if the line was dropped and counted: the buffers are full (`memory`) or the quota is (`quota`)
   */
  append (timeMs: number, container: string, bytes: Buffer, start: number, end: number, isHeld?: boolean): boolean

  /**
   * For lines in a row, which `appendToLast` takes: the times that they may have to go where the last line of their
   * container went.
   *
   * @param bytes how many these are at most, with their newlines
   * @returns undefined where no line of it has come, or where so much does not find room at once
   */
  timesOfLast (container: string, bytes: number): LineTimes | undefined

  /**
   * Takes responsibility for `count` lines, `bytes[start, end)`, each with its newline. Called in the turn in which
   * `timesOfLast` has given the times that all of them have. Makes no object.
   */
  appendToLast (container: string, bytes: Buffer, start: number, end: number, count: number): void

  /**
   * Seals what is open, whatever its age. Resolves when all is sealed, or a file operation of each that is not has
   * failed: sealing then goes on by itself. Never rejects.
   */
  seal (): Promise<void>

  /** Records and bytes not yet settled, counted where they lie: write buffers, open and sealed segments. */
  readonly pendingRecords: number
  readonly pendingBytes: number
  /** When the oldest of them was accepted, as monotonic ms like `Segment.firstAcceptedMs`; undefined for none. */
  readonly oldestPendingMs: number | undefined
  /** What it takes of the disk, in whole blocks, and in buffers; with what is settled of segments not yet removed. */
  readonly bytes: number
  /** The quota now, and what the settings allow: more, where the disk has less room than that. */
  readonly quotaBytes: number
  readonly settingBytes: number
  /** The system's code (`ENOSPC`, …) while the disk refuses a file operation of this route. */
  readonly problem: string | undefined
}

/** The durable queues of all routes, below a directory of which this process has the lease. */
export interface Spool {
  /**
   * `{directory}/{hostId}`, perhaps with a suffix; undefined until the disk has let us take one. It changes when
   * another process takes it, because this one was paused.
   */
  readonly directory: string | undefined

  /**
   * `{hostId}`, or `{hostId}-2` and so on where other living processes hold the directories before: what this process
   * writes is told from what they write by it. Without a suffix until a directory is taken.
   */
  readonly instance: string

  /** False while earlier processes may have left lines in the directory that are in no count here. */
  readonly isRecovered: boolean

  /** @throws TypeError when no route has that name */
  route (name: string): RouteSpool

  /** Memory of the write buffers of all routes. */
  readonly bufferBytes: number

  /** What lines that were held before take beyond the write buffers. The disk's writes make it fall. */
  readonly overdrawnBytes: number

  /** True while sources are asked to wait: some route is full, and for less than `maxStallMs`. */
  readonly isFull: boolean
  /** Resolves when `isFull` is false, which is after `maxStallMs` at the latest. Never rejects. */
  whenWritable (): Promise<void>

  /**
   * What is accepted in this turn of the event loop is written at its end, not after the flush interval: for sources
   * that hand over all that came for a while, and nothing more for a while.
   */
  writeThisTurn (): void

  /**
   * Writes out what was accepted before the call and resolves when it is in the files (on the medium, with sync
   * `always`), or when a write has failed. Callers of one turn share the writes. While the disk hangs, nothing ends
   * this wait.
   *
   * @returns false if a write failed: nothing accepted since the last success may be acknowledged
   */
  stored (): Promise<boolean>

  /** `seal` of every route. */
  sealAll (): Promise<void>

  /**
   * Writes out what is left (one try), closes the files, ends every waiting `take` and `whenWritable`, and gives the
   * lease back. Records that the disk did not take are dropped with reason `memory`. A file operation under way is
   * waited for: while the disk hangs, nothing ends this, and the caller goes on without it (see `abandon`). Safe twice.
   */
  close (): Promise<void>

  /**
   * Drops, with reason `stop`, what no file holds, so that pending is what the next start finds. For a stop that the
   * disk holds up: the process ends after it.
   */
  abandon (): void
}
