import type { InvalidReason } from './repair-kinds.ts'
import type { RecordClass } from './verdict.ts'

/** The step at which a record is; `encode` includes the copy into the spool, `listen` is the call of the listener. */
export type Stage = 'join' | 'classify' | 'repair' | 'filter' | 'redact' | 'encode' | 'listen'

const noCopies: readonly string[] = Object.freeze([])

/**
 * What became of one record in the inbound half, as told to a listener. The object is reused for the next record.
 */
export class Outcome {
  /** The rule that classified it; undefined where that failed. */
  rule: string | undefined
  class: RecordClass | 'invalid' | undefined
  /** The rule of the settings that it matched, and the routes that got a copy. */
  ownRule: string | undefined
  copies = noCopies
  /** The rule that filtered it. */
  filter: string | undefined
  /** Bits of `repairKinds`. */
  repairs = 0
  /** Why it could not be repaired. */
  reason: InvalidReason | undefined
  /** Bits of `redactionKinds`: what was taken out of it. */
  redactions = 0
  /** Which of its error's records in the window it was, where that was too many for its usual route; else 0. */
  storm = 0
  /** The route that took it. */
  route: string | undefined
  /** False if it, or a part of it, was dropped. */
  isAccepted = true
  /** The stage that failed; the record then went on as it came. */
  failed: Stage | undefined
}

/** Clears it for the next record. */
export function resetOutcome (outcome: Outcome): void {
  outcome.rule = outcome.class = outcome.filter = outcome.reason = outcome.route = outcome.failed = undefined
  outcome.ownRule = undefined
  outcome.copies = noCopies
  outcome.repairs = outcome.redactions = outcome.storm = 0
  outcome.isAccepted = true
}

/** The names whose bits are set, as in `repairs` and `redactions`. */
export function namesOfBits<Name extends string> (names: readonly Name[], bits: number): Name[] {
  return names.filter((_name, bit) => (bits & (1 << bit)) !== 0)
}

// Tested in test/pipeline/inbound.test.ts
