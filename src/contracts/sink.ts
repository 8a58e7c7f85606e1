import type { Segment } from './segment.ts'

/** What one request carries: whole lines of one segment. */
export interface Batch {
  readonly segment: Segment
  /** The lines are `[startByte, endByte)` of the segment's file. */
  readonly startByte: number
  readonly endByte: number
  readonly records: number
  /** The lines themselves, each with its newline; undefined where the sink takes whole segments and reads the file. */
  readonly lines: Buffer | undefined
}

/** A record the destination refused for good, by its index in the batch. */
export interface Rejection {
  readonly index: number
  readonly reason: string
}

/**
 * Writes one batch to the destination.
 *
 * Resolving means that the destination has stored every record except those listed: nothing listed or stored is
 * sent again. Rejecting means that nothing is known to be stored. Sending the same batch twice is harmless where the
 * sink's comment says so.
 *
 * @param onRequest called by a sink that needs several requests for a batch, as each begins, and by one that works on a
 * batch before, as that goes on: each has its own time
 * @throws SluiceError `ERR_SINK_UNAVAILABLE` (the batch may be sent again), `ERR_SINK_REJECTED` (it may not), or
 * `ERR_SPOOL_READ` (its segment cannot be read)
 */
export type Send = (batch: Batch, signal: AbortSignal, onRequest?: () => void) => Promise<readonly Rejection[]>

/**
 * Stores dead letters, whole lines of text, where they outlive this disk. Storing the same text twice is harmless.
 *
 * @throws SluiceError `ERR_SINK_UNAVAILABLE`
 */
export type StoreLetters = (text: Buffer, signal: AbortSignal) => Promise<void>

/** Wraps a `Send` with one concern. */
export type Layer = (next: Send) => Send

/** Where the next batch ends. */
export interface Cut {
  /** The batch is the first `endByte` bytes: whole lines. 0 with no records when not one line is whole. */
  readonly endByte: number
  readonly records: number
  /** A limit ended it, so more bytes would not have made it larger. */
  readonly isFull: boolean
}

/** How a sink has a segment cut into batches. Pure: what a request may carry is the destination's rule. */
export interface Cutting {
  /** How much of a segment to read for one batch, at first; more is read while the batch is not full. */
  readonly readBytes: number
  /** Takes the first batch of `lines`, which begin with a line and may end within one. */
  readonly cut: (lines: Buffer) => Cut
}

/** A destination: one request and its error mapping. Retry, timeout and metrics are layers around `send`. */
export interface Sink {
  /** `file`, `s3`, `cloudwatch`: a label of metrics. */
  readonly name: string
  /** undefined: a batch is a whole segment, read from its file by the sink. */
  readonly cutting: Cutting | undefined
  readonly send: Send
  /**
   * Forgets connections and credentials: what is under way on them fails, and the next request makes new ones. For a
   * destination that has not answered for long. Never throws.
   */
  reconnect (): void
  /** Frees sockets and handles. Safe twice. */
  close (): Promise<void>
}
