import type { InvalidReason } from './repair-kinds.ts'
import type { RecordClass } from './verdict.ts'

/** Where in the inbound way a record is; `encode` includes the copy into the spool. */
export type Stage = 'join' | 'classify' | 'repair' | 'filter' | 'encode' | 'listen'

/**
 * What became of one record on its inbound way, as the way itself tells it to whoever listens. The object is used again
 * for the next record.
 */
export interface Outcome {
  /** The rule that classified it; undefined where that failed. */
  rule: string | undefined
  class: RecordClass | 'invalid' | undefined
  /** The rule that filtered it. */
  filter: string | undefined
  /** Bits of `repairKinds`. */
  repairs: number
  /** Why it could not be repaired. */
  reason: InvalidReason | undefined
  /** The route that took it. */
  route: string | undefined
  /** False if it, or a part of it, was dropped. */
  isAccepted: boolean
  /** The stage that failed; the record then went on as it came. */
  failed: Stage | undefined
}

export function createOutcome (): Outcome {
  return {
    rule: undefined,
    class: undefined,
    filter: undefined,
    repairs: 0,
    reason: undefined,
    route: undefined,
    isAccepted: true,
    failed: undefined,
  }
}

/** Makes it the outcome of a record of which nothing is known yet. */
export function resetOutcome (outcome: Outcome): void {
  outcome.rule = outcome.class = outcome.filter = outcome.reason = outcome.route = outcome.failed = undefined
  outcome.repairs = 0
  outcome.isAccepted = true
}
