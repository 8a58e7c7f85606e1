import type { Logger } from 'pino'
import { backlogOf, type Backlog } from './heartbeat.ts'
import type { Instruments } from './instruments.ts'
import type { LedgerTerm } from './ledger.ts'
import { metricTable, type CounterName } from './metrics.ts'

/** Namespace of the metrics in CloudWatch. */
export const emfNamespace = 'Sluice'

/** Every metric that CloudWatch may get, with its unit there and what it is looked up by. */
export const emfTable = {
  LinesReceived: { unit: 'Count', dimensions: ['Family'] },
  LinesDelivered: { unit: 'Count', dimensions: ['Family'] },
  LinesFiltered: { unit: 'Count', dimensions: ['Family'] },
  LinesRejected: { unit: 'Count', dimensions: ['Family'] },
  LinesDropped: { unit: 'Count', dimensions: ['Family'] },
  LinesPending: { unit: 'Count', dimensions: ['Family'] },
  OldestPendingAge: { unit: 'Seconds', dimensions: ['Family'] },
  SpoolUsed: { unit: 'Percent', dimensions: ['Family'] },
  LedgerUnbalanced: { unit: 'Count', dimensions: ['Family'] },
  Requests: { unit: 'Count', dimensions: ['Family'] },
  Requests4xx: { unit: 'Count', dimensions: ['Family'] },
  Requests5xx: { unit: 'Count', dimensions: ['Family'] },
  Errors: { unit: 'Count', dimensions: ['Family', 'Level'] },
  Signals: { unit: 'Count', dimensions: ['Family', 'Signal'] },
} as const

export type EmfName = keyof typeof emfTable

/** What it looks at of a route. */
export interface EmfRoute extends Backlog {
  readonly bytes: number
  readonly quotaBytes: number
}

export interface EmfOptions extends Pick<Instruments, 'ledger' | 'metrics' | 'log'> {
  readonly routes: readonly EmfRoute[]
  /** Of the task; the dimension by which the numbers of all tasks of a service are summed. Empty outside of ECS. */
  readonly family: string
  readonly wallMs: () => number
  /** From when on the first minute counts, by the monotonic clock. */
  readonly startedMs: number
}

const intervalMs = 60_000

/** Terms of the ledger, and what their growth is called in CloudWatch. */
const flows = {
  LinesReceived: 'received',
  LinesDelivered: 'delivered',
  LinesFiltered: 'filtered',
  LinesRejected: 'rejected',
  LinesDropped: 'dropped',
} as const satisfies Partial<Record<EmfName, LedgerTerm>>

/** Metrics with a document for each value of a label. */
const byLabel = [
  { name: 'Errors', dimension: 'Level', metric: 'sluice_errors_total', label: 'level' },
  { name: 'Signals', dimension: 'Signal', metric: 'sluice_signals_total', label: 'signal' },
] as const

/** A metric of CloudWatch costs by the month, so an unbounded label must not make an unbounded bill. */
const maxValues = 30

/**
 * Writes, once a minute, what was counted since the minute before into the own log, in CloudWatch's embedded metric
 * format: a line of the log that CloudWatch Logs reads metrics out of.
 *
 * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export class EmbeddedMetrics {
  readonly #options: EmfOptions
  readonly #log: Logger
  readonly #before = new Map<string, number>()
  #dueMs: number

  constructor (options: EmfOptions) {
    this.#options = options
    // `log.level` says what people want to read, not whether alarms work.
    this.#log = options.log.child({}, { level: 'info' })
    this.#dueMs = options.startedMs + intervalMs
  }

  look (nowMs: number): void {
    if (nowMs < this.#dueMs) return
    this.write(nowMs)
    this.#dueMs += (Math.floor((nowMs - this.#dueMs) / intervalMs) + 1) * intervalMs
  }

  /** Also called at the end, for what was counted since the last minute. */
  write (nowMs: number): void {
    const { ledger, routes } = this.#options
    const values: Partial<Record<EmfName, number>> = {}
    for (const [name, term] of Object.entries(flows)) {
      values[name as EmfName] = this.#growth(term, ledger.sum(term))
    }
    const { pending, oldestSeconds } = backlogOf(routes, nowMs)
    values.LinesPending = pending
    values.OldestPendingAge = oldestSeconds
    const fullest = Math.max(0, ...routes.map(({ bytes, quotaBytes }) => bytes / Math.max(1, quotaBytes)))
    values.SpoolUsed = Math.round(fullest * 1_000) / 10
    values.LedgerUnbalanced = ledger.snapshot().isBalanced ? 0 : 1
    const byStatus = this.#grown('sluice_http_requests_total', 'status')
    const withStatus = (start: string) =>
      [...byStatus].reduce((sum, [status, count]) => status.startsWith(start) ? sum + count : sum, 0)
    Object.assign(values, { Requests: withStatus(''), Requests4xx: withStatus('4'), Requests5xx: withStatus('5') })
    this.#document({}, values)
    for (const { name, dimension, metric, label } of byLabel) {
      for (const [value, count] of [...this.#grown(metric, label)].slice(0, maxValues)) {
        // Never an empty text: CloudWatch would refuse the document.
        this.#document({ [dimension]: value === '' ? 'unknown' : value }, { [name]: count })
      }
    }
  }

  #document (more: Readonly<Record<string, string>>, values: Partial<Record<EmfName, number>>): void {
    const { family, wallMs } = this.#options
    const dimensions = { Family: family === '' ? 'sluice' : family, ...more }
    this.#log.info({
      _aws: {
        Timestamp: Math.round(wallMs()),
        CloudWatchMetrics: [{
          Namespace: emfNamespace,
          Dimensions: [Object.keys(dimensions)],
          Metrics: (Object.keys(values) as EmfName[]).map(Name => ({ Name, Unit: emfTable[Name].unit })),
        }],
      },
      ...dimensions,
      ...values,
    }, 'metrics')
  }

  /** What a counter grew by since the last minute, by one of its labels. */
  #grown (metric: CounterName, label: string): ReadonlyMap<string, number> {
    const index = (metricTable[metric].labels as readonly string[]).indexOf(label)
    const totals = this.#options.metrics.sums(metric, labels => labels[index] ?? '')
    return new Map([...totals].map(([value, total]) => [value, this.#growth(`${metric}\0${value}`, total)]))
  }

  #growth (key: string, total: number): number {
    const growth = total - (this.#before.get(key) ?? 0)
    this.#before.set(key, total)
    return growth
  }
}
