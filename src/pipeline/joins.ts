import type { Config } from '../config/settings.ts'
import type { Clock } from '../contracts/clock.ts'
import type { LogRecord } from '../contracts/record.ts'
import { createPartialJoiner, type PartialJoiner } from '../join/partials.ts'
import { createTraceJoiner, type TraceJoiner } from '../join/traces.ts'
import type { Ledger } from '../telemetry/ledger.ts'
import type { Metrics } from '../telemetry/metrics.ts'

export interface JoinOptions {
  readonly config: Config
  /** Most memory of each, where that is less than its setting. */
  readonly joinsBytes?: { readonly partials: number, readonly traces: number }
  readonly clock: Pick<Clock, 'monotonicMs'>
  readonly ledger: Ledger
  readonly metrics: Metrics
  /** False while nothing more may be let go of, unless at the stop: what is held waits, however old it is. */
  readonly hasRoom: () => boolean
  /** Receives every line and record that was put together. */
  readonly emit: (record: LogRecord) => void
}

/** The joiners: pieces become lines, lines become records. Each counts its own pending. */
export interface Joins {
  readonly pieces: PartialJoiner
  readonly lines: TraceJoiner
  readonly heldBytes: number
}

export function createJoins ({ config, joinsBytes, clock, ledger, metrics, hasRoom, emit }: JoinOptions): Joins {
  const { partials, traces } = config.join
  const pieces = createPartialJoiner({
    maxBytes: partials.maxBytes,
    maxAgeMs: partials.maxAge,
    maxOpenCount: partials.maxOpen,
    maxTotalBytes: joinsBytes?.partials ?? partials.maxTotalBytes,
    clock,
    hasRoom,
    emit,
    ledger,
    metrics,
  })
  const lines = createTraceJoiner({
    maxBytes: traces.maxBytes,
    maxLineCount: traces.maxLines,
    maxQuietMs: traces.maxQuiet,
    maxAgeMs: traces.maxAge,
    maxOpenCount: traces.maxOpen,
    maxTotalBytes: joinsBytes?.traces ?? traces.maxTotalBytes,
    clock,
    hasRoom,
    emit,
    ledger,
    metrics,
  })
  ledger.addPending('join', () => pieces.pendingCount + lines.pendingCount)
  return { pieces, lines, get heldBytes () { return pieces.heldBytes + lines.heldBytes } }
}

// Tested in test/pipeline/inbound.test.ts
