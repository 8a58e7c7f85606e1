import type { Clock } from '../contracts/clock.ts'
import type { SignalFacts } from '../contracts/insight.ts'
import type { Activity, ActivityOf } from './activity.ts'
import { signalTable, type SignalDefinition, type SignalName } from './signal-table.ts'
import { createWorkerWatch, type WorkerWatch } from './worker-watch.ts'
import type { Instruments } from '../telemetry/instruments.ts'

export interface SignalsOptions extends Pick<Instruments, 'metrics' | 'log'> {
  readonly clock: Pick<Clock, 'monotonicMs'>
  readonly activityOf: ActivityOf
  /** Workers of Apache, `signals.maxWorkers`; 0: as its messages say. */
  readonly maxWorkers: number
}

export interface Signals {
  /** A line of this container shows it. */
  note (signal: SignalName, container: string): void
  /** A line says how many workers Apache has there. */
  noteWorkers (container: string, count: number): void
  /** Tells in the log what is new or goes on, and ends what is over. Called once a second. */
  look (nowMs: number): void
  /** What is up now, the oldest first. */
  readonly current: readonly SignalFacts[]
}

interface Up {
  readonly signal: SignalName
  readonly container: string
  readonly sinceMs: number
  lastMs: number
  toldMs: number | undefined
  toldCount: number
  /** Of what is up until requests show that workers are free. */
  readonly workers: WorkerWatch | undefined
}

/** What comes with every occurrence is over after so long without one, ms. */
const quietMs = 300_000
const tellAgainMs = 60_000

export function createSignals ({ clock, metrics, log, activityOf, maxWorkers }: SignalsOptions): Signals {
  const up = new Map<string, Up>()
  const workersOf = new Map<string, number>()

  const definitionOf = (signal: SignalName): SignalDefinition => signalTable[signal]
  const counterOf = ({ signal, container }: Pick<Up, 'signal' | 'container'>) =>
    metrics.counter('sluice_signals_total', signal, container)

  function note (signal: SignalName, ofContainer: string): void {
    const activity: Activity = activityOf(ofContainer)
    const { container } = activity
    counterOf({ signal, container }).value++
    const nowMs = clock.monotonicMs()
    const key = `${signal}\0${container}`
    const known = up.get(key)
    if (known !== undefined) {
      known.lastMs = nowMs
      known.workers?.begin(nowMs)
      return
    }
    const isWatched = definitionOf(signal).isLasting === true && signal !== 'keep_alive_too_long'
    const workers = isWatched ? createWorkerWatch(activity, nowMs) : undefined
    up.set(key, { signal, container, sinceMs: nowMs, lastMs: nowMs, toldMs: undefined, toldCount: 0, workers })
  }

  /** Whether requests that end keep half of the workers busy; undefined where nobody knows. */
  function areHalfBusy (container: string, workers: WorkerWatch, nowMs: number): boolean | undefined {
    const busy = workers.busyWorkers(nowMs)
    const count = maxWorkers > 0 ? maxWorkers : workersOf.get(container) ?? 0
    return busy === undefined ? undefined : busy >= count / 2
  }

  /** Apache's workers are all taken, and not by requests that end. */
  function lookAtKeepAlive (nowMs: number): void {
    for (const { signal, container, workers } of [...up.values()]) {
      if (signal !== 'workers_exhausted' || workers === undefined) continue
      const areIdle = areHalfBusy(container, workers, nowMs) === false
      if (areIdle && !up.has(`keep_alive_too_long\0${container}`)) note('keep_alive_too_long', container)
    }
  }

  function isOver ({ signal, container, lastMs, workers }: Up, nowMs: number): boolean {
    if (workers !== undefined) return workers.areFree(nowMs)
    if (signal !== 'keep_alive_too_long') return nowMs - lastMs >= quietMs
    const exhausted = up.get(`workers_exhausted\0${container}`)?.workers
    return exhausted === undefined || areHalfBusy(container, exhausted, nowMs) === true
  }

  function tell (each: Up, nowMs: number): void {
    const { signal, container, toldMs, toldCount } = each
    const { means, lookAt, isLasting = false } = definitionOf(signal)
    const count = counterOf(each).value
    const isDue = toldMs === undefined || (nowMs - toldMs >= tellAgainMs && (isLasting || count > toldCount))
    if (!isDue) return
    log.warn({ signal, container, count, means, lookAt }, 'the lines show trouble')
    each.toldMs = nowMs
    each.toldCount = count
  }

  return {
    note,
    noteWorkers (container, count) {
      workersOf.set(activityOf(container).container, count)
    },
    look (nowMs) {
      if (up.size === 0) return
      for (const [key, each] of up) {
        if (each.toldMs === undefined || !isOver(each, nowMs)) continue
        up.delete(key)
        log.info({ signal: each.signal, container: each.container }, 'the lines show this trouble no more')
      }
      lookAtKeepAlive(nowMs)
      for (const each of up.values()) tell(each, nowMs)
    },
    get current () {
      return [...up.values()].map(({ signal, container, sinceMs, lastMs }) => {
        const { means, lookAt } = definitionOf(signal)
        return { signal, container, count: counterOf({ signal, container }).value, sinceMs, lastMs, means, lookAt }
      })
    },
  }
}
