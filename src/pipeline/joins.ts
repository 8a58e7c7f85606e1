import type { Clock } from '../contracts/clock.ts'
import type { Config } from '../config/settings.ts'
import type { Inbound } from './inbound.ts'
import { createPartialJoiner, type PartialJoiner } from '../join/partials.ts'
import { createTraceJoiner, type TraceJoiner } from '../join/traces.ts'
import type { Ledger } from '../telemetry/ledger.ts'
import type { Metrics } from '../telemetry/metrics.ts'

export interface JoinOptions {
  readonly config: Config
  readonly clock: Pick<Clock, 'monotonicMs'>
  readonly ledger: Ledger
  readonly metrics: Metrics
}

/** What puts records together: pieces to lines, lines to records. Both count their own pending. */
export interface Joins {
  readonly pieces: PartialJoiner
  readonly lines: TraceJoiner
  /** Lets go of what has waited long enough. Called a few times a second. */
  tick (): void
  /** Lets go of everything, lines after the pieces that may end in them. */
  flush (): void
}

/** @param inbound what takes the lines and records that are whole; asked for when the first one is */
export function createJoins ({ config, clock, ledger, metrics }: JoinOptions, inbound: () => Inbound): Joins {
  const { partials, traces } = config.join
  const pieces = createPartialJoiner({
    maxBytes: partials.maxBytes,
    maxAgeMs: partials.maxAge,
    maxOpenCount: partials.maxOpen,
    maxTotalBytes: partials.maxTotalBytes,
    clock,
    emit: line => inbound().takeLine(line),
    ledger,
    metrics,
  })
  const lines = createTraceJoiner({
    maxBytes: traces.maxBytes,
    maxLineCount: traces.maxLines,
    maxQuietMs: traces.maxQuiet,
    maxAgeMs: traces.maxAge,
    maxOpenCount: traces.maxOpen,
    maxTotalBytes: traces.maxTotalBytes,
    clock,
    emit: record => inbound().takeRecord(record),
    ledger,
    metrics,
  })
  ledger.addPending('join', () => pieces.pendingCount + lines.pendingCount)
  return {
    pieces,
    lines,
    tick: () => {
      pieces.tick()
      lines.tick()
    },
    flush: () => {
      pieces.flush()
      lines.flush()
    },
  }
}
