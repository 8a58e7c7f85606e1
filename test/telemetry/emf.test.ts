import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import t from 'tap'
import { EmbeddedMetrics, emfNamespace, emfTable, type EmfName, type EmfRoute } from '../../src/telemetry/emf.ts'
import { Ledger } from '../../src/telemetry/ledger.ts'
import { createLogger } from '../../src/telemetry/logger.ts'
import { metricTable, Metrics, type CounterName, type MetricDefinition } from '../../src/telemetry/metrics.ts'
import { recordingLog } from '../support/recording-log.ts'
import { schemaMistakes, type Schema } from '../support/schema.ts'

const schema = JSON.parse(readFileSync(join(import.meta.dirname, '../fixtures/emf/schema.json'), 'utf8')) as Schema
const wallMs = Date.UTC(2026, 10, 29, 2)

interface Directive {
  readonly Namespace: string
  readonly Dimensions: readonly string[][]
  readonly Metrics: readonly { readonly Name: EmfName, readonly Unit: string }[]
}
interface Document extends Record<string, unknown> {
  readonly _aws: { readonly CloudWatchMetrics: readonly Directive[] }
}

function setUp (family = 'shop') {
  const ledger = new Ledger()
  const metrics = new Metrics()
  const { log, lines } = recordingLog()
  const empty: EmfRoute = { pendingRecords: 0, oldestPendingMs: undefined, bytes: 0, quotaBytes: 1_000 }
  const routes = [{ ...empty }, { ...empty }] as const
  const options = { ledger, metrics, routes, family, wallMs: () => wallMs + 0.25, startedMs: 5_000, log }
  const emf = new EmbeddedMetrics(options)
  return { ledger, metrics, routes, emf, documents: lines as readonly Record<string, unknown>[] as readonly Document[] }
}

/** Counts in a metric that this version may not have yet. */
function count (metrics: Metrics, name: string, values: Readonly<Record<string, string>>, by: number): boolean {
  const definition = (metricTable as Readonly<Record<string, MetricDefinition>>)[name]
  if (definition === undefined) return false
  metrics.counter(name as CounterName, ...definition.labels.map(label => values[label] ?? '')).value += by
  return true
}

/** What is wrong with a document that the schema does not say: the specification does. */
function targetMistakes (document: Document): string[] {
  return document._aws.CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics: named }) => [
    ...(Namespace === emfNamespace ? [] : [`namespace ${Namespace}`]),
    ...Dimensions.flat().filter(name => typeof document[name] !== 'string' || document[name] === ''),
    ...named.filter(({ Name }) => typeof document[Name] !== 'number').map(({ Name }) => Name),
    ...named.filter(({ Name, Unit }) => emfTable[Name].unit !== Unit ||
      String(emfTable[Name].dimensions) !== String(Dimensions[0])).map(({ Name }) => `${Name} of the table`),
  ])
}

t.test('every document is one by AWS\'s schema, and holds what it names', async t => {
  const { metrics, ledger, emf, documents } = setUp('')
  ledger.counter('received', 'unix').value = 3
  count(metrics, 'sluice_errors_total', { level: 'error' }, 2)
  count(metrics, 'sluice_signals_total', { signal: '' }, 1)
  count(metrics, 'sluice_http_requests_total', { status: '503' }, 1)
  emf.look(65_000)
  t.ok(documents.length > 0)
  for (const document of documents) {
    t.same(schemaMistakes(document, schema), [])
    t.same(targetMistakes(document), [])
  }
  t.match(documents[0], { Family: 'sluice', _aws: { Timestamp: wallMs } }, 'outside of ECS there is a family too')
})

t.test('the schema finds what is no document', async t => {
  const { emf, documents } = setUp()
  emf.look(65_000)
  const text = JSON.stringify(documents[0])
  for (const [from, to] of [[String(wallMs), '"now"'], ['"Count"', '"Lines"'], ['"Namespace"', '"Name"'], ['["Family"]', '[]']] as const) {
    t.ok(text.includes(from), from)
    t.not(schemaMistakes(JSON.parse(text.replace(from, to)), schema).length, 0, to)
  }
})

t.test('each minute has what was counted since the one before, and what waits now', async t => {
  const { ledger, routes, emf, documents } = setUp()
  ledger.counter('received', 'unix').value = 100
  ledger.counter('received', 'tcp').value = 20
  ledger.counter('delivered', 'error').value = 90
  ledger.counter('dropped', 'error', 'quota').value = 3
  Object.assign(routes[1], { pendingRecords: 27, oldestPendingMs: 52_500, bytes: 505 })
  ledger.addPending('error', () => 27)
  for (const nowMs of [6_000, 64_999]) emf.look(nowMs)
  t.equal(documents.length, 0)
  emf.look(65_000)
  t.match(documents, [{
    LinesReceived: 120,
    LinesDelivered: 90,
    LinesDropped: 3,
    LinesRejected: 0,
    LinesPending: 27,
    OldestPendingAge: 12.5,
    SpoolUsed: 50.5,
    LedgerUnbalanced: 0,
  }])
  emf.look(124_000)
  emf.look(125_000)
  t.match(documents[1], { LinesReceived: 0, LinesDropped: 0, LinesPending: 27, OldestPendingAge: 72.5 })
  emf.look(500_000)
  emf.look(544_999)
  t.equal(documents.length, 3, 'what a stopped process missed is one line')
})

t.test('errors by level, signals and requests are there where they are counted', async t => {
  const { metrics, emf, documents } = setUp()
  const has = {
    Errors: count(metrics, 'sluice_errors_total', { level: 'warn' }, 4),
    Signals: count(metrics, 'sluice_signals_total', { signal: 'max-request-workers' }, 1),
    Requests: count(metrics, 'sluice_http_requests_total', { status: '200' }, 9),
  }
  count(metrics, 'sluice_http_requests_total', { status: '502' }, 1)
  emf.look(65_000)
  if (has.Requests) t.match(documents[0], { Requests: 10, Requests5xx: 1 })
  else t.notOk('Requests' in (documents[0] ?? {}))
  t.equal(documents.some(each => each['Level'] === 'warn' && each['Errors'] === 4), has.Errors)
  t.equal(documents.some(each => each['Signal'] === 'max-request-workers' && each['Signals'] === 1), has.Signals)
})

t.test('a log that tells warnings only has the metrics all the same, and no more than it had', async t => {
  const texts: string[] = []
  const stream = new Writable({
    write (chunk: Buffer, _encoding, done) {
      texts.push(chunk.toString())
      done()
    },
  })
  const log = createLogger({ level: 'warn', stream })
  const options = { ledger: new Ledger(), metrics: new Metrics(), routes: [], family: 'shop', wallMs: () => wallMs, startedMs: 0, log }
  new EmbeddedMetrics(options).look(60_000)
  log.info('not told')
  t.match(texts, [/"LinesReceived":0/])
  t.equal(texts.length, 1)
})
