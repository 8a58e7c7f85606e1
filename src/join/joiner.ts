import type { Clock } from '../contracts/clock.ts'
import { createRecord, type LogRecord } from '../contracts/record.ts'
import type { Instruments } from '../telemetry/instruments.ts'
import type { Counter } from '../telemetry/ledger.ts'

/** What every joiner is given. */
export interface JoinerOptions extends Pick<Instruments, 'ledger' | 'metrics'> {
  /** Most bytes of one record. */
  readonly maxBytes: number
  /** Records that may be open at once, and the bytes of all of them. */
  readonly maxOpenCount: number
  readonly maxTotalBytes: number
  readonly clock: Pick<Clock, 'monotonicMs'>
  /** Asked before each record whose time is over; while it says false they are kept. Always true unless given. */
  readonly hasRoom?: () => boolean
  /** Receives every record that waited, in the turn in which it is whole. The view is reused afterwards. */
  readonly emit: (record: LogRecord) => void
}

/** What is held of a record that waits. */
export type Copied = Readonly<Pick<LogRecord, 'bytes' | 'timeMs' | 'numbers'>>

/** Emits what was put together, in a view that is used again; it holds no bytes in between. */
export function createEmitter ({ emit }: JoinerOptions): (record: Partial<LogRecord> & Pick<LogRecord, 'bytes'>) => void {
  const view = createRecord()
  return record => {
    Object.assign(view, record)
    view.end = record.bytes.length
    emit(view)
    view.bytes = nothing
    view.end = 0
  }
}

export const nothing = Buffer.alloc(0)

/** The counters of joins of a kind that are cut short, by reason. */
export function createCutCounters<Reason extends string> (
  { metrics }: JoinerOptions, kind: string, reasons: readonly Reason[]
): Readonly<Record<Reason, Counter>> {
  const counters = reasons.map(reason => [reason, metrics.counter('sluice_joins_cut_total', kind, reason)])
  return Object.fromEntries(counters) as Record<Reason, Counter>
}

/** Ends one after the other while there is time. @returns false where there was none for all */
export function endAll<Open> (open: Iterable<Open>, hasTime: () => boolean, end: (each: Open) => void): boolean {
  for (const each of open) {
    if (!hasTime()) return false
    end(each)
  }
  return true
}

/** Holds parts of records until they are whole, or a bound is reached. */
export interface Joiner {
  /** Emits the records whose time is over. Call at least once a second; costs nothing while none is open. */
  tick (): void
  /**
   * Emits everything that is held: at stop. `hasTime` is asked before each record; always true unless given.
   *
   * @returns false where there was no time for all
   */
  flush (hasTime?: () => boolean): boolean
  /** Parts held: records that are neither counted as joined nor emitted. */
  readonly pendingCount: number
  /** Memory that they take. */
  readonly heldBytes: number
}

// Tested in test/join/partials.test.ts, test/join/traces.test.ts and test/join/cut-json.test.ts
