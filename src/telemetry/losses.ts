import type { Logger } from 'pino'
import type { Counter, Ledger, LedgerEntry } from './ledger.ts'
import { lossAdvice, lossTerms, type LossTerm } from './loss-advice.ts'

/** A reason for which a route loses records now: the last one was lost within a minute. */
export interface Loss {
  readonly term: LossTerm
  readonly route: string
  readonly reason: string
  /** When it began, by the monotonic clock. */
  readonly sinceMs: number
  /** Since then. */
  readonly records: number
}

interface Watched extends Loss {
  records: number
  /** As the ledger has it. */
  total: number
  grewMs: number
  toldMs: number
  toldRecords: number
}

/** Pause between two lines about the same reason, and how long after the last record it is over, ms. */
const minuteMs = 60_000

const nouns: Readonly<Record<LossTerm, string>> = {
  dropped: 'records dropped', rejected: 'records rejected', lost: 'dead letters lost',
}

/**
 * Tells of records that are dropped or rejected, and of copies of rejected ones that are lost: at once when a route
 * begins to, for each reason, with what to do about it; then once a minute while it goes on, and once when it is over.
 * It looks at the counters from time to time, so that whoever counts there has nothing to do with it.
 */
export class Losses {
  readonly #ledger: Ledger
  readonly #lostLetters: readonly LedgerEntry[]
  readonly #log: Pick<Logger, 'info' | 'warn'>
  /** What the ledger had at the last look. */
  readonly #totals = new Map<LedgerEntry, number>()
  readonly #watched = new Map<LedgerEntry, Watched>()

  /** `lostLetters` has a counter for each route. */
  constructor (ledger: Ledger, lostLetters: ReadonlyMap<string, Counter>, log: Pick<Logger, 'info' | 'warn'>) {
    this.#ledger = ledger
    this.#lostLetters = [...lostLetters].map(([route, counter]) =>
      ({ labels: { route, reason: 'dead_letter' }, get value () { return counter.value } }))
    this.#log = log
  }

  /** Those that go on, in the order in which they began. */
  get current (): readonly Loss[] { return [...this.#watched.values()] }

  look (nowMs: number): void {
    for (const term of lossTerms) for (const entry of this.#ledger.entries(term)) this.#lookAt(term, entry, nowMs)
    for (const entry of this.#lostLetters) this.#lookAt('lost', entry, nowMs)
  }

  /** Tells what no line has told yet. Called once, at the end of the process. */
  finish (nowMs: number): void {
    this.look(nowMs)
    for (const loss of this.#watched.values()) this.#tellAgain(loss, nowMs)
  }

  #lookAt (term: LossTerm, entry: LedgerEntry, nowMs: number): void {
    const { labels: { route = '', reason = '' }, value: total } = entry
    const added = total - (this.#totals.get(entry) ?? 0)
    if (added > 0) this.#totals.set(entry, total)
    const loss = this.#watched.get(entry)
    if (loss === undefined) {
      if (added > 0) this.#begin(entry, { term, route, reason, records: added, total }, nowMs)
      return
    }
    if (added > 0) {
      loss.records += added
      loss.total = total
      loss.grewMs = nowMs
    }
    if (nowMs - loss.toldMs >= minuteMs) this.#tellAgain(loss, nowMs)
    if (nowMs - loss.grewMs >= minuteMs) this.#end(entry, loss, nowMs)
  }

  #begin (entry: LedgerEntry, seen: Pick<Watched, 'term' | 'route' | 'reason' | 'records' | 'total'>, nowMs: number): void {
    const { term, route, reason, records, total } = seen
    this.#watched.set(entry, { ...seen, sinceMs: nowMs, grewMs: nowMs, toldMs: nowMs, toldRecords: records })
    this.#log.warn({ route, reason, records, total, advice: lossAdvice(term, route, reason) }, nouns[term])
  }

  #tellAgain (loss: Watched, nowMs: number): void {
    const { term, route, reason, total } = loss
    const records = loss.records - loss.toldRecords
    if (records === 0) return
    const sinceLastMs = Math.round(nowMs - loss.toldMs)
    const advice = lossAdvice(term, route, reason)
    this.#log.warn({ route, reason, records, sinceLastMs, total, advice }, nouns[term].replace(term, `still ${term}`))
    loss.toldMs = nowMs
    loss.toldRecords = loss.records
  }

  #end (entry: LedgerEntry, { term, route, reason, records, sinceMs, grewMs }: Watched, nowMs: number): void {
    this.#watched.delete(entry)
    const [lastedMs, quietMs] = [Math.round(grewMs - sinceMs), Math.round(nowMs - grewMs)]
    this.#log.info({ route, reason, records, lastedMs, quietMs }, `no more ${nouns[term]}`)
  }
}
