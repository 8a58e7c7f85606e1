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

/** One line an interval, whether anything happens or not: an alarm can be set on its absence. @returns its look */
export function createHeartbeat (options: HeartbeatOptions): (nowMs: number) => void {
  const { ledger, routes, intervalMs, startedMs, log } = options
  let totals = totalsOf(ledger)
  let toldMs = startedMs
  let dueMs = startedMs + intervalMs
  return nowMs => {
    if (nowMs < dueMs) return
    const before = totals
    totals = totalsOf(ledger)
    const grown = Object.fromEntries(flows.map(term => [term, totals[term] - before[term]]))
    log.info({ sinceLastMs: Math.round(nowMs - toldMs), ...grown, ...backlogOf(routes, nowMs) }, 'heartbeat')
    toldMs = nowMs
    // A look that came late does not shift those that follow; those that a stopped process missed are not made up for.
    const missedCount = Math.floor((nowMs - dueMs) / intervalMs)
    dueMs += (missedCount + 1) * intervalMs
  }
}

function totalsOf (ledger: Ledger): Totals {
  return Object.fromEntries(flows.map(term => [term, ledger.sum(term)])) as Totals
}
