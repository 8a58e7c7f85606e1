import type { FrequentError, SignalFacts } from '../contracts/insight.ts'
import type { MemoryShare } from '../contracts/memory.ts'
import type { RouteFacts } from '../contracts/route-facts.ts'
import type { Source } from '../contracts/source.ts'
import type { LedgerSnapshot } from '../telemetry/ledger.ts'
import { bytes, countOf, duration, isoOf as timeOf, numeral } from '../telemetry/words.ts'
import { concernsOf, type Concern, type WatchedFacts } from './condition.ts'

export type ProcessState = 'starting' | 'running' | 'draining'

export interface HealthFacts {
  /** The monotonic clock at the moment of asking; all stamps are its own, so that wall time may step meanwhile. */
  readonly nowMs: number
  /** Wall time at that moment, ms since the epoch: what the times of the report are counted back from. */
  readonly wallMs: number
  readonly startedMs: number
  readonly version: string
  readonly state: ProcessState
  readonly sources: readonly SourceFacts[]
  readonly routes: readonly RouteFacts[]
  readonly ledger: LedgerSnapshot
  /** Of the records that the ledger has as rejected: no copy of them is left. */
  readonly lostDeadLetters: number
  readonly watched: WatchedFacts
  readonly memory: { readonly maxBytes: number, readonly shares: readonly MemoryShare[] }
  readonly signals: readonly SignalFacts[]
  /** The most frequent first. */
  readonly errors: readonly FrequentError[]
  /** What was wrong from the start: settings that lose lines, in a sentence each with what to do. */
  readonly warnings: readonly string[]
}

export type SourceFacts = Pick<Source, 'name' | 'isOpen' | 'closed' | 'lastReceivedMs'>

export interface SourceReport extends Omit<SourceFacts, 'lastReceivedMs' | 'closed'> {
  readonly lastReceivedAt: string | null
}

/** The answer of `/health/ready`. */
export interface ReadinessReport {
  readonly isReady: boolean
  readonly summary: string
  readonly state: ProcessState
  readonly sources: readonly Omit<SourceFacts, 'lastReceivedMs' | 'closed'>[]
}

/**
 * The answer of `/health`. Times are ISO 8601, by the wall clock of now: after a step of that clock they differ from
 * those of an earlier report by the step. `summary` is a sentence for people and may change its words.
 */
export interface HealthReport extends
  Pick<HealthFacts, 'state' | 'warnings' | 'version' | 'ledger' | 'lostDeadLetters'> {
  /** `degraded`: somebody should look, whatever `state` says. It is no reason to start the process anew. */
  readonly condition: 'ok' | 'degraded'
  /** When the oldest of the `reasons` began; null when all is well. */
  readonly degradedSince: string | null
  /** Why it is degraded, in a sentence each. */
  readonly reasons: readonly string[]
  readonly summary: string
  readonly startedAt: string
  readonly uptimeSeconds: number
  readonly sources: readonly SourceReport[]
  /** Troubles of the application that its lines show now, with what each means and what to look at. */
  readonly signals: readonly SignalReport[]
  /** The most frequent errors since the start, without their text. */
  readonly errors: readonly ErrorReport[]
  readonly routes: Readonly<Record<string, RouteReport>>
  /** What the process may use (`memory.maxBytes`), and who holds how much of it. */
  readonly memory: {
    readonly maxBytes: number
    readonly shares: Readonly<Record<string, { readonly usedBytes: number, readonly maxBytes: number }>>
  }
}

export interface SignalReport extends Omit<SignalFacts, 'sinceMs' | 'lastMs'> {
  readonly since: string
  readonly lastAt: string
}

export interface ErrorReport extends Omit<FrequentError, 'firstAtMs' | 'lastAtMs' | 'example'> {
  readonly firstAt: string
  readonly lastAt: string
}

export interface RouteReport extends Pick<RouteFacts, 'sink' | 'destination' | 'pendingRecords' | 'pendingBytes'> {
  /** `blocked`: the spool cannot write; `paused`: the destination did not take the last batch. */
  readonly state: 'delivering' | 'idle' | 'paused' | 'blocked'
  readonly summary: string
  readonly oldestPendingSeconds: number
  readonly lastSuccessAt: string | null
  readonly lastError: { readonly at: string, readonly message: string, readonly reason: string } | null
  readonly nextTryAt: string | null
}

/** Ready means that every source takes records; a process that stops is not. */
export function readinessReport (state: ProcessState, sources: readonly SourceFacts[]): ReadinessReport {
  const closed = sources.filter(({ isOpen }) => !isOpen).map(({ name }) => name)
  const isReady = state === 'running' && closed.length === 0
  const summary = isReady
    ? 'ready: records can arrive'
    : state === 'running'
      ? `not ready: not open: ${closed.join(', ')}`
      : `not ready: the process is ${state}${closed.length === 0 ? '' : `; not open: ${closed.join(', ')}`}`
  return { isReady, summary, state, sources: sources.map(({ name, isOpen }) => ({ name, isOpen })) }
}

/** Turns what the parts know into one page. Pure: the same facts make the same report. */
export function healthReport (facts: HealthFacts): HealthReport {
  const { nowMs, startedMs, version, state, sources, ledger } = facts
  const routes = Object.fromEntries(facts.routes.map(route => [route.route, routeReport(route, facts)]))
  const concerns = concernsOf(facts)
  const [oldest] = concerns
  return {
    state,
    condition: oldest === undefined ? 'ok' : 'degraded',
    degradedSince: oldest === undefined ? null : isoOf(oldest.sinceMs, facts),
    reasons: concerns.map(({ words }) => words),
    warnings: facts.warnings,
    summary: summaryOf(facts, routes, oldest),
    version,
    startedAt: isoOf(startedMs, facts),
    uptimeSeconds: Math.floor((nowMs - startedMs) / 1_000),
    sources: sources.map(({ name, isOpen, lastReceivedMs }) => {
      return { name, isOpen, lastReceivedAt: lastReceivedMs === undefined ? null : isoOf(lastReceivedMs, facts) }
    }),
    signals: facts.signals.map(({ sinceMs, lastMs, ...signal }) => {
      return { ...signal, since: isoOf(sinceMs, facts), lastAt: isoOf(lastMs, facts) }
    }),
    errors: facts.errors.map(({ firstAtMs, lastAtMs, example: _example, ...error }) => {
      return { ...error, firstAt: timeOf(firstAtMs) ?? '', lastAt: timeOf(lastAtMs) ?? '' }
    }),
    routes,
    memory: {
      maxBytes: facts.memory.maxBytes,
      shares: Object.fromEntries(facts.memory.shares.map(({ name, ...share }) => [name, share])),
    },
    ledger,
    lostDeadLetters: facts.lostDeadLetters,
  }
}

function summaryOf (
  facts: HealthFacts, routes: Readonly<Record<string, RouteReport>>, oldest: Concern | undefined
): string {
  const held = Object.entries(routes).filter(([, { state }]) => state === 'paused' || state === 'blocked')
  const closed = facts.sources.filter(({ isOpen }) => !isOpen)
  // The time is that of the whole process.
  const parts = [facts.state === 'draining' ? 'draining' : `${facts.state} for ${duration(facts.nowMs - facts.startedMs)}`]
  if (oldest !== undefined) parts.push(`degraded for ${duration(facts.nowMs - oldest.sinceMs)}`)
  if (closed.length > 0) parts.push(`not open: ${closed.map(({ name }) => name).join(', ')}`)
  if (held.length > 0) parts.push(held.map(([name, { state }]) => `route ${name} is ${state}`).join(', '))
  const { pending, dropped, rejected } = facts.ledger
  parts.push(pending.total === 0 ? 'nothing waits' : `${countOf(pending.total, 'record')} waiting`)
  parts.push(dropped.total === 0 ? 'none dropped' : `${countOf(dropped.total, 'record')} dropped`)
  if (rejected.total > 0) parts.push(`${countOf(rejected.total, 'record')} rejected`)
  if (facts.lostDeadLetters > 0) parts.push(`${countOf(facts.lostDeadLetters, 'dead letter')} lost`)
  if (!facts.ledger.isBalanced) parts.push('the ledger does not balance: this is a bug, please report it')
  if (facts.signals.length > 0) {
    const names = facts.signals.map(({ signal, container }) => container === '' ? signal : `${signal} (${container})`)
    parts.push(`the lines show: ${names.join(', ')}`)
  }
  parts.push(...facts.warnings)
  return parts.join('; ')
}

function routeReport (route: RouteFacts, facts: HealthFacts): RouteReport {
  const { delivery, lastError, lastSuccessMs, oldestPendingMs } = route
  const { ledger, nowMs } = facts
  return {
    state: routeState(route),
    summary: routeSummary(route, ledger, nowMs),
    sink: route.sink,
    destination: route.destination,
    pendingRecords: route.pendingRecords,
    pendingBytes: route.pendingBytes,
    oldestPendingSeconds: oldestPendingMs === undefined ? 0 : Math.max(0, Math.round(nowMs - oldestPendingMs)) / 1_000,
    lastSuccessAt: lastSuccessMs === undefined ? null : isoOf(lastSuccessMs, facts),
    lastError: lastError === undefined
      ? null
      : { at: isoOf(lastError.atMs, facts), message: lastError.message, reason: lastError.reason },
    nextTryAt: delivery.kind === 'paused' ? isoOf(delivery.nextTryMs, facts) : null,
  }
}

function routeState ({ spoolProblem, delivery, pendingRecords }: RouteFacts): RouteReport['state'] {
  if (spoolProblem !== undefined) return 'blocked'
  if (delivery.kind === 'paused') return 'paused'
  return pendingRecords === 0 ? 'idle' : 'delivering'
}

/** One sentence on a route: what happens to its records now, what waits, what was lost since the start. */
export function routeSummary (facts: RouteFacts, ledger: LedgerSnapshot, nowMs: number): string {
  const { delivery, lastError, spoolProblem, lastSuccessMs } = facts
  const where = `${facts.sink} ${facts.destination}`.trimEnd()
  const parts: string[] = []
  if (spoolProblem !== undefined) {
    parts.push(`blocked: the spool cannot be written or read: ${spoolProblem.message}`)
    parts.push('while it cannot be written, new records wait in memory, and are dropped when that is full')
  }
  if (delivery.kind === 'paused') {
    parts.push(`paused for ${duration(nowMs - delivery.sinceMs)}: ${where}: ${lastError?.message ?? 'no answer'}`)
    parts.push(waiting(facts, nowMs))
    parts.push(`${countOf(delivery.failures, 'try').replace('trys', 'tries')} failed, ${nextTry(delivery.nextTryMs - nowMs)}`)
  } else {
    parts.push(`delivering to ${where}`)
    parts.push(waiting(facts, nowMs))
    parts.push(lastSuccessMs === undefined ? 'none delivered yet' : `last delivered ${duration(nowMs - lastSuccessMs)} ago`)
  }
  for (const term of ['dropped', 'rejected'] as const) parts.push(...losses(facts.route, term, ledger))
  return parts.join('; ')
}

function waiting ({ pendingRecords, pendingBytes, oldestPendingMs }: RouteFacts, nowMs: number): string {
  if (pendingRecords === 0) return 'nothing waits'
  const age = oldestPendingMs === undefined ? '' : `, the oldest for ${duration(nowMs - oldestPendingMs)}`
  return `${countOf(pendingRecords, 'record')} (${bytes(pendingBytes)}) waiting${age}`
}

function nextTry (ms: number): string {
  return ms <= 0 ? 'trying now' : `next try in ${duration(ms)}`
}

/** `34 records dropped (quota 30, memory 4)`; nothing when there are none. */
function losses (route: string, term: 'dropped' | 'rejected', ledger: LedgerSnapshot): string[] {
  const own = Object.entries(ledger[term].by).filter(([labels]) => labels.startsWith(`${route}/`))
  if (own.length === 0) return []
  const total = own.reduce((sum, [, value]) => sum + value, 0)
  const reasons = own.map(([labels, value]) => `${labels.slice(route.length + 1)} ${numeral(value)}`)
  return [`${countOf(total, 'record')} ${term} since the start (${reasons.join(', ')})`]
}

/** A stamp of the monotonic clock as a time of day. */
function isoOf (stampMs: number, { nowMs, wallMs }: HealthFacts): string {
  return new Date(Math.round(wallMs - (nowMs - stampMs))).toISOString()
}
