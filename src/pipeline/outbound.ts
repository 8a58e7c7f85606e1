import type { Logger } from 'pino'
import type { Config } from '../config/settings.ts'
import type { Clock } from '../contracts/clock.ts'
import { diskProblem } from '../contracts/disk-errors.ts'
import { withBisect } from '../delivery/bisect.ts'
import { DeadLetters } from '../delivery/dead-letters.ts'
import { Delivery } from '../delivery/loop.ts'
import { withMemory } from '../delivery/memory.ts'
import { withReconnect } from '../delivery/reconnect.ts'
import { withRetry } from '../delivery/retry.ts'
import { DeliveryStatus } from '../delivery/status.ts'
import { withTimeout } from '../delivery/timeout.ts'
import type { Layer } from '../contracts/sink.ts'
import type { Destination } from './sinks.ts'
import type { RouteFacts } from '../http/health.ts'
import type { Route } from './routes.ts'
import type { RouteSpool } from '../spool/spool.ts'
import type { Ledger } from '../telemetry/ledger.ts'
import type { Metrics } from '../telemetry/metrics.ts'

export interface OutboundOptions {
  readonly route: Route
  readonly spool: RouteSpool
  readonly destination: Destination
  readonly config: Config
  readonly clock: Clock
  readonly ledger: Ledger
  readonly metrics: Metrics
  readonly log: Logger
  /** Aborts when the process begins to stop. */
  readonly draining: AbortSignal
}

/** Share of the stop's deadline that one request may take then: one that hangs leaves time for others. */
const drainingShare = 0.25

/** The outbound half of one route: from its spool to its destination. */
export interface Outbound {
  readonly route: Route
  start (): void
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

  // The first is the outermost.
  const layers: readonly Layer[] = [
    withBisect(),
    withRetry({
      policy: { baseMs: config.delivery.backoffMin, capMs: config.delivery.backoffMax },
      clock,
      random: Math.random,
      draining,
      onFailure: (error, failures, pauseMs) => status.failed(error, failures, pauseMs),
      onRecovery: failures => status.recovered(failures),
      onSuccess: () => status.succeeded(),
    }),
    ...destination.memory === undefined ? [] : [withMemory(destination.memory.turns, destination.memory.bytesOf)],
    withReconnect({
      afterMs: config.delivery.reconnectAfter,
      clock,
      reconnect: () => {
        metrics.counter('sluice_delivery_rebuilds_total', name, sink.name).value++
        log.warn({ route: name, sink: sink.name }, 'reconnecting to the destination: new connections and credentials')
        sink.reconnect()
      },
    }),
    requests.layer(),
    ...(destination.timeoutMs === undefined
      ? []
      : [withTimeout({
          timeoutMs: destination.timeoutMs,
          draining,
          drainingTimeoutMs: config.stop.deadline * drainingShare,
          clock,
        })]),
  ]
  const deadLetters = new DeadLetters({
    directory: destination.deadLetterDirectory,
    route: name,
    maxBytes: config.deadLetter.maxBytes,
    clock,
    log,
    lost: metrics.counter('sluice_dead_letters_lost_total', name),
  })

  const delivery = new Delivery({
    route: name,
    queue: spool,
    send: layers.reduceRight((next, layer) => layer(next), sink.send),
    cutting: sink.cutting,
    concurrency: destination.concurrency,
    delivered: ledger.counter('delivered', name),
    rejected: reason => ledger.counter('rejected', name, reason),
    keep: letters => deadLetters.keep(letters),
    onFailure: (error, failures, pauseMs) => status.failed(error, failures, pauseMs),
    onRecovery: failures => status.recovered(failures),
    clock,
    log,
  })

  return {
    route,
    start: () => delivery.start(),
    stop: async () => {
      await delivery.stop()
      await sink.close()
    },
    facts: () => ({
      route: name,
      sink: sink.name,
      destination: destination.words,
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
