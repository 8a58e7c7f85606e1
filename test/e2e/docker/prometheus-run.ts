import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { ledgerTable } from '../../../src/telemetry/ledger-metrics.ts'
import { metricTable } from '../../../src/telemetry/metrics.ts'
import { processTable } from '../../../src/telemetry/process-metrics.ts'
import { observed } from '../../support/operator.ts'
import { sendRecords } from '../../support/sender.ts'
import { startSluice } from '../../support/sluice-process.ts'
import { until } from '../../support/until.ts'
import { freePort, runPhase, say } from './phase.ts'
import { execute, installPrometheus } from './programs.ts'
import type { Undo } from './undo.ts'

const configuration = resolve(import.meta.dirname, '../../../docker/prometheus')
const dashboard = resolve(import.meta.dirname, '../../../docker/grafana/dashboards/sluice.json')

const memoryExhausted = 'PHP Fatal error:  Allowed memory size of 1048576 bytes exhausted (tried to allocate 4096 bytes) ' +
  'in /srv/a.php on line 3'

/** The dashboard's queries, of all instances, but for those of metrics that this version does not have. */
function panels (): readonly { readonly title: string, readonly query: string }[] {
  interface Panel { readonly title: string, readonly targets: readonly { readonly expr: string }[] }
  const read = JSON.parse(readFileSync(dashboard, 'utf8')) as { readonly panels: readonly Panel[] }
  const known = { ...ledgerTable, ...metricTable, ...processTable }
  const isKnown = (query: string) => [...query.matchAll(/\b(?:sluice|process|nodejs)_\w+/g)]
    .every(([name]) => Object.hasOwn(known, name.replace(/_bucket$/, '')))
  return read.panels
    .flatMap(({ title, targets }) => targets.map(({ expr }) => ({ title, query: asked(expr) })))
    .filter(({ query }) => isKnown(query))
}

/** As Grafana asks, of all instances, for scrapes a second apart. */
function asked (query: string): string {
  return query.replaceAll('$instance', '.*').replaceAll('$__rate_interval', '10s').replaceAll('$__range', '15m')
}

/** docker/prometheus as it is, but for the target, in a Prometheus that ends with the run. */
async function startPrometheus (target: string, directory: string, undo: Undo): Promise<string> {
  const text = readFileSync(join(configuration, 'prometheus.yml'), 'utf8')
    .replace('sluice:2020', target).replace('- alerts.yml', `- ${join(configuration, 'alerts.yml')}`)
    .replaceAll(/_interval: 5s/g, '_interval: 1s')
  if (!text.includes(target)) throw new Error('expected the target sluice:2020 in prometheus.yml')
  const file = join(directory, 'prometheus.yml')
  writeFileSync(file, text)
  const address = `127.0.0.1:${await freePort()}`
  const child = spawn('prometheus', [
    `--config.file=${file}`, `--storage.tsdb.path=${join(directory, 'data')}`, `--web.listen-address=${address}`,
  ], { stdio: 'ignore' })
  const exited = once(child, 'exit')
  undo.add('Prometheus', async () => {
    child.kill('SIGTERM')
    await exited
  })
  return `http://${address}`
}

/** The sum that a query answers with; undefined while there is none, or no Prometheus yet. */
async function ask (url: string, query: string): Promise<number | undefined> {
  try {
    const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(query)}`)
    const { data } = await response.json() as { data: { result: { value: [number, string] }[] } }
    const value = data.result[0]?.value[1]
    return value === undefined ? undefined : Number(value)
  } catch {
    // Not listening yet: `until` asks again, and says so in the end.
    return undefined
  }
}

async function run (undo: Undo): Promise<string[]> {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-prometheus-'))
  undo.add(directory, () => { rmSync(directory, { recursive: true, force: true }) })
  await installPrometheus(say)
  for (const args of [['check', 'config', 'prometheus.yml'], ['check', 'rules', 'alerts.yml'], ['test', 'rules', 'alerts.test.yml']]) {
    await execute('promtool', args, { cwd: configuration })
    say(`promtool ${args.join(' ')}: as it should be`)
  }
  const sluice = startSluice(undo, { env: observed })
  const [, port = ''] = await sluice.printed(/"port":(\d+),"msg":"http listening"/)
  await sluice.printed(/"msg":"started"/)
  const url = await startPrometheus(`127.0.0.1:${port}`, directory, undo)
  const fields = ['{"status":200,"path":"/","duration_us":1200}', '{"status":404,"path":"/x"}', 'hello', ''].map(log => ({ source: 'stdout', log, container_name: '/web' }))
  await sendRecords(sluice.socketPath, [...fields, { source: 'stderr', log: memoryExhausted, container_name: '/web' }]
    .map(each => ({ timeMs: Date.now(), fields: each })))
  await until('the target is up', () => ask(url, 'up{job="sluice"}'), value => value === 1)
  await until('all is delivered', () => ask(url, 'sum(sluice_records_delivered_total)'), value => value === 4)
  for (const { title, query } of panels()) {
    await until(`the panel ${title} shows something`, () => ask(url, query), value => value !== undefined)
  }
  const terms = ['received', 'delivered', 'filtered', 'joined', 'rejected', 'dropped'] as const
  const scraped = await Promise.all(terms.map(async term => await ask(url, `sum(sluice_records_${term}_total) or vector(0)`)))
  sluice.kill('SIGTERM')
  const exitCode = await sluice.exited
  const report = sluice.report()
  const wrong = terms.flatMap((term, index) => report[term] === scraped[index]
    ? []
    : [`${term}: Prometheus has ${scraped[index]}, the exit report ${report[term]}`])
  if (exitCode !== 0 || !report.balanced) wrong.push(`exit code ${exitCode}, balanced: ${report.balanced}`)
  await until('the target is down', () => ask(url, 'up{job="sluice"}'), value => value === 0)
  await until('the alert is pending', () => ask(url, 'ALERTS{alertname="SluiceDown",alertstate="pending"}'), value => value === 1)
  return wrong
}

await runPhase('Prometheus has what Sluice counts', run)
