import type { Clock } from '../contracts/clock.ts'
import { Outcome } from '../contracts/outcome.ts'
import { createRecord, stream, type LogRecord } from '../contracts/record.ts'
import type { ErrorReading } from '../formats/error-reading.ts'
import { createByContainer } from '../signals/containers.ts'
import { stormSummary } from '../signals/storm-summary.ts'
import { createStorms, type Storm } from '../signals/storms.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { createOutlets, type Outlet, type OutletOptions, type Outlets } from './outlets.ts'
import type { Rescue } from './rescue.ts'
import { stormRouteOf } from './routes.ts'

export interface StormGateOptions extends OutletOptions {
  readonly enrichment: string
  readonly clock: Pick<Clock, 'monotonicMs'>
  readonly metrics: Metrics
  readonly rescue: Rescue
  /** Whether what comes of no source may go beyond the write buffers. */
  readonly hasRoom: () => boolean
  /** Told of each summary. */
  readonly tell: (record: LogRecord, outcome: Outcome, reading: Pick<ErrorReading, 'fields'>) => void
}

/** Sends errors that come too often elsewhere, and a summary where they were expected. */
export interface StormGate {
  /**
   * The outlet of an error that would go to `outlet`. `outcome.storm` says why it is another one. What goes to a route
   * of one's own, or becomes an object anyway, stays there and is not counted.
   *
   * @param outlets those of its handler
   * @param reading of the record, redacted
   */
  outletOf (
    record: LogRecord, fingerprint: string, reading: ErrorReading, outlets: Outlets, outlet: Outlet, outcome: Outcome
  ): Outlet
  /** Writes the summaries that are due. Called once a second or twice. */
  tick (): void
  /** Writes all summaries: at the stop, when nothing comes any more. */
  flush (): void
}

/** The rule of summaries, for who is told of records. */
const summaryRule = 'storm-summary'

/** @returns undefined where the settings divert nothing, so that nothing is counted for it */
export function createStormGate (options: StormGateOptions): StormGate | undefined {
  const { config, routes, clock, ledger, metrics, rescue, enrichment, tell } = options
  if (!config.storms.divert) return undefined
  const { count: wantedCount, window: windowMs } = config.storms
  const { error: { format }, events: { maxMessageBytes } } = config
  const routeOf = stormRouteOf(routes)
  const made = ledger.counter('made', 'summary')
  const countOf = createByContainer(container => metrics.counter('sluice_storms_total', container))
  const summaries = createOutlets(options, 'error', { objects: undefined, events: undefined })
  const summary = { ...createRecord(), stream: stream.stderr }
  const told = new Outcome()
  let isStopping = false

  function put (storm: Storm): void {
    const { container, fingerprint, example, lastAtMs } = storm
    const message = stormSummary(storm, { format, maxMessageBytes, enrichment, route: routeOf(container) })
    const outlet = summaries.of(container)
    summary.bytes = Buffer.from(message)
    summary.end = summary.bytes.length
    summary.timeMs = lastAtMs
    summary.container = container
    made.value++
    told.rule = summaryRule
    told.class = 'error'
    told.route = outlet.route.name
    told.isAccepted = rescue.put(summary, outlet, isStopping || options.hasRoom())
    tell(summary, told, { fields: { ...example, message, fingerprint } })
  }

  const storms = createStorms({
    wantedCount, windowMs, clock, onStorm: container => { countOf(container).value++ }, onEnd: put,
  })
  return {
    outletOf (record, fingerprint, reading, outlets, outlet, outcome) {
      if (outlet.route.class !== 'error' || outlet.route.kind !== 'events') return outlet
      outcome.storm = storms.add(record, fingerprint, reading)
      return outcome.storm === 0 ? outlet : outlets.named(routeOf(record.container))
    },
    tick: () => storms.tick(),
    flush () {
      isStopping = true
      storms.flush()
    },
  }
}
