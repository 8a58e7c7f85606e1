import { ledgerTable } from '../../src/telemetry/ledger-metrics.ts'
import { type MetricDefinition, metricTable } from '../../src/telemetry/metrics.ts'
import { processTable } from '../../src/telemetry/process-metrics.ts'

const introduction = `# Metrics

<!-- Generated from src/telemetry by \`npm run generate\`; do not edit. -->

\`GET /metrics\` answers in Prometheus' text format. Every scrape is read in one turn of the event loop, so its numbers
belong together, and for a second all who ask get the same. Counters start at 0 with the process. A series appears with the part that counts it; a metric without
series has only its \`HELP\` and \`TYPE\` lines. One whose labels nobody knows before (a status, a level, a signal) begins with its first event,
and \`increase()\` sees no growth in that: the rules in \`docker/prometheus/alerts.yml\` ask for new series too.

## The ledger

Every record is accounted for. In each scrape, summed over all labels:

\`\`\`
received + recovered + made = delivered + filtered + rejected + dropped + joined + pending
\`\`\`

As an alert, in PromQL (it stays empty while the ledger balances):

\`\`\`
${expression()} != 0
\`\`\`
`

/** The text of docs/metrics.md. */
export function metricsPage (): string {
  return [
    introduction,
    tableOf(ledgerTable),
    '\n## Flow, spool and delivery\n',
    tableOf(metricTable),
    '\n## The process\n',
    tableOf(processTable),
    '\nHistograms have a series for each of these upper bounds, besides `_sum` and `_count`:\n',
    ...[...Object.entries<MetricDefinition>(metricTable), ...Object.entries(processTable)]
      .filter(([, { buckets }]) => buckets !== undefined)
      .map(([name, { buckets, unit }]) => `- \`${name}\`: ${buckets?.join(', ')} ${unit}`),
    '',
  ].join('\n')
}

function tableOf (table: Readonly<Record<string, MetricDefinition>>): string {
  const rows = Object.entries(table).map(([name, { type, labels, unit, help }]) =>
    `| \`${name}\` | ${type} | ${labels.map(label => `\`${label}\``).join(', ')} | ${unit} | ${help.replaceAll('|', '\\|')} |`)
  return ['| Name | Type | Labels | Unit | Meaning |', '|---|---|---|---|---|', ...rows].join('\n')
}

function expression (): string {
  const sums = (terms: readonly string[]) => terms.map(term => `sum(sluice_records_${term} or vector(0))`)
  const incoming = ['received_total', 'recovered_total', 'made_total']
  const outgoing = ['delivered_total', 'filtered_total', 'rejected_total', 'dropped_total', 'joined_total', 'pending']
  return [sums(incoming).join('\n  + '), ...sums(outgoing)].join('\n  - ')
}
