import type { RouteFacts } from '../contracts/route-facts.ts'
import type { Source } from '../contracts/source.ts'
import { lossAdvice, type LossTerm } from '../telemetry/loss-advice.ts'
import type { Loss } from '../telemetry/losses.ts'
import { countOf, duration } from '../telemetry/words.ts'

/** What somebody who looks once a second knows. Stamps are those of the monotonic clock. */
export interface WatchedFacts {
  /** Those of the last minute. */
  readonly losses: readonly Loss[]
  /** Since when the spool of a route cannot be written or read, by route. */
  readonly blockedSinceMs: ReadonlyMap<string, number>
  readonly unbalancedSinceMs: number | undefined
  /** Few more files can be opened. */
  readonly fileShortage?: Concern | undefined
}

export interface ConditionFacts {
  readonly nowMs: number
  readonly sources: readonly Pick<Source, 'name' | 'closed'>[]
  readonly routes: readonly RouteFacts[]
  readonly ledger: { readonly isBalanced: boolean }
  readonly watched: WatchedFacts
}

/** A state that a human should know of: since when, and in a sentence why and what to do. */
export interface Concern {
  readonly sinceMs: number
  readonly words: string
}

/** A destination that is away for less, ms, is nothing unusual. */
const patienceMs = 60_000

/** Why the process is degraded, the oldest reason first; nothing when it is well. Pure. */
export function concernsOf (facts: ConditionFacts): readonly Concern[] {
  const { fileShortage } = facts.watched
  const files = fileShortage === undefined ? [] : [fileShortage]
  return [...shut(facts), ...losses(facts), ...held(facts), ...files, ...ledger(facts)]
    .sort((a, b) => a.sinceMs - b.sinceMs)
}

function shut ({ nowMs, sources }: ConditionFacts): Concern[] {
  return sources.flatMap(({ name, closed }) => {
    if (closed === undefined) return []
    const { sinceMs, words } = closed
    return [{ sinceMs, words: `no line comes in by ${name}, which is not open for ${duration(nowMs - sinceMs)}: ${words}` }]
  })
}

function losses ({ nowMs, watched }: ConditionFacts): Concern[] {
  return watched.losses.map(({ term, route, reason, sinceMs, records }) => ({
    sinceMs,
    words: `route ${route} has ${term} ${what(term, records, reason)} in the last ${duration(nowMs - sinceMs)}: ` +
      lossAdvice(term, route, reason),
  }))
}

function what (term: LossTerm, records: number, reason: string): string {
  return term === 'lost' ? countOf(records, 'dead letter') : `${countOf(records, 'record')} (${reason})`
}

function * held ({ nowMs, routes, watched }: ConditionFacts): Generator<Concern> {
  for (const { route, delivery, lastError, spoolProblem } of routes) {
    if (spoolProblem !== undefined) {
      const sinceMs = watched.blockedSinceMs.get(route) ?? nowMs
      const words = `the spool of route ${route} cannot be written or read for ${duration(nowMs - sinceMs)}: ${spoolProblem.message}`
      yield { sinceMs, words }
    }
    if (delivery.kind === 'paused' && nowMs - delivery.sinceMs > patienceMs) {
      const { sinceMs } = delivery
      yield { sinceMs, words: `route ${route} is paused for ${duration(nowMs - sinceMs)}: ${lastError?.message ?? 'no answer'}` }
    }
  }
}

function ledger ({ nowMs, ledger: { isBalanced }, watched }: ConditionFacts): Concern[] {
  if (isBalanced) return []
  return [{ sinceMs: watched.unbalancedSinceMs ?? nowMs, words: 'the ledger does not balance: this is a bug, please report it' }]
}
