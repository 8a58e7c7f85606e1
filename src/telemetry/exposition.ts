import type { Logger } from 'pino'
import { Registry } from 'prom-client'
import type { Ledger } from './ledger.ts'
import { ledgerSeries, ledgerTable } from './ledger-metrics.ts'
import { type MetricDefinition, type MetricName, type Metrics, metricTable, type Series } from './metrics.ts'
import { type ProcessMetrics, processTable } from './process-metrics.ts'

export interface ExpositionOptions {
  readonly ledger: Ledger
  readonly metrics: Metrics
  readonly process: ProcessMetrics
  readonly log: Logger
}

/** What `GET /metrics` answers with. */
export interface Exposition {
  readonly contentType: string
  /**
   * Everything in Prometheus' text format. All numbers are read in the turn of the call, so the ledger's equation
   * holds in each text.
   */
  text (): Promise<string>
}

/** The part of a metric that prom-client's registry asks for when it writes text. */
interface ReadMetric {
  readonly name: string
  get (): Promise<{ name: string, help: string, type: string, values: Sample[] }>
}

interface Sample {
  readonly metricName?: string
  readonly labels: Record<string, string | number>
  readonly value: number
}

/** Joins the ledger, the metric table and the process's own numbers into one registry, read only when scraped. */
export function createExposition (options: ExpositionOptions): Exposition {
  const { ledger, metrics, process, log } = options
  const registry = new Registry()
  const broken = new Set<string>()
  const register = (name: string, definition: MetricDefinition, series: () => Iterable<Series>) => {
    const read = () => {
      try {
        return samplesOf(name, definition, series())
      } catch (error) {
        // A gauge that throws is a bug; it costs its own metric, told once, and not the whole page.
        if (!broken.has(name)) log.error({ metric: name, error }, 'metric cannot be read')
        broken.add(name)
        return []
      }
    }
    const { help, type } = definition
    // Runs to its end without an await, and the registry starts all of them in one turn.
    const metric: ReadMetric = { name, get: async () => ({ name, help, type, values: read() }) }
    // The registry's type wants all of prom-client's Gauge, of which it uses `name` and `get`.
    registry.registerMetric(metric as unknown as Parameters<typeof registry.registerMetric>[0])
  }
  for (const [name, definition] of Object.entries(ledgerTable)) {
    register(name, definition, () => ledgerSeries(ledger, name))
  }
  for (const [name, definition] of Object.entries(metricTable)) {
    register(name, definition, () => metrics.series(name as MetricName))
  }
  for (const [name, definition] of Object.entries(processTable)) {
    register(name, definition, () => process.series(name))
  }
  return { contentType: registry.contentType, text: () => registry.metrics() }
}

function samplesOf (name: string, definition: MetricDefinition, series: Iterable<Series>): Sample[] {
  const samples: Sample[] = []
  for (const one of series) {
    const labels = Object.fromEntries(definition.labels.map((label, index) => [label, one.labels[index] ?? '']))
    if ('value' in one) {
      samples.push({ labels, value: one.value })
      continue
    }
    const counts = one.histogram.cumulated()
    for (const [index, count] of counts.entries()) {
      const le = one.histogram.bounds[index] ?? '+Inf'
      samples.push({ metricName: `${name}_bucket`, labels: { ...labels, le }, value: count })
    }
    samples.push({ metricName: `${name}_sum`, labels, value: one.histogram.sum })
    samples.push({ metricName: `${name}_count`, labels, value: counts.at(-1) ?? 0 })
  }
  return samples
}
