import type { Stage } from '../contracts/outcome.ts'
import { anyHint } from '../contracts/hints.ts'
import type { LogRecord } from '../contracts/record.ts'
import { shape, type Verdict } from '../contracts/verdict.ts'
import type { Outlet } from './outlets.ts'
import type { Instruments } from '../telemetry/instruments.ts'

/**
 * Handles a record that made a stage throw, which is a bug of ours. The record goes on as it came; the failure is
 * counted, and logged once for each stage. Other records and the connection are not affected.
 */
export interface Rescue {
  /** Counts the failure, and logs the first of its stage. */
  tell (stage: Stage, error: unknown): void
  /** Puts the record into an outlet that does not look into it. @returns false if it was dropped (and counted) */
  put (record: LogRecord, outlet: Outlet, isHeld: boolean): boolean
}

const unread: Verdict = {
  rule: { name: 'rescue', class: undefined },
  shape: shape.text,
  isJsonLine: false,
  hints: anyHint,
  access: undefined,
  places: undefined,
}

const toldPlaces = 10

export function createRescue ({ ledger, metrics, log }: Pick<Instruments, 'ledger' | 'metrics' | 'log'>): Rescue {
  const toldStages = new Set<Stage>()
  return {
    tell (stage, error) {
      metrics.counter('sluice_processing_errors_total', stage).value++
      if (toldStages.has(stage)) return
      toldStages.add(stage)
      // Only the places: the error's message may hold words of the line.
      const { name, stack = '' } = error instanceof Error ? error : new Error('not an error')
      const places = stack.split('\n').filter(line => line.startsWith('    at ')).slice(0, toldPlaces)
      log.error({ stage, name, places }, 'a record could not be processed and goes on as it came: please report this bug')
    },
    put (record, outlet, isHeld) {
      try {
        return outlet.put(record, unread, isHeld)
      } catch {
        // The failure was logged before. A record that cannot even be copied is dropped.
        ledger.counter('dropped', outlet.route.name, 'error').value++
        return false
      }
    },
  }
}

// Tested in test/pipeline/inbound.test.ts
