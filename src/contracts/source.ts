import type { LogRecord } from './record.ts'

/**
 * What a source is given to hand its records to: the inbound half of the pipeline, seen from outside.
 *
 * A source counts no records itself: every record that it hands over is counted as received.
 */
export interface Acceptor {
  /**
   * Takes responsibility for one record, now. The view belongs to the caller again when this returns.
   *
   * @returns false if the record was dropped (and counted): its chunk must not be acknowledged
   */
  accept (record: LogRecord): boolean

  /** Undefined where no line can be taken so, whatever comes. */
  readonly ordinary?: OrdinaryFrames | undefined

  /**
   * True while the write buffers are full. A source then stops between two records and waits for `whenWritable`;
   * if it goes on all the same, records are dropped with reason `memory`. Where standard input waits for
   * space (`stdin.wait`), it is also true while a route is at its quota, and nothing is dropped for either reason.
   */
  readonly isFull: boolean

  /**
   * What joins have let go of so far, in bytes. A record of few bytes may have them let go of many, which is work of
   * its sender's turn.
   */
  readonly released?: { readonly bytes: number }

  /**
   * Resolves when there is space, and after `spool.maxStall` (1 s) in any case: the driver gives up on a socket that is
   * not read for long. Where standard input waits for space, it resolves only then, or when the spool closes.
   * Never rejects.
   */
  whenWritable (): Promise<void>

  /**
   * Writes out what was accepted so far and resolves when it is in the spool, filtered or held by a join.
   *
   * @returns false if a write failed: nothing since the last success may be acknowledged
   */
  stored (): Promise<boolean>
}

/** Whose frame a record came in, as the frame itself says it. */
export interface FrameSender {
  readonly bytes: Buffer
  readonly tagStart: number
  readonly tagEnd: number
  /** The tag names the container, so that no `container_name` does. */
  readonly isNamedByTag: boolean
  /** Of `container_name`, where it counts; -1 where the record has none. */
  readonly nameStart: number
  readonly nameEnd: number
}

/**
 * Takes ordinary access lines straight out of frames of the Forward protocol, many at once. What it does not take is to
 * be handed over one by one; it comes to the same.
 */
export interface OrdinaryFrames {
  /** For one connection: lines are taken of senders of which a record has come. */
  connection (): OrdinaryConnection
}

/** A call takes no more lines than this. */
export const mostOrdinaryLines = 1700

export interface OrdinaryConnection {
  /** The memory that frames come in has changed since the last `take`, or others may have called theirs. */
  renew (): void
  /**
   * Takes the frames from `bytes[at]` on, up to the first that is not ordinary or not whole. Each line is received and
   * accepted.
   *
   * @returns how many lines
   */
  takeFrames (bytes: Buffer, at: number, end: number): number
  /** As `takeFrames`, for the entries of a packed frame. */
  takeEntries (frame: FrameSender, bytes: Buffer, at: number, end: number): number
  /** After one that took some: where the next frame begins, bytes of the lines, time of the last, ms. */
  readonly nextAt: number
  readonly lineBytes: number
  readonly lastMs: number
  /** A record came one by one: lines of its sender may be taken from now on. */
  follow (frame: FrameSender, record: LogRecord): void
}

/** A source that should be open and is not: no record comes in by it. */
export interface ClosedSource {
  /** By the monotonic clock. */
  readonly sinceMs: number
  /** Why, and what to do. */
  readonly words: string
}

/** Something that brings records in. Making one touches no socket; the pipeline starts and stops it. */
export interface Source {
  readonly name: string
  /** Opens. Resolves when listening, or when the first try has failed and a retry is scheduled: never rejects. */
  start (): Promise<void>
  /** True while records can arrive: sockets are listening, input has not ended. */
  readonly isOpen: boolean
  /** To be called now and then: opens again what somebody has removed. Never rejects. */
  look? (): Promise<void>
  /** Why it could not be opened; undefined where it could, or nobody has tried. */
  readonly closed?: ClosedSource | undefined
  /** When something came last, by the monotonic clock; undefined: nothing has yet, or nobody notes it. */
  readonly lastReceivedMs?: number | undefined
  /**
   * Stops: takes no new connection, and reads on until every sender has closed, or nothing came for `stop.quiet`, or
   * `signal` aborts. Then closes. Resolves when no more records will come. Safe twice.
   */
  drain (signal: AbortSignal): Promise<void>
}

// Tested in test/pipeline/ordinary-frames.test.ts
