/**
 * Runs one read of a segment's file: the opening of it, or of a piece.
 *
 * @throws SluiceError `ERR_SINK_UNAVAILABLE` with reason `spool_read` while an earlier one, which was given up, hangs
 */
export type RunRead = <Result>(read: () => Promise<Result>) => Promise<Result>

/**
 * A sealed file of the spool: the contract between the spool, which makes segments, and delivery, which empties them.
 *
 * Its content never changes, and its `id` says what it holds, so the same id always means the same bytes.
 */
export interface Segment {
  readonly route: string
  /** Value of the `{container}` placeholder; empty when the route's key has none. */
  readonly container: string
  /**
   * Which process made it: `task` and other values of its key or stream name, in place of those of this process. A
   * segment that was taken over from another one goes under that one's name.
   */
  readonly names?: Readonly<Record<string, string>> | undefined
  /** UTC hour of the records, ten digits: `2026112319`. For late records, the hour in which they came. */
  readonly hour: string
  /** `{hour}-{boot}-{n}-{records}-{crc32}`: the file's name without extension. */
  readonly id: string
  /** An earlier process made it, or another one has taken it: it may be delivered without this one knowing. */
  readonly mayBeDelivered?: boolean
  readonly path: string
  /** Its bytes while they are in memory, which need not be read then; until it is settled or released. */
  readonly content?: Buffer | undefined
  /** Runs the reads of its file, one after the other; without it, they are run as they are. */
  readonly runRead?: RunRead | undefined
  /** Records in it when sealed, and bytes. One record is one line. */
  readonly records: number
  readonly bytes: number
  /**
   * When its first record was accepted, in monotonic ms of this process. For a segment of an earlier process it is
   * computed from the age of its file by wall time, so it may lie before the clock's start.
   */
  readonly firstAcceptedMs: number
  /** How far delivery got, in whole lines from its start: what the cursor file says. */
  readonly deliveredBytes: number
  readonly deliveredRecords: number
}

/** The outbound face of one route's spool. Everything left in it is pending. */
export interface SegmentQueue {
  /**
   * The oldest sealed segment that nobody holds; on an ordered route never one of a container of which another is
   * held. Waits when there is none, and lets open segments that reached their age be sealed then (not before: while
   * delivery is busy or paused they grow, and one larger object is better than many small). What ends the wait: a
   * segment, `signal`, and the end of the spool.
   *
   * @param onWait called whenever it begins to wait, so that the caller knows that nothing is left for it to try
   * @returns undefined when `signal` aborts or the spool closes
   */
  take (signal: AbortSignal, onWait?: () => void): Promise<Segment | undefined>

  /**
   * Moves the cursor over `bytes` and `records` just settled; they leave `pending` before this returns, so the caller
   * counts how they ended in the same turn. When nothing is left the files are removed.
   * Never rejects: a cursor that cannot be written is logged and counted, and means a repeat after a crash.
   */
  settle (segment: Segment, bytes: number, records: number): Promise<void>

  /** Gives a segment back untouched; the next `take` may return it. */
  release (segment: Segment): void
}

/** Runs a read of the file of `segment` as that wants it. */
export async function readOf<Result> ({ runRead }: Pick<Segment, 'runRead'>, read: () => Promise<Result>): Promise<Result> {
  return await (runRead === undefined ? read() : runRead(read))
}

// Tested in test/spool/sealed-queue.test.ts
