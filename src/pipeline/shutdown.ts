import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { aborted, type Clock } from '../contracts/clock.ts'
import type { Source } from '../contracts/source.ts'
import type { RouteFacts } from '../contracts/route-facts.ts'
import type { Spool } from '../spool/spool.ts'
import { countOf } from '../telemetry/words.ts'
import type { Inbound } from './inbound-types.ts'
import type { Outbound } from './outbound.ts'
import type { Route } from './routes.ts'

export interface ShutdownOptions {
  readonly sources: readonly Source[]
  /** Their start: where a disk hangs, it does not end. */
  readonly opening: Promise<unknown> | undefined
  readonly routes: readonly Route[]
  readonly spool: Spool
  readonly inbound: Pick<Inbound, 'flushInTurns'>
  readonly outbounds: readonly Outbound[]
  /** Aborted here, so that failed requests are tried again at once, and no request takes long. */
  readonly draining: AbortController
  readonly clock: Clock
  readonly deadlineMs: number
  /** Aborts when everything is to end at once. */
  readonly now: AbortSignal
  /** Until it aborts nobody waits for the end, and every delivery restarts the deadline. */
  readonly hurried: AbortSignal
  /** Whether what is not taken shortly before the deadline goes elsewhere; else it stays in the spool. */
  readonly hasLastChance: boolean
  /** Called when no more records will come. */
  readonly onRead: () => void
  readonly log: Pick<Logger, 'warn'>
}

/** Interval of the check whether everything is delivered, ms. */
const pollMs = 10

/** Share of the deadline after which no more is read: what was read must still be delivered. */
const readingShare = 0.4

/** Before the deadline, ms: time to store elsewhere what a destination has not taken. Half of it at most. */
const lastChanceMs = 3_000

/** How long what was read may take to be delivered before that is told, ms. */
const tellMs = 2_000

/** How long parts may take to close once the deadline is over, ms: a file operation that hangs never ends. */
const closingGraceMs = 1000

/**
 * The end of a pipeline: reads what the senders still send, delivers what it can, leaves the rest in the spool, and
 * closes. Errors are delivered from the first moment. Every wait ends with the deadline or with `now`.
 *
 * @returns false when a part did not close in time: it is left as it is
 */
export async function shutDown (options: ShutdownOptions): Promise<boolean> {
  const { sources, routes, spool, inbound, outbounds, draining, clock, deadlineMs, now, hurried, log } = options
  const undoneRecords = () => routes.reduce((sum, { name }) => sum + spool.route(name).pendingRecords, 0) +
    outbounds.reduce((sum, { waitingLetters }) => sum + waitingLetters, 0)
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), deadlineMs)
  const lastTimer = setTimeout(() => {
    if (options.hasLastChance) for (const outbound of outbounds) void outbound.takeLastChance()
  }, deadlineMs - Math.min(lastChanceMs, deadlineMs / 2))
  const deadline = AbortSignal.any([now, late.signal])
  void aborted(hurried).then(() => {
    draining.abort()
    timer.refresh()
    lastTimer.refresh()
  })
  // Errors wait neither for their age nor for the end of reading.
  for (const { name, kind } of routes) if (kind === 'events') void spool.route(name).seal()
  const endOfReading = AbortSignal.any([now, AbortSignal.timeout(deadlineMs * readingShare)])
  await Promise.all(sources.map(source => source.drain(endOfReading)))
  options.onRead()
  await inbound.flushInTurns()
  // A disk that hangs seals nothing.
  let isSealed = false
  void spool.sealAll().then(() => { isSealed = true })
  let tellAtMs = clock.monotonicMs() + tellMs
  const isUndone = (left: number) => left > 0 || !isSealed
  for (let left = undoneRecords(); isUndone(left) && !deadline.aborted;) {
    await clock.sleep(pollMs, deadline)
    if (hurried.aborted && clock.monotonicMs() >= tellAtMs) {
      tellAtMs = Infinity
      const routes = Object.fromEntries(outbounds.map(outbound => outbound.facts()).flatMap(waitingOf))
      log.warn({ routes, deadlineMs }, 'the stop waits for what is not delivered, until stop.deadline or a second signal')
    }
    const leftBefore = left
    left = undoneRecords()
    if (left >= leftBefore || hurried.aborted) continue
    timer.refresh()
    lastTimer.refresh()
  }
  clearTimeout(lastTimer)
  const isClosed = await Promise.race([closeAll(options), overdue(deadline)])
  clearTimeout(timer)
  return isClosed
}

/** How many records of a route wait, and for what. */
function waitingOf ({ route, pendingRecords, spoolProblem, delivery, lastError }: RouteFacts): [string, string][] {
  if (pendingRecords === 0) return []
  const problem = spoolProblem ?? (delivery.kind === 'paused' ? lastError : undefined)
  return [[route, `${countOf(pendingRecords, 'record')}: ${problem?.message ?? 'being delivered'}`]]
}

async function closeAll ({ outbounds, spool, opening }: ShutdownOptions): Promise<true> {
  await Promise.all(outbounds.map(outbound => outbound.stop()))
  await spool.close()
  await opening
  return true
}

async function overdue (deadline: AbortSignal): Promise<false> {
  await aborted(deadline)
  await delay(closingGraceMs)
  return false
}

// Tested in test/integration/ledger.test.ts
