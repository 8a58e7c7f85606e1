import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import t from 'tap'
import { readerOf } from '../support/read-file.ts'
import { parse } from 'yaml'
import { loadConfig } from '../../src/config/load.ts'
import { ledgerTable } from '../../src/telemetry/ledger-metrics.ts'
import { metricTable, type MetricDefinition } from '../../src/telemetry/metrics.ts'
import { processTable } from '../../src/telemetry/process-metrics.ts'

const docker = resolve(import.meta.dirname, '../../docker')
const read = (path: string) => readFileSync(resolve(docker, path), 'utf8')

const table: Readonly<Record<string, MetricDefinition>> = { ...ledgerTable, ...metricTable, ...processTable }

/** Labels that Prometheus adds, or Grafana and the rules keep. */
const addedLabels = ['instance', 'job', 'le']

interface Rule {
  readonly alert: string
  readonly expr: string
  readonly annotations: Readonly<Record<string, string>>
}
interface Service {
  readonly image?: string
  readonly build?: string
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
  const names = [...expression.matchAll(/\b(?:sluice|process|nodejs)_\w+/g)].map(([name]) => {
    const base = name.replace(/_(?:bucket|sum|count)$/, '')
    return table[base]?.type === 'histogram' ? base : name
  })
  const known = [...addedLabels, ...names.flatMap(name => table[name]?.labels ?? [])]
  const labels = [
    ...[...expression.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(',').map(label => label.trim())),
    ...[...expression.matchAll(/(\w+)(?:=~|!~|!=|=)"/g)].map(([, label = '']) => label),
  ]
  return [...names.filter(name => table[name] === undefined), ...labels.filter(label => !known.includes(label))]
}

t.test('alerts, their tests and the dashboard name only metrics and labels that Sluice has', async t => {
  t.same(unknownOf('sum by (rout) (sluice_nothing_total{kind="x"})'), ['sluice_nothing_total', 'rout', 'kind'], 'an unknown one is seen')
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
  const anchors = new Set(readFileSync(resolve(docker, '../docs/operations.md'), 'utf8').split('\n')
    .filter(line => line.startsWith('#'))
    .map(line => line.replace(/^#+ /, '').toLowerCase().replace(/[^\w -]/g, '').replaceAll(' ', '-')))
  const fired = new Set(tests.tests.flatMap(test => test.alert_rule_test)
    .filter(each => each.exp_alerts.length > 0).map(each => each.alertname))
  t.ok(rules.length > 0)
  for (const { alert, annotations } of rules) {
    t.ok(annotations['summary'], alert)
    t.ok(annotations['description'], alert)
    const [page, anchor = ''] = (annotations['runbook'] ?? '').split('#')
    t.equal(page, 'docs/operations.md', alert)
    t.ok(anchors.has(anchor), `${alert}: ${anchor}`)
    t.ok(fired.has(alert), `${alert} has a test in which it fires`)
  }
})

t.test('images of the compose file have versions', async t => {
  for (const [name, { image, build }] of Object.entries(services)) {
    if (build === undefined) t.match(image, /:v?\d+[\w.]*(?:-\w+)?$/, name)
  }
})

t.test('Sluice in the compose file starts without a mistake or a warning, and has the time to stop', async t => {
  const { environment = {}, stop_grace_period: grace } = services['sluice'] ?? {}
  const awsEnv = Object.fromEntries([...read('aws.env').matchAll(/^(\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]))
  for (const given of [{}, awsEnv] as Record<string, string>[]) {
    const env = Object.fromEntries(Object.entries(environment).map(([name, value]) => {
      return [name, String(value).replace(/\$\{(\w+):-([^}]*)\}/g, (_, variable: string, usual: string) => given[variable] ?? usual)]
    }))
    const { config, warnings } = loadConfig({ env, readFile: readerOf({}) })
    t.same(warnings, [])
    t.equal(config.bucket, given['SLUICE_BUCKET'] ?? '')
    t.equal(config.logGroup, given['SLUICE_LOG_GROUP'] ?? '')
    t.ok(Number.parseInt(grace ?? '', 10) * 1000 > config.stop.deadline, `${grace} for ${config.stop.deadline} ms`)
  }
})
