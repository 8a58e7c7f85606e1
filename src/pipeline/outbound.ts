import type { Config } from '../config/settings.ts'
import { diskProblem } from '../contracts/disk-errors.ts'
import { createLastChance } from '../delivery/last-chance.ts'
import { Letters } from '../delivery/letters.ts'
import { Delivery, type DeliveryOptions } from '../delivery/loop.ts'
import { withMemory } from '../delivery/memory.ts'
import { withReconnect } from '../delivery/reconnect.ts'
import { withRetry } from '../delivery/retry.ts'
import { DeliveryStatus } from '../delivery/status.ts'
import { createTimeLimit, withTimeout } from '../delivery/timeout.ts'
import type { Layer } from '../contracts/sink.ts'
import type { Destination } from './sinks.ts'
import type { RouteFacts } from '../contracts/route-facts.ts'
import type { Route } from './routes.ts'
import type { RouteSpool } from '../spool/spool.ts'
import type { Instruments } from '../telemetry/instruments.ts'

export interface OutboundOptions extends Instruments {
  readonly route: Route
  readonly spool: RouteSpool
  readonly destination: Destination
  readonly config: Config
  /** Aborts when the process begins to stop. */
  readonly draining: AbortSignal
}

/** Share of the stop's deadline that one request may take then: one that hangs leaves time for others. */
const drainingShare = 0.25

/** The outbound half of one route: from its spool to its destination. */
export interface Outbound {
  readonly route: Route
  start (): void
  /** Dead letters that are still to be stored where they outlive the disk. */
  readonly waitingLetters: number
  /** Dead letters of which this disk has the only copy although there is a bucket. */
  readonly localLetters: number
  /**
   * The stop ends soon: what the destination has not taken is stored as dead letters instead, where that is possible.
   * What is under way is given up. Resolves when that has begun. Called after `start`; safe twice.
   */
  takeLastChance (): Promise<void>
  /** Gives up what is in flight and closes the sink. Safe twice. */
  stop (): Promise<void>
  facts (): RouteFacts
}

export function createOutbound (options: OutboundOptions): Outbound {
  const { route, spool, destination, config, clock, ledger, metrics, log, draining } = options
  const { sink, requests } = destination
  const { name } = route
  const status = new DeliveryStatus({ route: name, waiting: spool, clock, log })
  metrics.gauge('sluice_delivery_paused', [name], () => status.state.kind === 'paused' ? 1 : 0)

  const rebuilds = metrics.counter('sluice_delivery_rebuilds_total', name, sink.name)
  const timing = { draining, drainingTimeoutMs: config.stop.deadline * drainingShare, clock }
  const policy = { baseMs: config.delivery.backoffMin, capMs: config.delivery.backoffMax }
  const retrying = { policy, clock, random: Math.random, draining }
  const retry = withRetry({
    ...retrying,
    onFailure: (error, failures, pauseMs) => status.failed(error, failures, pauseMs),
    onRecovery: failures => status.recovered(failures),
    onSuccess: () => status.succeeded(),
  })
  // The first is the outermost.
  const layers: readonly Layer[] = [
    retry,
    ...destination.memory === undefined ? [] : [withMemory(destination.memory.turns, destination.memory.bytesOf)],
    withReconnect({
      afterMs: config.delivery.reconnectAfter,
      clock,
      reconnect: () => {
        rebuilds.value++
        log.warn({ route: name, sink: sink.name }, 'reconnecting to the destination: new connections and credentials')
        sink.reconnect()
      },
    }),
    requests.layer(),
    ...(destination.timeoutMs === undefined
      ? []
      : [withTimeout({ ...timing, timeoutMs: destination.timeoutMs })]),
  ]
  const { letterStore } = destination
  const limit = createTimeLimit({ ...timing, timeoutMs: config.delivery.requestTimeout })
  const store = letterStore && ((text: Buffer, signal: AbortSignal) =>
    limit((own, onRequest) => letterStore.store(text, own, onRequest), signal))
  const letters = new Letters({
    ...retrying,
    directory: destination.deadLetterDirectory,
    route: name,
    store,
    maxBytes: config.deadLetter.maxBytes,
    lost: metrics.counter('sluice_dead_letters_lost_total', name),
    log,
  })
  if (store !== undefined) metrics.gauge('sluice_dead_letters_local', [name], () => letters.localRecords)

  const shared: Omit<DeliveryOptions, 'send' | 'keep'> = {
    route: name,
    queue: spool,
    cutting: sink.cutting,
    concurrency: destination.concurrency,
    delivered: ledger.counter('delivered', name),
    rejected: reason => ledger.counter('rejected', name, reason),
    onFailure: (error, failures, pauseMs) => status.failed(error, failures, pauseMs),
    onRecovery: failures => status.recovered(failures),
    clock,
    log,
  }
  const delivery = new Delivery({
    ...shared,
    send: layers.reduceRight((next, layer) => layer(next), sink.send),
    keep: refused => letters.keep(refused),
  })
  // What it stores is the copy: there is nothing more to keep.
  const lastChance = store && new Delivery({
    ...shared,
    send: withRetry({
      ...retrying,
      onFailure: (error, failures) => { if (failures === 1) log.warn({ route: name, error }, 'S3 does not take them') },
      onRecovery: () => undefined,
      onSuccess: () => undefined,
    })(createLastChance({ route: name, store, clock })),
    keep: async () => undefined,
  })
  let isLast = false

  return {
    route,
    start: () => delivery.start(),
    get waitingLetters () { return letters.waitingRecords },
    get localLetters () { return letters.localRecords },
    takeLastChance: async () => {
      if (lastChance === undefined || isLast || spool.pendingRecords === 0) return
      isLast = true
      const { pendingRecords: records, problem } = spool
      const words = 'the stop ends soon: what CloudWatch Logs has not taken goes to S3, as dead letters'
      if (problem === undefined) log.warn({ route: name, records }, words)
      else log.warn({ route: name, records, advice: spoolProblemWords(problem) }, `${words}; what no file holds is lost if the disk takes nothing until then`)
      await delivery.stop()
      lastChance.start()
    },
    stop: async () => {
      await Promise.all([delivery.stop(), lastChance?.stop(), letters.stop()])
      letterStore?.close()
      await sink.close()
    },
    facts: () => ({
      route: name,
      sink: sink.name,
      destination: destination.words(),
      pendingRecords: spool.pendingRecords,
      pendingBytes: spool.pendingBytes,
      oldestPendingMs: spool.oldestPendingMs,
      lastSuccessMs: status.lastSuccessMs,
      lastError: status.lastError,
      delivery: status.state,
      spoolProblem: spool.problem === undefined
        ? undefined
        : { atMs: clock.monotonicMs(), message: spoolProblemWords(spool.problem), reason: spool.problem.toLowerCase() },
    }),
  }
}

function spoolProblemWords (code: string): string {
  return diskProblem(code, 'dataDir') ?? `${code}: a file operation below dataDir failed: the log says which`
}
