import t from 'tap'
import { destinationsIn } from '../../src/config/destinations-in.ts'
import { loadConfig } from '../../src/config/load.ts'
import { copiesOf, routesOf, type Route } from '../../src/pipeline/routes.ts'
import { readerOf } from '../support/read-file.ts'

function routes (yaml: string, env: Readonly<Record<string, string>> = {}) {
  const { config } = loadConfig({ env: { ...env, SLUICE_CONFIG_YAML: yaml }, readFile: readerOf({}) })
  return Object.fromEntries(routesOf(config)
    .map(({ name, kind, destination, template }) => [name, { kind, template, ...destination }]))
}
const both = { SLUICE_BUCKET: 'shared-logs', SLUICE_LOG_GROUP: '/shared' }

t.test('with nothing set, every class goes to files', async t => {
  t.match(routes(''), {
    access: { kind: 'objects', sink: 'file' },
    error: { kind: 'events', sink: 'file' },
    app: { kind: 'objects', sink: 'file' },
    invalid: { kind: 'objects', sink: 'file' },
  })
})

t.test('an entry that changes nothing about where lines go makes no route', async t => {
  t.same(Object.keys(routes('containers: { web: { exclude: [ELB] }, b: {}, c: { logGroup: /shared }, d: { region: eu-west-1 } }', both)),
    ['access', 'error', 'app', 'invalid'])
})

t.test('a container has its own group and bucket, in its own region; the rest is as everywhere', async t => {
  const found = routes('containers: { web: { logGroup: /web, region: eu-west-1, stream: "{task}" }, batch: { bucket: batch-logs, roleArn: "arn:aws:iam::123456789012:role/r" } }', both)
  t.same(Object.keys(found).slice(4), ['error.web', 'access.batch', 'app.batch', 'invalid.batch'])
  t.match(found['error.web'], { kind: 'events', sink: 'cloudwatch', group: '/web', region: 'eu-west-1', template: '{task}' })
  t.match(found['access.batch'], { kind: 'objects', sink: 's3', bucket: 'batch-logs', region: '', roleArn: 'arn:aws:iam::123456789012:role/r' })
  t.match(found['access'], { bucket: 'shared-logs', roleArn: '' })
})

t.test('all lines of a container go to the only destination that it has, where the class has none', async t => {
  const group = routes('containers: { web: { logGroup: /web } }')
  for (const name of ['access', 'error', 'app', 'invalid']) {
    t.match(group[`${name}.web`], { kind: 'events', sink: 'cloudwatch', group: '/web' }, name)
    t.equal(group[name]?.sink, 'file')
  }
  const bucket = routes('containers: { web: { bucket: web-logs } }')
  for (const name of ['access', 'error', 'app', 'invalid']) {
    t.match(bucket[`${name}.web`], { kind: 'objects', sink: 's3', bucket: 'web-logs' }, name)
  }
  t.match(routes('containers: { web: { bucket: web-logs } }', { SLUICE_LOG_GROUP: '/shared' }), { 'access.web': { sink: 's3' } })
  t.notOk('error.web' in routes('containers: { web: { bucket: web-logs } }', { SLUICE_LOG_GROUP: '/shared' }))
})

t.test('a class goes where its setting says, invalid lines with the access lines', async t => {
  const group = routes('routes: { access: { to: cloudwatch }, app: { to: cloudwatch } }', { SLUICE_LOG_GROUP: '/shared' })
  for (const name of ['access', 'error', 'app', 'invalid']) t.match(group[name], { kind: 'events', sink: 'cloudwatch', group: '/shared' }, name)
  const bucket = routes('routes: { error: { to: s3 } }', both)
  for (const name of ['access', 'error', 'app', 'invalid']) t.match(bucket[name], { kind: 'objects', sink: 's3' }, name)
})

t.test('storms have a route only where they are diverted: objects, in the bucket of the container where it has one', async t => {
  const yaml = 'containers: { web: { logGroup: /web, region: eu-west-1 }, shop: { bucket: shop-own, compression: zstd } }'
  t.notOk(Object.keys(routes(yaml, both)).some(name => name.startsWith('storm')))
  const on = { SLUICE_STORMS_DIVERT: 'true' }
  const found = routes(yaml, { ...both, ...on })
  t.same(Object.keys(found).filter(name => name.startsWith('storm')), ['storm', 'storm.shop'])
  t.match(found['storm'], { kind: 'objects', sink: 's3', bucket: 'shared-logs', region: '' })
  t.match(found['storm.shop'], { kind: 'objects', sink: 's3', bucket: 'shop-own' })
  t.match(routes(yaml, { ...on, SLUICE_LOG_GROUP: '/shared' }), { storm: { kind: 'objects', sink: 'file' }, 'storm.shop': { sink: 's3' } })
})

t.test('no route of one\'s own has a name that Sluice gives', async t => {
  for (const name of ['storm', 'error-s3', 'join']) t.throws(() => routes(`routes: { ${name}: { to: s3 } }`), { message: /unknown setting/ }, name)
  t.ok('storms' in routes('routes: { storms: { to: s3 } }'))
})

t.test('an error that becomes an object in the bucket of the copies is not stored there twice', async t => {
  const copies = (yaml: string, container?: string) => {
    const { config } = loadConfig({ env: { ...both, SLUICE_ERROR_COPY_TO_S3: 'true', SLUICE_CONFIG_YAML: yaml }, readFile: readerOf({}) })
    return copiesOf(config, 'error', container)
  }
  t.same(copies(''), ['error-s3'])
  t.same(copies('routes: { error: { to: s3 } }'), [])
  t.same(copies('routes: { error: { to: s3 } }\ncontainers: { web: { compression: zstd } }', 'web'), [])
  t.same(copies('routes: { error: { to: s3 } }\ncontainers: { web: { bucket: web-logs } }', 'web'), ['error-s3'])
})

t.test('an object that is not compressed is no larger than may be in memory, wherever that is said', async t => {
  const yaml = 'objects: { maxBytes: 256MiB }\ncontainers: { web: { compression: none } }\nroutes: { raw: { compression: none }, error: { copyTo: [raw] } }'
  const { config } = loadConfig({ env: { ...both, SLUICE_CONFIG_YAML: yaml }, readFile: readerOf({}) })
  const mib = 2 ** 20
  const found = Object.fromEntries(routesOf(config).map(({ name, segmentMaxBytes }) => [name, segmentMaxBytes / mib]))
  t.match(found, { access: 256, 'access.web': 16, raw: 16, error: 4 })
})

t.test('what the settings are told to have of destinations is what the routes have', async t => {
  const to = ['s3', 'cloudwatch'] as const
  const entries = ['{}', '{bucket: own-logs}', '{logGroup: /own}', '{bucket: own-logs, logGroup: /own}']
  const tos = to.flatMap(access => to.flatMap(app => to.map(error => `access: {to: ${access}}, app: {to: ${app}}, error: {to: ${error}, copyTo: [`)))
  for (const env of [{}, both, { SLUICE_BUCKET: 'shared-logs' }, { SLUICE_LOG_GROUP: '/shared' }]) {
    for (const [entry, kinds] of entries.flatMap(each => tos.map(all => [each, all] as const))) {
      for (const yaml of [`containers: {web: ${entry}}\nroutes: {${kinds}]}}`, `routes: {mine: ${entry.replace('{}', '{maxBytes: 1MiB}')}, ${kinds}mine]}}`]) {
        const { config } = loadConfig({ env: { ...env, SLUICE_CONFIG_YAML: yaml }, readFile: readerOf({}) })
        const all = routesOf(config)
        const { hasObjects, hasEvents, hasFiles, hasBucket, hasGroup } = destinationsIn(config)
        const of = (which: (route: Route) => boolean) => all.some(which)
        const found = { hasObjects, hasEvents, hasFiles }
        const wanted = {
          hasObjects: of(({ kind }) => kind === 'objects'),
          hasEvents: of(({ kind }) => kind === 'events'),
          hasFiles: of(({ destination }) => destination.sink === 'file'),
        }
        if (JSON.stringify(found) !== JSON.stringify(wanted)) t.same(found, wanted, `${yaml} ${JSON.stringify(env)}`)
        if (of(({ destination }) => destination.sink === 's3') && !hasBucket) t.fail(yaml)
        if (of(({ destination }) => destination.sink === 'cloudwatch') && !hasGroup) t.fail(yaml)
      }
    }
  }
  t.pass()
})
