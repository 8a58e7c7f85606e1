import type { Instruments } from './instruments.ts'
import { ledgerSeries, ledgerTable } from './ledger-metrics.ts'
import { type MetricDefinition, type MetricName, metricTable, type Series } from './metrics.ts'
import { type ProcessMetrics, processTable } from './process-metrics.ts'

export interface ExpositionOptions extends Pick<Instruments, 'ledger' | 'metrics' | 'log'> {
  readonly process: ProcessMetrics
}

/** The media type of that text. */
export const prometheusText = 'text/plain; version=0.0.4; charset=utf-8'

/**
 * What `GET /metrics` answers with, in Prometheus' text format: the ledger, the metric table and the process's own
 * numbers. All are read in the turn of the call, so the ledger's equation holds in each text.
 *
 * Source: https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 */
export function createExposition (options: ExpositionOptions): () => string {
  const { ledger, metrics, process, log } = options
  const broken = new Set<string>()
  const blockOf = (name: string, definition: MetricDefinition, series: () => Iterable<Series>): string => {
    const head = `# HELP ${name} ${escaped(definition.help)}\n# TYPE ${name} ${definition.type}\n`
    try {
      return head + samplesOf(name, definition, series())
    } catch (error) {
      // A gauge that throws is a bug; it costs its own metric, told once, and not the whole page.
      if (!broken.has(name)) log.error({ metric: name, error }, 'metric cannot be read')
      broken.add(name)
      return head
    }
  }
  const blocksOf = (
    table: Readonly<Record<string, MetricDefinition>>, seriesOf: (name: string) => Iterable<Series>
  ) => Object.entries(table).map(([name, definition]) => blockOf(name, definition, () => seriesOf(name)))
  return () => [
    ...blocksOf(ledgerTable, name => ledgerSeries(ledger, name)),
    ...blocksOf(metricTable, name => metrics.series(name as MetricName)),
    ...blocksOf(processTable, name => process.series(name)),
  ].join('\n')
}

function samplesOf (name: string, definition: MetricDefinition, series: Iterable<Series>): string {
  let text = ''
  for (const one of series) {
    const labels = definition.labels.map((label, index) => `${label}="${escaped(one.labels[index] ?? '').replaceAll('"', '\\"')}"`)
    if ('value' in one) {
      text += sample(name, labels, one.value)
      continue
    }
    const counts = one.histogram.cumulated()
    for (const [index, count] of counts.entries()) {
      text += sample(`${name}_bucket`, [...labels, `le="${one.histogram.bounds[index] ?? '+Inf'}"`], count)
    }
    text += sample(`${name}_sum`, labels, one.histogram.sum) + sample(`${name}_count`, labels, counts.at(-1) ?? 0)
  }
  return text
}

function sample (name: string, labels: readonly string[], value: number): string {
  // As the format writes it, unlike JavaScript.
  const number = Math.abs(value) === Infinity ? (value < 0 ? '-Inf' : '+Inf') : String(value)
  return `${name}${labels.length === 0 ? '' : `{${labels.join(',')}}`} ${number}\n`
}

function escaped (text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}
