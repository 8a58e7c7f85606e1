import type { Clock } from '../contracts/clock.ts'
import type { Send, StoreLetters } from '../contracts/sink.ts'
import { letterText } from './letter-text.ts'

export interface LastChanceOptions {
  readonly route: string
  readonly store: StoreLetters
  readonly clock: Clock
}

/** Why a record was refused that the destination did not take before the stop. */
const lastChanceReason = 'stop'

/**
 * Stores batches as dead letters, in place of the destination that has not taken them: each record is refused, and its
 * copy is where it outlives the disk. Nothing is refused before its copy is stored.
 */
export function createLastChance ({ route, store, clock }: LastChanceOptions): Send {
  return async ({ lines, records }, signal) => {
    if (lines === undefined) throw new TypeError('expected the lines of the batch')
    const letters = lines.toString().split('\n').slice(0, records).map(line => ({ line, reason: lastChanceReason }))
    await store(letterText(letters, route, clock.wallMs()), signal)
    return letters.map(({ reason }, index) => ({ index, reason }))
  }
}
