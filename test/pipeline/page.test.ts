import t from 'tap'
import { loadConfig } from '../../src/config/load.ts'
import { noFacts } from '../../src/ecs/task-facts.ts'
import { healthReport } from '../../src/http/health.ts'
import { createPage } from '../../src/pipeline/page.ts'
import { routesOf } from '../../src/pipeline/routes.ts'
import { Metrics } from '../../src/telemetry/metrics.ts'
import { healthFacts } from '../support/http-dependencies.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { readerOf } from '../support/read-file.ts'

const task = '0123456789abcdef0123456789abcdef'
const facts = { ...noFacts, cluster: 'cellar', task, family: 'shop', revision: '12' }
const error = {
  fingerprint: 'aaaa', origin: 'php', level: 'warn', container: 'web', count: 1, overcount: 0, firstAtMs: 0, lastAtMs: 0, example: 'x',
}

function pageOf (env: Readonly<Record<string, string>>, isDetailed = true) {
  const { config } = loadConfig({ env: { SLUICE_S3_REGION: 'eu-west-1', SLUICE_CLOUDWATCH_REGION: 'eu-west-1', ...env }, readFile: readerOf({}) })
  return createPage({
    config,
    routes: routesOf(config),
    facts,
    instance: task,
    isDetailed,
    tail: { open: () => ({ missed: 0, close () {} }) },
    quotaBytesOf: () => 1_000,
    metrics: new Metrics(),
    health: () => healthReport(healthFacts()),
    errors: () => [error],
    clock: new ManualClock(),
  })
}

const aws = { SLUICE_BUCKET: 'shop-logs', SLUICE_PREFIX: 'live/', SLUICE_LOG_GROUP: '/ecs/shop', SLUICE_ERROR_COPY_TO_S3: 'true' }

t.test('each route has its place in the console, as far as the names are those of this task', async t => {
  const { routes = [] } = pageOf(aws)?.status() ?? {}
  const urls = Object.fromEntries(routes.map(({ name, links }) => [name, links.map(({ url }) => url).join(' ')]))
  t.match(urls['access'], 'shop-logs?region=eu-west-1&prefix=live%2Faccess%2F&')
  t.match(urls['error-s3'], 'prefix=live%2Ferror%2F&')
  t.match(urls['error'], `strcontains*28*40logStream*2c*20*22${task}*22*29`)
  const named = pageOf({ ...aws, SLUICE_EVENTS_STREAM: '{task}/{container}', SLUICE_OBJECTS_KEY: '{class}/{task}/%Y/{segment}' })?.status().routes ?? []
  const one = (name: string) => named.find(route => route.name === name)?.links[0]?.url
  t.match(one('error'), new RegExp(`logStreamNameFilter\\$3D${task}\\$252F$`))
  t.match(one('access'), `prefix=access%2F${task}%2F&`)
})

t.test('where the page may not name places, it has no links, and says which task it is', async t => {
  const status = pageOf(aws, false)?.status()
  t.same(status?.routes.flatMap(({ links }) => links), [])
  t.same(status?.task, { words: `shop:12, task ${task}`, links: [] })
})

t.test('a copy of errors is drawn from their class, a route of one\'s own from none', async t => {
  const routes = pageOf({ ...aws, SLUICE_CONFIG_YAML: 'routes: { audit: { to: s3 } }' })?.status().routes ?? []
  const classOf = (name: string) => routes.find(route => route.name === name)?.class
  t.same(['access', 'error-s3', 'audit'].map(classOf), ['access', 'error', ''])
})

t.test('lines are shown to callers of this machine or with a token; else the page says what to set', async t => {
  for (const [env, shows, words] of [
    [{ SLUICE_HTTP: '127.0.0.1:2020' }, true, /^$/],
    [{ SLUICE_HTTP_TOKEN: 'a-token-of-this-test' }, true, /^$/],
    [{}, false, /^Lines are not shown: http listens on 0\.0\.0\.0.*Set httpToken/],
    [{ SLUICE_HTTP_PAGE: 'samples' }, false, /^httpPage: samples has no effect\. /],
    [{ SLUICE_HTTP_PAGE: 'status' }, false, /httpPage is status/],
  ] as const) {
    const page = pageOf(env)
    t.equal(page?.tail !== undefined, shows, JSON.stringify(env))
    t.match(page?.status().noLines, words)
  }
  t.equal(pageOf({ SLUICE_HTTP_PAGE: 'off' }), undefined)
  t.equal(pageOf({ SLUICE_HTTP: 'off' }), undefined)
})
