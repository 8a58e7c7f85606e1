import { invalidReasons, repairKindNames, type InvalidReason } from '../contracts/repair-kinds.ts'
import { createRecord, madeOf, type LogRecord } from '../contracts/record.ts'
import { createJsonRepairer } from '../repair/json-repair.ts'
import type { Metrics } from '../telemetry/metrics.ts'

/** Makes access lines strict JSON, and counts what had to be done for it. */
export interface Repairer {
  /** @returns the repaired line, a view that is reused; undefined where the line cannot be repaired */
  repair (record: LogRecord): LogRecord | undefined
  /** Counts a line that is not to be repaired. */
  refuse (reason: InvalidReason): void
  /** Counts what was done elsewhere, in bits of `repairKinds`. */
  count (kinds: number): void
  /** Bits of `repairKinds`: what the last repair changed. */
  readonly kinds: number
  /** Why the last line could not be repaired. */
  readonly reason: InvalidReason | undefined
}

export function createRepairer ({ metrics }: { readonly metrics: Metrics }): Repairer {
  const json = createJsonRepairer()
  const counters = repairKindNames.map(kind => metrics.counter('sluice_repaired_total', kind))
  const refused = (reason: InvalidReason | undefined) => metrics.counter('sluice_invalid_total', reasonOf(reason))
  // From 0 on, so that an alert sees the first.
  invalidReasons.forEach(refused)
  const view = createRecord()
  function count (kinds: number): void {
    counters.forEach((counter, bit) => { if ((kinds & (1 << bit)) !== 0) counter.value++ })
  }

  return {
    count,
    refuse (reason) {
      refused(reason).value++
    },
    repair (record) {
      if (json.repair(record.bytes, record.start, record.end) === 'invalid') {
        refused(json.reason).value++
        return undefined
      }
      count(json.kinds)
      return madeOf(record, json, view)
    },
    get kinds () { return json.kinds },
    get reason () { return json.reason === undefined ? undefined : reasonOf(json.reason) },
  }
}

/** An access line is an object; anything else is the rest of one that another line was written into. */
function reasonOf (reason: InvalidReason = 'syntax'): InvalidReason {
  return reason === 'not_object' ? 'torn' : reason
}

// Tested in test/pipeline/inbound.test.ts
