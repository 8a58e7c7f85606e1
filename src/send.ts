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
 * @throws SluiceError `ERR_SINK_UNAVAILABLE` (the batch may be sent again) or `ERR_SINK_REJECTED` (it may not)
 */
export type Send = (batch: Batch, signal: AbortSignal) => Promise<readonly Rejection[]>

/** Wraps a `Send` with one concern; `layered(send, a, b)` puts `a` outermost. */
export type Layer = (next: Send) => Send

/** How much of a segment one batch may carry. */
export interface BatchLimits {
  readonly maxBytes: number
  readonly maxRecords: number
}

/** A destination: one request and its error mapping. Retry, timeout and metrics are layers around `send`. */
export interface Sink {
  /** `file`, `s3`, `cloudwatch`: a label of metrics. */
  readonly name: string
  /** undefined: a batch is a whole segment, read from its file by the sink. */
  readonly limits: BatchLimits | undefined
  readonly send: Send
  /** Frees sockets and handles. Safe twice. */
  close (): Promise<void>
}
