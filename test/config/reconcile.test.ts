import fc from 'fast-check'
import t from 'tap'
import { loadConfig, type LoadedConfig } from '../../src/config/load.ts'

function load (env: Record<string, string>): LoadedConfig {
  return loadConfig({ env: { SLUICE_BUCKET: 'shop-logs', SLUICE_LOG_GROUP: '/errors', ...env }, readFile: () => '' })
}

t.test('a quota of the whole spool reduces those of the routes in proportion, and only where they exceed it', async t => {
  const { config: { routes }, warnings } = load({ SLUICE_SPOOL_MAX_BYTES: '100MiB' })
  t.same([routes.access.maxBytes, routes.app.maxBytes, routes.error.maxBytes], [2 ** 26, 2 ** 24, 2 ** 24])
  t.same(warnings, [], 'nobody asked for the quotas that gave way')
  t.equal(load({ SLUICE_SPOOL_MAX_BYTES: '4TiB' }).config.routes.access.maxBytes, 2 ** 30)
})

t.test('what was asked for and gives way warns with the place that asked', async t => {
  const cases: readonly (readonly [Record<string, string>, string])[] = [
    [{ SLUICE_SPOOL_MAX_BYTES: '100MiB', SLUICE_ROUTES_ERROR_MAX_BYTES: '256MiB' },
      'SLUICE_ROUTES_ERROR_MAX_BYTES: routes.error.maxBytes is reduced: its share of spool.maxBytes is 16MiB'],
    [{ SLUICE_OBJECTS_MAX_BYTES: '32MiB', SLUICE_OBJECTS_COMPRESSION: 'none' },
      'SLUICE_OBJECTS_MAX_BYTES: objects.maxBytes is reduced: with objects.compression none it is at most 16MiB'],
    [{ SLUICE_JOIN_PARTIALS_MAX_BYTES: '2MiB', SLUICE_JOIN_PARTIALS_MAX_TOTAL_BYTES: '1MiB' },
      'SLUICE_JOIN_PARTIALS_MAX_BYTES: join.partials.maxBytes is reduced: join.partials.maxTotalBytes is 1MiB'],
    [{ SLUICE_JOIN_TRACES_MAX_BYTES: '2MiB', SLUICE_JOIN_TRACES_MAX_TOTAL_BYTES: '1MiB' },
      'SLUICE_JOIN_TRACES_MAX_BYTES: join.traces.maxBytes is reduced: join.traces.maxTotalBytes is 1MiB'],
    [{ SLUICE_DELIVERY_BACKOFF_MIN: '10s', SLUICE_DELIVERY_BACKOFF_MAX: '1s' },
      'SLUICE_DELIVERY_BACKOFF_MIN: delivery.backoffMin is reduced: delivery.backoffMax is 1s'],
    [{ SLUICE_OBJECTS_LEVEL: '12' }, 'SLUICE_OBJECTS_LEVEL: objects.level is reduced: the highest level of gzip is 9'],
  ]
  for (const [env, warning] of cases) t.same(load(env).warnings, [warning])
})

t.test('a key of KMS means that objects are encrypted with it, whatever else is said', async t => {
  const key = { SLUICE_S3_KMS_KEY_ID: 'alias/logs' }
  const cases: readonly (readonly [Record<string, string>, string, readonly string[]])[] = [
    [{}, 'bucket', []],
    [key, 'aws:kms', []],
    [{ ...key, SLUICE_S3_ENCRYPTION: 'aws:kms:dsse' }, 'aws:kms:dsse', []],
    [{ ...key, SLUICE_S3_ENCRYPTION: 'AES256' }, 'aws:kms',
      ['SLUICE_S3_ENCRYPTION: s3.encryption is changed: with s3.kmsKeyId it is aws:kms']],
    [{ SLUICE_S3_ENCRYPTION: 'aws:kms:dsse', SLUICE_S3_BUCKET_KEY: 'on' }, 'aws:kms:dsse',
      ['SLUICE_S3_BUCKET_KEY: s3.bucketKey is changed: s3.encryption aws:kms:dsse has no bucket keys']],
  ]
  for (const [env, encryption, warnings] of cases) {
    const loaded = load(env)
    t.same([loaded.config.s3.encryption, loaded.warnings], [encryption, warnings], JSON.stringify(env))
    t.equal(loaded.config.s3.bucketKey, encryption !== 'aws:kms:dsse')
  }
})

t.test('an entity that would cost whole batches is left out', async t => {
  const keys = 'SLUICE_CLOUDWATCH_ENTITY_KEY_ATTRIBUTES'
  const more = 'SLUICE_CLOUDWATCH_ENTITY_ATTRIBUTES'
  const one = load({ [keys]: 'Type=Service', [more]: 'a=b' })
  t.same(one.config.cloudwatch.entity, { keyAttributes: [], attributes: [] })
  t.same(one.warnings, [
    `${keys}: cloudwatch.entity.keyAttributes is left out: an entity needs at least two`,
    `${more}: cloudwatch.entity.attributes is left out: cloudwatch.entity.keyAttributes is empty`,
  ])
  const whole = load({ [keys]: 'Type=Service,Name=shop', [more]: 'a=b' })
  t.same(whole.config.cloudwatch.entity, { keyAttributes: ['Type=Service', 'Name=shop'], attributes: ['a=b'] })
  t.same(whole.warnings, [])
})

t.test('settings that agree are left alone', async t => {
  const { config, warnings } = load({ SLUICE_OBJECTS_LEVEL: '12', SLUICE_OBJECTS_COMPRESSION: 'zstd' })
  t.same([config.objects.level, warnings], [12, []])
})

t.test('a small quota of one route makes the objects of the others no smaller', async t => {
  const { config, warnings } = load({ SLUICE_ROUTES_APP_MAX_BYTES: '1MiB', SLUICE_OBJECTS_MAX_BYTES: '32MiB' })
  t.same([config.objects.maxBytes, warnings], [2 ** 25, []])
})

t.test('an adjusted setting says why in its origin', async t => {
  const { origins } = load({ SLUICE_OBJECTS_LEVEL: '12', SLUICE_SPOOL_MAX_BYTES: '100MiB' })
  t.equal(origins.get('objects.level'), 'SLUICE_OBJECTS_LEVEL, but the highest level of gzip is 9')
  t.equal(origins.get('routes.error.maxBytes'), 'its share of spool.maxBytes is 16MiB')
})

t.test('whatever the quotas are, together they fit into that of the spool', async t => {
  const size = fc.integer({ min: 1024, max: 2 ** 22 }).map(kibibytes => `${kibibytes}KiB`)
  const total = fc.integer({ min: 4, max: 2 ** 22 }).map(mebibytes => `${mebibytes}MiB`)
  fc.assert(fc.property(size, size, size, size, total, (access, app, error, invalid, totalSize) => {
    const { routes, spool } = load({
      SLUICE_ROUTES_ACCESS_MAX_BYTES: access,
      SLUICE_ROUTES_APP_MAX_BYTES: app,
      SLUICE_ROUTES_ERROR_MAX_BYTES: error,
      SLUICE_ROUTES_INVALID_MAX_BYTES: invalid,
      SLUICE_SPOOL_MAX_BYTES: totalSize,
    }).config
    const sum = Object.values(routes).reduce((bytes, { maxBytes }) => bytes + maxBytes, 0)
    return spool.maxBytes !== 'off' && sum <= spool.maxBytes
  }), { numRuns: 200 })
})

t.test('with preset none no keys are those of secrets but those that somebody lists', async t => {
  const none = load({ SLUICE_REDACT_PRESET: 'none' })
  t.same([none.config.redact.keys, none.warnings], [[], []])
  const listed = load({ SLUICE_REDACT_PRESET: 'none', SLUICE_REDACT_KEYS: 'otp,pin' })
  t.same([listed.config.redact.keys, listed.warnings], [['otp', 'pin'], []])
})
