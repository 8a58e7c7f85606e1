import type { Logger } from 'pino'
import type { Ledger } from './ledger.ts'

/** What waits on a route. */
export interface Backlog {
  readonly pendingRecords: number
  /** When the oldest of it was accepted, by the monotonic clock; undefined when nothing waits. */
  readonly oldestPendingMs: number | undefined
}

/** What waits on all of them together. */
export function backlogOf (routes: readonly Backlog[], nowMs: number) {
  const oldestMs = Math.min(nowMs, ...routes.map(({ oldestPendingMs }) => oldestPendingMs ?? nowMs))
  return {
    pending: routes.reduce((sum, { pendingRecords }) => sum + pendingRecords, 0),
    oldestSeconds: Math.round(nowMs - oldestMs) / 1_000,
  }
}

export interface HeartbeatOptions {
  readonly ledger: Ledger
  readonly routes: readonly Backlog[]
  readonly intervalMs: number
  /** From when on the first interval counts, by the monotonic clock. */
  readonly startedMs: number
  readonly log: Pick<Logger, 'info'>
}

/** What a line says the growth of. */
const flows = ['received', 'delivered', 'rejected', 'dropped'] as const
type Totals = Readonly<Record<typeof flows[number], number>>

/** One line an interval, whether anything happens or not: an alarm can be set on its absence. */
export class Heartbeat {
  readonly #options: HeartbeatOptions
  #totals: Totals
  #dueMs: number
  #toldMs: number

  constructor (options: HeartbeatOptions) {
    this.#options = options
    this.#totals = totalsOf(options.ledger)
    this.#toldMs = options.startedMs
    this.#dueMs = options.startedMs + options.intervalMs
  }

  look (nowMs: number): void {
    const { ledger, routes, intervalMs, log } = this.#options
    if (nowMs < this.#dueMs) return
    const totals = totalsOf(ledger)
    const grown = Object.fromEntries(flows.map(term => [term, totals[term] - this.#totals[term]]))
    log.info({ sinceLastMs: Math.round(nowMs - this.#toldMs), ...grown, ...backlogOf(routes, nowMs) }, 'heartbeat')
    this.#totals = totals
    this.#toldMs = nowMs
    // A look that came late does not shift those that follow; those that a stopped process missed are not made up for.
    const missedCount = Math.floor((nowMs - this.#dueMs) / intervalMs)
    this.#dueMs += (missedCount + 1) * intervalMs
  }
}

function totalsOf (ledger: Ledger): Totals {
  return Object.fromEntries(flows.map(term => [term, ledger.sum(term)])) as Totals
}
