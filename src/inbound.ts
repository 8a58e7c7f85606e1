import type { Intake } from './intake.ts'
import type { LogRecord } from './record.ts'
import type { Counter, Ledger } from './telemetry/ledger.ts'
import { fitsMessage, splitMessage } from './transform/message-parts.ts'

/** Where the lines of one rule go; made once for each rule, so that a record only looks it up. */
export type Way = { readonly kind: 'filter', readonly filtered: Counter } | RouteWay

export interface RouteWay {
  readonly kind: 'route'
  /** False when nothing before the spool changes the line: it is copied as it came. */
  readonly encoder: LineEncoder | undefined
  /** Whether the route's key names the container, so that each has segments of its own. */
  readonly isByContainer: boolean
  /** Longest message of the destination, UTF-8 bytes; a longer line is split. undefined: any length. */
  readonly maxMessageBytes: number | undefined
  readonly append: (timeMs: number, container: string, bytes: Buffer, start: number, end: number) => boolean
}

export interface LineEncoder {
  readonly buffer: Buffer
  readonly start: number
  readonly end: number
  encode (record: LogRecord): void
}

export interface InboundOptions {
  readonly ledger: Ledger
  /** The way of the rule that matches the record. */
  readonly wayOf: (record: LogRecord) => Way
  /** Takes a piece of a line; what it completes comes back by `takeJoined`, perhaps before it returns. */
  readonly join: (piece: LogRecord) => void
  readonly spool: Pick<Intake, 'isFull' | 'whenRoom' | 'stored'>
}

/** The inbound half: one record at a time from its source through join, classify and transform into the spool. */
export interface Inbound {
  /** What a source hands its records to; they are counted as received from `source`. */
  intake (source: string): Intake
  /** Takes a record that a join has completed: it was counted when its pieces came. */
  takeJoined (record: LogRecord): void
}

export function createInbound (options: InboundOptions): Inbound {
  const { ledger, wayOf, join, spool } = options
  const split = ledger.counter('made', 'split')
  let isJoinedRefused = false

  function take (record: LogRecord): boolean {
    const way = wayOf(record)
    if (way.kind === 'filter') {
      way.filtered.value++
      return true
    }
    if (way.maxMessageBytes !== undefined && !fitsMessage(record, way.maxMessageBytes)) {
      return appendParts(record, way, way.maxMessageBytes)
    }
    return append(record, way)
  }

  function appendParts (record: LogRecord, way: RouteWay, maxBytes: number): boolean {
    let areAccepted = true
    const count = splitMessage(record, {
      maxBytes,
      emit: part => {
        if (!append(part, way)) areAccepted = false
      },
    })
    split.value += count - 1
    return areAccepted
  }

  function append (record: LogRecord, way: RouteWay): boolean {
    const container = way.isByContainer ? record.container : ''
    const { encoder } = way
    if (encoder === undefined) return way.append(record.timeMs, container, record.bytes, record.start, record.end)
    encoder.encode(record)
    return way.append(record.timeMs, container, encoder.buffer, encoder.start, encoder.end)
  }

  return {
    takeJoined (record) {
      if (!take(record)) isJoinedRefused = true
    },
    intake (source) {
      const received = ledger.counter('received', source)
      return {
        accept (record) {
          received.value++
          if (record.partial === undefined) return take(record)
          // What a join holds counts as accepted: a driver that waits for acks sends the next piece only after this.
          isJoinedRefused = false
          join(record)
          return !isJoinedRefused
        },
        get isFull () { return spool.isFull },
        whenRoom: () => spool.whenRoom(),
        stored: () => spool.stored(),
      }
    },
  }
}
