import type { Logger } from 'pino'
import type { Stage } from '../contracts/outcome.ts'
import type { LogRecord } from '../contracts/record.ts'
import { shape, type Verdict } from '../contracts/verdict.ts'
import type { Ledger } from '../telemetry/ledger.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Outlet } from './outlets.ts'

export interface RescueOptions {
  readonly ledger: Ledger
  readonly metrics: Metrics
  readonly log: Logger
}

/**
 * What is done about a record that made a stage throw, which is a bug of ours: the record goes on as it came, and the
 * failure is counted, and logged once for each stage. It costs neither its neighbours nor its connection anything.
 */
export interface Rescue {
  /** Counts the failure, and logs the first of its stage. */
  tell (stage: Stage, error: unknown): void
  /** Puts the record into an outlet that does not look into it. @returns false if it was dropped (and counted) */
  put (record: LogRecord, outlet: Outlet): boolean
}

const unread: Verdict = {
  rule: { name: 'rescue', class: undefined }, shape: shape.text, isJsonLine: false, access: undefined,
}

const toldPlaces = 10

export function createRescue ({ ledger, metrics, log }: RescueOptions): Rescue {
  const toldStages = new Set<Stage>()
  return {
    tell (stage, error) {
      metrics.counter('sluice_processing_errors_total', stage).value++
      if (toldStages.has(stage)) return
      toldStages.add(stage)
      // The places only: the error's own words may be words of the line.
      const { name, stack = '' } = error instanceof Error ? error : new Error('not an error')
      const places = stack.split('\n').filter(line => line.startsWith('    at ')).slice(0, toldPlaces)
      log.error({ stage, name, places }, 'a record could not be processed and goes on as it came: please report this bug')
    },
    put (record, outlet) {
      try {
        return outlet.put(record, unread)
      } catch {
        // Told before; what cannot even be copied is given up.
        ledger.counter('dropped', outlet.route.name, 'error').value++
        return false
      }
    },
  }
}
