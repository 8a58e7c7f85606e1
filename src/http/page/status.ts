import type { HealthReport } from '../health.ts'
import type { ConsoleLink } from './console-links.ts'
import { metricTable, type MetricName, type Metrics } from '../../telemetry/metrics.ts'

/** What the page knows of a route besides what `/health` says. */
export interface PageRoute {
  readonly name: string
  /** Whose lines it takes; empty: those that rules give it. */
  readonly class: string
  /** Disk that its lines may take now. */
  readonly quotaBytes: () => number
  /** Empty where the page may not say where lines go. */
  readonly links: () => readonly ConsoleLink[]
}

/** One series: labels by their names, and a value, or of a histogram what is in and below each bound. */
export type PageSeries = { readonly labels: Readonly<Record<string, string>> } &
  ({ readonly value: number } | { readonly bounds: readonly number[], readonly counts: readonly number[] })

/** Which task this is: known only on ECS. */
export interface PageTask {
  /** `shop:12, task 0123456789abcdef`; empty where nothing is known. */
  readonly words: string
  readonly links: readonly ConsoleLink[]
}

export interface PageStatus {
  /** By the clock of this side, ISO 8601. */
  readonly at: string
  readonly health: HealthReport
  /** As in the page without JavaScript. */
  readonly sentence: string
  readonly task: PageTask
  readonly routes: readonly (Omit<PageRoute, 'quotaBytes' | 'links'> & { readonly quotaBytes: number, readonly links: readonly ConsoleLink[] })[]
  readonly metrics: Readonly<Record<string, readonly PageSeries[]>>
  /** What the frequent errors of `health` say, by fingerprint; for those only who may see lines. */
  readonly examples: Readonly<Record<string, string>>
  /** Why lines are not shown; empty where they are. */
  readonly noLines: string
  /** Whether lines are shown, and whether whoever asks has to give the token first. */
  readonly tail: 'off' | 'login' | 'open'
}

/**
 * What the page draws. A path, a message, or whatever else is of a line is shown with lines only.
 */
const drawn = [
  'sluice_classified_total', 'sluice_repaired_total', 'sluice_invalid_total', 'sluice_redacted_total', 'sluice_connections',
  'sluice_receive_lag_seconds', 'sluice_signals_total', 'sluice_http_requests_total', 'sluice_http_request_duration_seconds',
  'sluice_errors_total', 'sluice_processing_errors_total', 'sluice_delivery_requests_total',
] as const satisfies readonly MetricName[]

/** The series of a metric, with the names of their labels. */
function seriesOf (metrics: Metrics, name: MetricName): PageSeries[] {
  const { labels: names } = metricTable[name]
  return [...metrics.series(name)].map(series => {
    const labels = Object.fromEntries(names.map((label, index) => [label, series.labels[index] ?? '']))
    return 'value' in series
      ? { labels, value: series.value }
      : { labels, bounds: series.histogram.bounds, counts: series.histogram.cumulated() }
  })
}

/** All that the page draws; series that have counted nothing are left out. */
export function drawnMetrics (metrics: Metrics): Record<string, PageSeries[]> {
  const found = drawn.map(name => [name, seriesOf(metrics, name)
    .filter(series => 'value' in series ? series.value !== 0 : series.counts.at(-1) !== 0)] as const)
  return Object.fromEntries(found.filter(([, series]) => series.length > 0))
}

// Tested in test/http/page/routes.test.ts
