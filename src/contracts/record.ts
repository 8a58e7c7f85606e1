/** Which stream of the container a record was written to; `none` when the sender did not say. */
export const stream = { none: 0, stdout: 1, stderr: 2 } as const
export type Stream = typeof stream[keyof typeof stream]

/** Their names; undefined where the sender did not say. */
export const streamNames = { [stream.none]: undefined, [stream.stdout]: 'stdout', [stream.stderr]: 'stderr' } as const

/** Which part a record is of a line that was too long for one record; `whole`: it is the line. */
export const linePart = { whole: 0, first: 1, middle: 2, last: 3 } as const
export type LinePart = typeof linePart[keyof typeof linePart]

/**
 * One log line on its way in: a view that its source reuses for every record, so that an ordinary line makes no object.
 *
 * Whoever is handed one may read it until it returns, and copies what it wants to keep. Strings in it are interned:
 * assigning them allocates nothing.
 */
export interface LogRecord {
  /** The memory that holds the line; shared with the source, never written to. */
  bytes: Buffer
  /** The line is `bytes[start, end)`, without its newline. */
  start: number
  end: number
  /** When the line was written, ms since the epoch, as the sender says. */
  timeMs: number
  stream: Stream
  /** Name of the container that wrote it; empty when unknown. */
  container: string
  /** Set only on a piece of a line that the sender cut; undefined on an ordinary record. */
  partial: Partial | undefined
  /** Of a line that is longer than a line may be: its parts come one after another, cut between characters. */
  part: LinePart
  /** Of a part: which line it is of, since parts of others may come in between; 0 where none do. */
  cutLine: number
  /** It was joined of pieces of a line of which some never came: its front or its end is missing. */
  isTorn: boolean
  /**
   * True when the sender's record had no `log`: the line is then the JSON of that record.
   */
  isStructured: boolean
  /** It was joined of lines and is complete: it is not joined again. */
  isWhole: boolean
  /**
   * It was joined with lines that bear no mark of belonging to it, so what its first line says of its level may not be
   * said of them.
   */
  hasUnmarkedLines: boolean
  /** Which records of the source it was joined of, counted from 1; only where a listener is told the outcome. */
  numbers: readonly number[] | undefined
}

/** What Docker says of a piece of a line that it cut at 16,384 bytes. Source: moby daemon/logger/copier.go */
export interface Partial {
  /** Names the whole line: 64 hex digits, the same on all its pieces. */
  readonly id: string
  /** 1 for the first piece. */
  readonly ordinal: number
  readonly isLast: boolean
}

let cutLineCount = 0

/** A number for a line that goes on in parts. */
export function nextCutLine (): number {
  return ++cutLineCount
}

export function createRecord (): LogRecord {
  return {
    bytes: Buffer.alloc(0),
    start: 0,
    end: 0,
    timeMs: 0,
    stream: stream.none,
    container: '',
    partial: undefined,
    part: linePart.whole,
    cutLine: 0,
    isTorn: false,
    isStructured: false,
    isWhole: false,
    hasUnmarkedLines: false,
    numbers: undefined,
  }
}

/** Has `view` be a line in other memory that was made of `record`: of the same time, stream and container. */
export function madeOf (
  record: LogRecord, { buffer, start, end }: Readonly<Record<'start' | 'end', number>> & { readonly buffer: Buffer },
  view: LogRecord
): LogRecord {
  view.bytes = buffer
  view.start = start
  view.end = end
  view.timeMs = record.timeMs
  view.stream = record.stream
  view.container = record.container
  return view
}

// Tested in test/sources/forward/record-reader.test.ts
