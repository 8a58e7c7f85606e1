import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import t, { type Test } from 'tap'
import { readerOf } from '../support/read-file.ts'
import { parse, stringify } from 'yaml'
import { loadConfig } from '../../src/config/load.ts'
import { shownOn } from '../../src/http/page/shown.ts'
import { ledgerTable } from '../../src/telemetry/ledger-metrics.ts'
import { metricTable, type MetricDefinition } from '../../src/telemetry/metrics.ts'
import { processTable } from '../../src/telemetry/process-metrics.ts'

const docker = resolve(import.meta.dirname, '../../docker')
const read = (path: string) => readFileSync(resolve(docker, path), 'utf8')

const table: Readonly<Record<string, MetricDefinition>> = { ...ledgerTable, ...metricTable, ...processTable }

/** Labels that Prometheus adds, or Grafana and the rules keep. */
const addedLabels = ['__name__', 'instance', 'job', 'le']

interface Rule {
  readonly alert: string
  readonly expr: string
  readonly annotations: Readonly<Record<string, string>>
}
interface Service {
  readonly image?: string
  readonly build?: string
  readonly command?: readonly string[]
  readonly stop_grace_period?: string
  readonly environment?: Readonly<Record<string, string>>
}

const rules = (parse(read('prometheus/alerts.yml')) as { groups: { rules: Rule[] }[] }).groups.flatMap(group => group.rules)
const tests = parse(read('prometheus/alerts.test.yml')) as {
  tests: { input_series: { series: string }[], alert_rule_test: { alertname: string, exp_alerts: unknown[] }[] }[]
}
const dashboard = JSON.parse(read('grafana/dashboards/sluice.json')) as {
  panels: { title: string, targets: { expr: string, legendFormat: string }[] }[]
}
const services = (parse(read('compose.yaml')) as { services: Record<string, Service> }).services

/** What an expression names that the table does not have. */
function unknownOf (expression: string): string[] {
  const patterns = [...expression.matchAll(/__name__=~"([^"]+)"/g)].map(([, pattern = '']) => pattern)
  const matching = (pattern: string) => Object.keys(table).filter(name => new RegExp(`^(?:${pattern})$`).test(name))
  const empty = patterns.filter(pattern => matching(pattern).length === 0)
  const plain = patterns.reduce((text, pattern) => text.replace(pattern, ''), expression)
  const written = [...plain.matchAll(/\b(?:sluice|process|nodejs)_\w+/g)].map(([name]) => name)
  const names = [...patterns.flatMap(matching), ...written].map(name => {
    const base = name.replace(/_(?:bucket|sum|count)$/, '')
    return table[base]?.type === 'histogram' ? base : name
  })
  const known = [...addedLabels, ...names.flatMap(name => table[name]?.labels ?? [])]
  const labels = [
    ...[...plain.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(',').map(label => label.trim())),
    ...[...plain.matchAll(/(\w+)(?:=~|!~|!=|=)"/g)].map(([, label = '']) => label),
  ]
  const unknownNames = names.filter(name => table[name] === undefined)
  return [...empty, ...unknownNames, ...labels.filter(label => !known.includes(label))]
}

t.test('alerts, their tests and the dashboard name only metrics and labels that Sluice has', async t => {
  t.same(unknownOf('sum by (rout) (sluice_nothing_total{kind="x"})'), ['sluice_nothing_total', 'rout', 'kind'], 'an unknown one is seen')
  t.same(unknownOf('sum({__name__=~"sluice_nothing_.*"})'), ['sluice_nothing_.*'], 'so is a pattern of none')
  for (const { alert, expr } of rules) t.same(unknownOf(expr), [], alert)
  for (const { series } of tests.tests.flatMap(test => test.input_series)) t.same(unknownOf(series), [], series)
  for (const { title, targets } of dashboard.panels) {
    for (const { expr, legendFormat } of targets) {
      t.same(unknownOf(expr), [], title)
      for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) {
        t.ok(addedLabels.includes(label) || unknownOf(`${expr} ${label}="`).length === 0, `${title}: ${label}`)
      }
    }
  }
})

t.test('each alert says what it means, what to do and where to read on, and is seen to fire', async t => {
  /** From its heading to the next one. */
  const sectionOf = (page: string, anchor: string) => read(`../${page}`).split(/\n(?=#+ )/).find(section => {
    const [heading = ''] = section.split('\n', 1)
    return heading.replace(/^#+ /, '').toLowerCase().replace(/[^\w -]/g, '').replaceAll(' ', '-') === anchor
  }) ?? ''
  const fired = new Set(tests.tests.flatMap(test => test.alert_rule_test)
    .filter(each => each.exp_alerts.length > 0).map(each => each.alertname))
  t.ok(rules.length > 0)
  for (const { alert, expr, annotations } of rules) {
    t.ok(annotations['summary'], alert)
    t.ok(annotations['description'], alert)
    const [page = '', anchor = ''] = (annotations['runbook'] ?? '').split('#')
    t.match(page, /^docs\/[\w-]+\.md$/, alert)
    const section = sectionOf(page, anchor)
    const names = [alert, ...expr.match(/\b(?:sluice|process)_\w+/g) ?? []]
    t.ok(names.some(name => section.includes(name)), `${alert}: ${page}#${anchor} tells of it`)
    t.ok(fired.has(alert), `${alert} has a test in which it fires`)
  }
})

t.test('images of the compose file have versions', async t => {
  for (const [name, { image, build }] of Object.entries(services)) {
    if (build === undefined) t.match(image, /:v?\d+[\w.]*(?:-\w+)?$/, name)
  }
})

t.test('Sluice in the compose file starts without a mistake or a warning, shows lines, and has the time to stop', async t => {
  const { environment = {}, stop_grace_period: grace } = services['sluice'] ?? {}
  const awsEnv = Object.fromEntries([...read('aws.env').matchAll(/^(\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]))
  for (const given of [{}, awsEnv] as Record<string, string>[]) {
    const env = Object.fromEntries(Object.entries(environment).map(([name, value]) => {
      return [name, String(value).replace(/\$\{(\w+):-([^}]*)\}/g, (_, variable: string, usual: string) => given[variable] ?? usual)]
    }))
    const { config, warnings } = loadConfig({ env, readFile: readerOf({}) })
    t.same(warnings, [])
    t.equal(config.bucket, given['SLUICE_BUCKET'] ?? '')
    t.ok(config.http !== 'off' && shownOn({ page: config.httpPage, token: config.httpToken, host: config.http.host }) === 'samples')
    t.match(String(services['look']?.command), `or ${config.httpToken}.`, 'who looks is told the token')
    t.equal(config.logGroup, given['SLUICE_LOG_GROUP'] ?? '')
    t.ok(Number.parseInt(grace ?? '', 10) * 1000 > config.stop.deadline, `${grace} for ${config.stop.deadline} ms`)
  }
})

/** A query of the dashboard as Grafana asks it: of all instances, of a quarter of an hour. */
const asked = (query: string) => query.replaceAll('$instance', '.*').replaceAll('$__rate_interval', '4m').replaceAll('$__range', '15m')

const hasPromtool = spawnSync('promtool', ['--version']).status === 0
const promtool = { skip: hasPromtool ? false : 'needs promtool: apt-get install prometheus' }

t.test('Prometheus reads the rules, and each fires when it must and not before', promtool, async t => {
  const cwd = resolve(docker, 'prometheus')
  for (const args of [['check', 'rules', 'alerts.yml'], ['test', 'rules', 'alerts.test.yml']]) {
    const { status, stdout, stderr } = spawnSync('promtool', args, { cwd, encoding: 'utf8' })
    t.equal(status, 0, `${args.join(' ')}\n${stdout}${stderr}`)
  }
})

t.test('Prometheus reads every query of the dashboard, each of the chosen instances', promtool, async t => {
  const queries = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr))
  for (const query of queries) {
    const count = (pattern: RegExp) => [...query.matchAll(pattern)].length
    t.equal(count(/\binstance=~"\$instance"/g), count(/\b(?:(?:sluice|process|nodejs)_\w+|up(?={))/g), query)
  }
  const file = resolve(t.testdir({}), 'queries.yml')
  const check = (expressions: readonly string[]) => {
    const rules = expressions.map((expr, index) => ({ record: `query_${index}`, expr: asked(expr) }))
    writeFileSync(file, stringify({ groups: [{ name: 'queries', rules }] }))
    return spawnSync('promtool', ['check', 'rules', file], { encoding: 'utf8' })
  }
  const { status, stderr } = check(queries)
  t.equal(status, 0, stderr)
  t.not(check(['sum by (route (sluice_spool_bytes)']).status, 0, 'one that is none is found')
})

t.test('the dashboard has room for a scrape a minute, which is what Prometheus does unless it is told otherwise', t => {
  for (const { expr } of dashboard.panels.flatMap(({ targets }) => targets)) {
    for (const [, range = ''] of expr.matchAll(/\[([^\]]+)\]/g)) t.match(range, /^(?:\$__rate_interval|\$__range|5m)$/, expr)
  }
  t.end()
})

t.test('each curve of the dashboard has a name of its own where two tasks are scraped', t => {
  for (const { title, targets } of dashboard.panels) {
    for (const { expr, legendFormat } of targets) {
      if (!/\b(?:sum|max)\b/.test(expr)) t.match(legendFormat, /\{\{instance\}\}/, title)
    }
  }
  t.end()
})

/** What a panel shows after ten minutes of these series, a sample a minute. */
function shown (
  t: Test, title: string, series: readonly { series: string, values: string }[], expected: readonly object[]
): void {
  const file = resolve(t.testdir({}), 'shown.yml')
  const [expr = ''] = dashboard.panels.filter(panel => panel.title === title).flatMap(({ targets }) => targets.map(each => asked(each.expr)))
  const test = { interval: '1m', input_series: series, promql_expr_test: [{ expr, eval_time: '10m', exp_samples: expected }] }
  writeFileSync(file, stringify({ evaluation_interval: '1m', tests: [test] }))
  const { status, stderr } = spawnSync('promtool', ['test', 'rules', file], { encoding: 'utf8' })
  t.equal(status, 0, stderr)
}

t.test('the dashboard shows what was lost before a task started anew, or ended', promtool, async t => {
  shown(t, 'Lost or refused', [
    { series: 'sluice_records_dropped_total{route="error",reason="quota",instance="again"}', values: '0 3 3 3 0x10' },
    { series: 'sluice_records_dropped_total{route="error",reason="quota",instance="ended"}', values: '0 2 2 _x10' },
  ], [{ labels: '{}', value: 5 }])
})

t.test('the dashboard shows a signal that came once, as Apache says most', promtool, async t => {
  shown(t, 'Signals', [
    { series: 'sluice_signals_total{signal="workers_exhausted",container="web",instance="one"}', values: '_x8 1 1 1' },
  ], [{ labels: '{container="web", signal="workers_exhausted"}', value: 1 }])
})
