import fc from 'fast-check'
import t, { type Test } from 'tap'
import { createExposition } from '../../src/telemetry/exposition.ts'
import { Ledger, type LedgerTerm, ledgerTerms } from '../../src/telemetry/ledger.ts'
import { ledgerTable } from '../../src/telemetry/ledger-metrics.ts'
import { type MetricDefinition, Metrics, metricTable } from '../../src/telemetry/metrics.ts'
import { createProcessMetrics, processTable } from '../../src/telemetry/process-metrics.ts'
import { type ParsedMetric, parsePrometheusText } from '../support/prometheus-text.ts'
import { recordingLog } from '../support/recording-log.ts'

function build (t: Test) {
  const ledger = new Ledger()
  const metrics = new Metrics()
  const process = createProcessMetrics({ version: '1.2.3' })
  t.teardown(() => process.close())
  const { log, lines } = recordingLog()
  const exposition = createExposition({ ledger, metrics, process, log })
  return { ledger, metrics, lines, exposition, scrape: () => parsePrometheusText(exposition()) }
}

/** Incoming minus outgoing, recomputed from the text alone. */
function imbalance (scrape: Map<string, ParsedMetric>): number {
  const total = (name: string) => (scrape.get(name)?.samples ?? []).reduce((sum, { value }) => sum + value, 0)
  const sum = (...terms: string[]) => terms.reduce((all, term) => all + total(`sluice_records_${term}`), 0)
  return sum('received_total', 'recovered_total', 'made_total') -
    sum('delivered_total', 'filtered_total', 'rejected_total', 'dropped_total', 'joined_total', 'pending')
}

t.test('every metric of the tables has its help and type, in the right order, before anything was counted', async t => {
  const { scrape } = build(t)
  const found = scrape()
  const tables: Record<string, MetricDefinition> = { ...ledgerTable, ...metricTable, ...processTable }
  t.same([...found.keys()], Object.keys(tables))
  for (const [name, { type, help }] of Object.entries(tables)) {
    t.match(found.get(name), { type, help }, name)
  }
})

t.test('the ledger has the names and labels that dashboards rely on', async t => {
  const { ledger, scrape } = build(t)
  ledger.counter('received', 'unix').value = 1
  ledger.counter('recovered', 'error').value = 2
  ledger.counter('made', 'split').value = 3
  ledger.counter('delivered', 'error').value = 4
  ledger.counter('filtered', 'empty').value = 5
  ledger.counter('rejected', 'error', 'too_old').value = 6
  ledger.counter('dropped', 'error', 'quota').value = 7
  ledger.counter('joined', 'partial').value = 8
  ledger.addPending('error', () => 9)
  const found = scrape()
  t.same([...found].filter(([name]) => name.startsWith('sluice_records_')).flatMap(([, { samples }]) => samples), [
    { name: 'sluice_records_received_total', labels: { source: 'unix' }, value: 1 },
    { name: 'sluice_records_recovered_total', labels: { route: 'error' }, value: 2 },
    { name: 'sluice_records_made_total', labels: { reason: 'split' }, value: 3 },
    { name: 'sluice_records_delivered_total', labels: { route: 'error' }, value: 4 },
    { name: 'sluice_records_filtered_total', labels: { rule: 'empty' }, value: 5 },
    { name: 'sluice_records_rejected_total', labels: { route: 'error', reason: 'too_old' }, value: 6 },
    { name: 'sluice_records_dropped_total', labels: { route: 'error', reason: 'quota' }, value: 7 },
    { name: 'sluice_records_joined_total', labels: { kind: 'partial' }, value: 8 },
    { name: 'sluice_records_pending', labels: { route: 'error' }, value: 9 },
  ])
})

t.test('every scrape balances, though records move between any two turns', async t => {
  const { ledger, scrape } = build(t)
  let pendingCount = 0
  const received = ledger.counter('received', 'unix')
  const delivered = ledger.counter('delivered', 'error')
  const move = () => {
    received.value += 3
    pendingCount += 2
    delivered.value += 1
  }
  // As near to the reading as anything can come: microtasks between two metrics would be seen.
  ledger.addPending('error', () => {
    queueMicrotask(move)
    return pendingCount
  })
  for (let index = 0; index < 20; index++) {
    queueMicrotask(move)
    const [first, second] = [scrape(), scrape()]
    t.equal(imbalance(first), 0)
    t.equal(imbalance(second), 0)
    await null
  }
  t.ok(delivered.value > 20, 'records did move')
})

t.test('any counts under any labels come back from the text as they were', async t => {
  const terms = Object.keys(ledgerTerms) as LedgerTerm[]
  const label = fc.string({ unit: 'binary' }).filter(text => !text.includes('\0'))
  const count = fc.record({
    term: fc.constantFrom(...terms), labels: fc.tuple(label, label), value: fc.nat(),
  })
  fc.assert(fc.property(fc.array(count), counts => {
    const ledger = new Ledger()
    const exposition = createExposition({
      ledger, metrics: new Metrics(), process: { series: () => [], close: () => {} }, log: recordingLog().log,
    })
    for (const { term, labels, value } of counts) {
      ledger.counter(term, ...labels.slice(0, ledgerTerms[term].length)).value = value
    }
    const found = parsePrometheusText(exposition())
    for (const term of terms) {
      t.same(
        found.get(`sluice_records_${term}_total`)?.samples.map(({ labels, value }) => ({ labels, value })),
        [...ledger.entries(term)]
      )
    }
  }), { numRuns: 50 })
})

t.test('a histogram counts cumulatively up to +Inf, with sum and count', async t => {
  const { metrics, scrape } = build(t)
  const duration = metrics.histogram('sluice_delivery_request_duration_seconds', 'error', 'file', 'ok')
  for (const seconds of [0.001, 0.005, 0.006, 31]) duration.observe(seconds)
  const { samples = [] } = scrape().get('sluice_delivery_request_duration_seconds') ?? {}
  const counts = samples.filter(({ name }) => name.endsWith('_bucket')).map(({ labels, value }) => [labels['le'], value])
  t.same(counts.slice(0, 2), [['0.005', 2], ['0.01', 3]])
  t.same(counts.slice(-2), [['30', 3], ['+Inf', 4]])
  t.same(samples.slice(-2).map(({ name, labels, value }) => [name.slice(-6), labels, value]), [
    ['ds_sum', { route: 'error', sink: 'file', outcome: 'ok' }, 31.012],
    ['_count', { route: 'error', sink: 'file', outcome: 'ok' }, 4],
  ])
})

t.test('a gauge is read at each scrape, and one that throws costs only its own metric, told once', async t => {
  const { ledger, metrics, lines, scrape } = build(t)
  let bytes = 1
  ledger.counter('received', 'unix').value = 1
  metrics.gauge('sluice_spool_bytes', ['error'], () => bytes++)
  metrics.gauge('sluice_connections', ['unix'], () => { throw new Error('broken') })
  t.equal(scrape().get('sluice_spool_bytes')?.samples[0]?.value, 1)
  const found = scrape()
  t.equal(found.get('sluice_spool_bytes')?.samples[0]?.value, 2)
  t.same(found.get('sluice_connections')?.samples, [])
  t.equal(found.get('sluice_records_received_total')?.samples.length, 1)
  t.match(lines, [{ msg: 'metric cannot be read', metric: 'sluice_connections', error: { message: 'broken' } }])
  t.equal(lines.length, 1)
})

t.test('names keep to the rules of Prometheus', async t => {
  const tables: Record<string, MetricDefinition> = { ...ledgerTable, ...metricTable, ...processTable }
  for (const [name, definition] of Object.entries(tables)) {
    const { type, labels, unit, help, buckets } = definition
    t.equal(name.endsWith('_total'), type === 'counter', `${name}: _total is for counters`)
    const bare = name.replace(/_total$/, '')
    t.equal(unit === '' || bare.endsWith(`_${unit}`), true, `${name}: ends in its unit`)
    t.match(help, /^[A-Z1].*\.$/, `${name}: help is a sentence`)
    t.same(labels.filter(label => ['le', 'quantile'].includes(label)), [], `${name}: reserved labels`)
    t.equal(buckets !== undefined, type === 'histogram', `${name}: buckets are for histograms`)
    t.same(buckets ?? [], (buckets ?? []).toSorted((a, b) => a - b), `${name}: buckets ascend`)
  }
})
