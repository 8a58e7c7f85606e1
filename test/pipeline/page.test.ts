import t from 'tap'
import { loadConfig } from '../../src/config/load.ts'
import { noFacts } from '../../src/ecs/task-facts.ts'
import { healthReport } from '../../src/http/health.ts'
import { createPage } from '../../src/pipeline/page.ts'
import { routesOf } from '../../src/pipeline/routes.ts'
import { History } from '../../src/telemetry/history.ts'
import { Ledger } from '../../src/telemetry/ledger.ts'
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
  const metrics = new Metrics()
  return createPage({
    config,
    routes: routesOf(config),
    facts,
    instance: task,
    isDetailed,
    tail: { open: () => ({ missed: 0, close () {} }) },
    quotaBytesOf: () => 1_000,
    metrics,
    history: new History({ ledger: new Ledger(), metrics }),
    health: () => healthReport(healthFacts()),
    errors: () => [error],
    clock: new ManualClock(),
  })
}

const aws = { SLUICE_BUCKET: 'shop-logs', SLUICE_PREFIX: 'live/', SLUICE_LOG_GROUP: '/ecs/shop', SLUICE_ERROR_COPY_TO_S3: 'true' }

const linksOf = (name: string, env: Readonly<Record<string, string>>) =>
  pageOf({ ...aws, ...env })?.status().routes.find(route => route.name === name)?.links ?? []

t.test('each route has its place in the console, as far as the names are those of this task', async t => {
  const url = (name: string, env = {}) => linksOf(name, env).map(({ url }) => url).join(' ')
  t.match(url('error'), `strcontains*28*40logStream*2c*20*22${task}*22*29`)
  t.match(url('error', { SLUICE_EVENTS_STREAM: '{task}/{container}' }), new RegExp(`logStreamNameFilter\\$3D${task}\\$252F `))
  t.match(url('error', { SLUICE_EVENTS_STREAM: '{family}/{az}/{task}' }), /logStreamNameFilter\$3Dshop\$252F /, 'what is not known is left out of a name')
})

t.test('of objects, the link goes to the last folder that all keys of this task are in, and says of how many tasks it is', async t => {
  const prefixesOf = (env: Readonly<Record<string, string>>, name = 'access') =>
    linksOf(name, env).map(({ words, url }) => [words, new URL(url).searchParams.get('prefix')])
  const now = new Date(new ManualClock().wallMs()).toISOString()
  const hour = `dt=${now.slice(0, 10)}/hour=${now.slice(11, 13)}`
  const own = 'objects of this task'
  const all = 'objects of all tasks'
  t.same(prefixesOf({}), [[all, 'live/access/'], [`${all} in this hour`, `live/access/${hour}/`]], 'the usual key')
  t.same(prefixesOf({}, 'error-s3')[0], [all, 'live/error/'])
  const keyed = (key: string) => prefixesOf({ SLUICE_OBJECTS_KEY: key })
  t.same(keyed('{class}/{task}/%Y/{segment}'), [[own, `access/${task}/`]])
  const place = 'live/cellar/shop/12/_'
  const day = now.slice(8, 10)
  t.same(keyed('{prefix}{cluster}/{family}/{revision}/{az}/{class}-{task}.%d/{segment}'),
    [[all, `${place}/`], [`${own} in this day`, `${place}/access-${task}.${day}/`]], 'a name that goes on is no folder')
  t.same(keyed('{prefix}{class}-{segment}'), [[all, 'live/']])
  t.same(keyed('{prefix}{class}-{task}-{segment}'), [[all, 'live/']], 'whose names begin alike, but in a folder of all')
  t.same(keyed('{prefix}%%/%Y-%m/{segment}'), [[all, 'live/%/'], [`${all} in this month`, `live/%/${hour.slice(3, 10)}/`]])
  t.same(keyed('{segment}'), [[all, '']])
  t.same(keyed('{class}/{container}/{task}/{segment}'), [[all, 'access/']], 'whose container is not known')
  const web = { SLUICE_CONFIG_YAML: 'containers: { web: { bucket: web-logs, key: "{class}/{container}/{task}/{segment}" } }' }
  t.same(prefixesOf(web, 'access.web'), [[own, `access/web/${task}/`]])
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
