import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { RouteReport } from '../../src/http/health.ts'
import type { Aws } from '../support/aws/server.ts'
import { deliveredLines } from '../support/delivered.ts'
import { askAt, type Operator } from '../support/operator.ts'
import { sendRecords } from '../support/sender.ts'
import type { ExitReport, SluiceProcess } from '../support/sluice-process.ts'
import { until } from '../support/until.ts'
import { bucket, eventMarks, group, lines, markOf, objectMarks, sentMarks, startWorld, storedTwice } from './aws-world.ts'

t.setTimeout(1_800_000)

/** SIGTERM, and the report of what came of it. */
async function stop (t: Test, sluice: SluiceProcess, exitCode = 0): Promise<ExitReport> {
  sluice.kill('SIGTERM')
  t.equal(await sluice.exited, exitCode, sluice.output())
  const report = sluice.report()
  t.ok(report.balanced, 'the ledger balances')
  return report
}

/** What health says of the routes that the lines of these tests take. */
async function busyRoutes (operator: Operator): Promise<RouteReport[]> {
  const { routes } = await operator.health()
  return ['access', 'error', 'app'].map(name => routes[name]).filter(route => route !== undefined)
}

/** Everything arrived once, and no rule of AWS was broken. */
function arrivedOnce (t: Test, aws: Aws, sent: ReturnType<typeof lines>): void {
  t.same(objectMarks(aws), sentMarks(sent, 'stdout'), 'every access and app line is in one object')
  t.same(eventMarks(aws).sort(), sentMarks(sent, 'stderr'), 'every error line is one event')
  t.same(storedTwice(aws), [])
  t.same(aws.state.violations, [])
}

t.test('two variables are enough: errors to CloudWatch Logs, access and app lines to S3', async t => {
  const { aws, start } = await startWorld(t)
  const sluice = start({ SLUICE_PREFIX: 'production/' })
  const [, routes = ''] = await sluice.printed(/"routes":(\{[^}]*\}).*"started"/)
  const toS3 = 's3: s3://shop-logs/production/'
  t.match(JSON.parse(routes), { access: toS3, error: `cloudwatch: ${group}`, app: toS3 })
  const sent = lines(50)
  await sendRecords(sluice.socketPath, sent)
  t.match(await stop(t, sluice), { received: 150, delivered: 150, pending: 0, dropped: 0, rejected: 0 })

  const hour = String.raw`dt=\d{4}-\d\d-\d\d/hour=\d\d/task1-\d{10}-[0-9a-f]{32}-\d+-\d+-[0-9a-f]{8}\.ndjson\.gz`
  for (const { key } of aws.state.objects(bucket)) t.match(key, new RegExp(`^production/(access|app)/${hour}$`))
  t.same(aws.state.streams(), [[group, 'web/task1/error']])
  const inOrder = sent.filter(({ fields }) => fields['source'] === 'stderr').map(({ fields }) => markOf(fields['log'] ?? ''))
  t.same(eventMarks(aws), inOrder, 'events of one stream come in their order')
  t.equal(objectMarks(aws).length, 100)
  t.same(aws.state.violations, [])
  t.notMatch(sluice.output(), /is not set/)
})

t.test('what is set of S3 and CloudWatch Logs arrives there with the lines', async t => {
  const { aws, start } = await startWorld(t)
  aws.state.deleteGroup(group)
  aws.state.createBucket({ name: bucket, ownerId: '000000000001', acls: true })
  const kmsKeyId = 'arn:aws:kms:us-east-1:123456789012:key/1a'
  const sluice = start({
    SLUICE_S3_TAGS: 'team=web,cost centre=a=b',
    SLUICE_S3_ACL: 'bucket-owner-full-control',
    SLUICE_S3_EXPECTED_BUCKET_OWNER: '000000000001',
    SLUICE_S3_STORAGE_CLASS: 'GLACIER',
    SLUICE_S3_KMS_KEY_ID: 'alias/logs',
    SLUICE_S3_BUCKET_KEY: 'off',
    SLUICE_S3_CHECKSUM: 'SHA256',
    SLUICE_CLOUDWATCH_CREATE_GROUP: 'on',
    SLUICE_CLOUDWATCH_GROUP_TAGS: 'team=web',
    SLUICE_CLOUDWATCH_GROUP_CLASS: 'INFREQUENT_ACCESS',
    SLUICE_CLOUDWATCH_KMS_KEY_ID: kmsKeyId,
    SLUICE_CLOUDWATCH_ENTITY_KEY_ATTRIBUTES: 'Type=Service,Name=shop,Environment=production',
    SLUICE_CLOUDWATCH_ENTITY_ATTRIBUTES: 'PlatformType=AWS::ECS',
  })
  await sluice.printed(/"started"/)
  const sent = lines(10)
  await sendRecords(sluice.socketPath, sent)
  t.match(await stop(t, sluice), { received: 30, delivered: 30, pending: 0, rejected: 0 })
  arrivedOnce(t, aws, sent)
  for (const object of aws.state.objects(bucket)) {
    t.match(object, {
      tags: { team: 'web', 'cost centre': 'a=b' },
      acl: 'bucket-owner-full-control',
      expectedBucketOwner: '000000000001',
      storageClass: 'GLACIER',
      encryption: { algorithm: 'aws:kms', kmsKeyId: 'alias/logs', bucketKey: false },
    })
    t.same(Object.keys(object.checksums), ['sha256'])
  }
  t.match(aws.state.groups.get(group), { tags: { team: 'web' }, kmsKeyId, logGroupClass: 'INFREQUENT_ACCESS' })
  t.match(aws.state.batches[0]?.entity, {
    keyAttributes: { Type: 'Service', Name: 'shop', Environment: 'production' },
    attributes: { PlatformType: 'AWS::ECS' },
  })
})

t.test('a bucket that is somebody else\'s gets nothing, and health says whose was expected', async t => {
  const { aws, start } = await startWorld(t)
  aws.state.createBucket({ name: bucket, ownerId: '000000000002' })
  const sluice = start({ SLUICE_S3_EXPECTED_BUCKET_OWNER: '000000000001', SLUICE_S3_TAGS: 'team=web' })
  const operator = await askAt(sluice)
  const sent = lines(5)
  await sendRecords(sluice.socketPath, sent)
  const [access] = await until('the route is paused', () => busyRoutes(operator), ([route]) => route?.state === 'paused')
  t.match(access?.summary, /allow s3:PutObject, s3:PutObjectTagging on .*the bucket is of account 000000000001/)
  t.equal(access?.lastError?.reason, 'denied')
  t.same(aws.state.objects(bucket), [])
  aws.state.createBucket({ name: bucket, ownerId: '000000000001' })
  t.match(await stop(t, sluice), { received: 15, delivered: 15, pending: 0, rejected: 0 })
  arrivedOnce(t, aws, sent)
})

t.test('one of the two without the other is fine: the rest goes to files, and the start says so', async t => {
  const cases = [
    { env: { SLUICE_BUCKET: '' }, words: /SLUICE_BUCKET is not set: access lines go to files/, files: ['access', 'app'] },
    { env: { SLUICE_LOG_GROUP: '' }, words: /SLUICE_LOG_GROUP is not set: errors go to files/, files: ['error'] },
  ] as const
  for (const { env, words, files } of cases) {
    const { aws, start } = await startWorld(t)
    const sluice = start(env)
    await sluice.printed(words)
    await sendRecords(sluice.socketPath, lines(10))
    t.match(await stop(t, sluice), { received: 30, delivered: 30, pending: 0 })
    const delivered = deliveredLines(sluice.dataDir)
    for (const name of ['access', 'app', 'error'] as const) {
      t.equal(delivered[name].length, files.some(each => each === name) ? 10 : 0, `${name} in files`)
    }
    t.equal(objectMarks(aws).length + eventMarks(aws).length, 30 - files.length * 10)
  }
})

t.test('each service may be away while the other goes on', async t => {
  for (const [down, up] of [['logs', 's3'], ['s3', 'logs']] as const) {
    const { aws, start } = await startWorld(t)
    aws.faults.set(down, { mode: 'reset' })
    const sluice = start()
    const operator = await askAt(sluice)
    const sent = lines(20)
    await sendRecords(sluice.socketPath, sent)
    const isDown = (sink: string) => (sink === 'cloudwatch') === (down === 'logs')
    const routes = await until(`all but ${down} is delivered`, () => busyRoutes(operator), found =>
      found.every(({ sink, state, pendingRecords }) =>
        isDown(sink) ? state === 'paused' && pendingRecords === 20 : pendingRecords === 0))
    for (const { summary } of routes.filter(({ sink }) => isDown(sink))) {
      t.match(summary, /paused for .* no connection to .*ECONNRESET.*20 records .*waiting/)
    }
    t.equal(await operator.live(), 200)
    await aws.state.until(() => up === 's3' ? objectMarks(aws).length === 40 : eventMarks(aws).length === 20)
    aws.faults.clear()
    await until('all is delivered', () => operator.health(), ({ ledger }) => ledger.pending.total === 0)
    arrivedOnce(t, aws, sent)
    t.match(await stop(t, sluice), { received: 60, delivered: 60, pending: 0, dropped: 0 })
    const paused = sluice.output().match(/"delivery paused"/g)?.length
    t.equal(paused, down === 'logs' ? 1 : 2, 'one line for each route that paused')
    t.equal(sluice.output().match(/"delivery resumed"/g)?.length, paused)
  }
})

t.test('streams are sent to at the same time, each in its own order; one that waits holds up no other', async t => {
  const { aws, start } = await startWorld(t)
  const sluice = start({ SLUICE_STOP_DEADLINE: '1m' })
  await sluice.printed(/"started"/)
  const record = (container: string, index: number) => ({
    timeMs: Date.now(),
    fields: { source: 'stderr', log: `PHP Warning:  error-${container}-${index}.`, container_name: `/${container}` },
  })
  aws.faults.set('logs', { mode: 'hang', match: 'error-stuck-' })
  const containers = ['stuck', 'web', 'fpm']
  const send = async (from: number) => await sendRecords(sluice.socketPath,
    Array.from({ length: 20 }, (_, index) => containers.map(name => record(name, from + index))).flat())
  await send(0)
  await aws.state.until(() => eventMarks(aws).length === 40)
  await send(20)
  await aws.state.until(() => eventMarks(aws).length === 80)
  t.ok(aws.state.mostInFlightCount('PutLogEvents') > 1)
  aws.faults.clear()
  // What hangs is given up soon after the process begins to stop.
  t.match(await stop(t, sluice), { received: 120, delivered: 120, pending: 0 })
  for (const name of containers) {
    const events = aws.state.events(group, `${name}/task1/error`).map(({ message }) => markOf(message))
    t.same(events, Array.from({ length: 40 }, (_, index) => `error-${name}-${index}.`), name)
  }
  t.same(aws.state.violations, [])
})

t.test('what CloudWatch Logs refuses for good is kept with the reason, and costs no other event', async t => {
  const { aws, start } = await startWorld(t)
  aws.faults.set('logs', { mode: 'invalid', match: 'poison' })
  const sluice = start()
  await sluice.printed(/"started"/)
  const sent = lines(100)
  const hourMs = 3_600_000
  const odd = [[-15 * 24 * hourMs, 'old'], [3 * hourMs, 'new'], [0, 'poison']] as const
  const refused = odd.map(([offsetMs, name]) => ({
    timeMs: Date.now() + offsetMs,
    fields: { source: 'stderr', log: `PHP Warning:  error-${name}-0.`, container_name: '/web' },
  }))
  await sendRecords(sluice.socketPath, [...sent.slice(0, 150), ...refused, ...sent.slice(150)])
  const report = await stop(t, sluice)
  t.match(report, { received: 303, delivered: 300, rejected: 3, pending: 0, dropped: 0 })
  t.same(report.by['rejected'], { 'error/too_old': 1, 'error/too_new': 1, 'error/invalid': 1 })
  arrivedOnce(t, aws, sent)

  const path = join(sluice.dataDir, 'task1/dead-letter/error.ndjson')
  const letters = readFileSync(path, 'utf8').split('\n').slice(0, -1)
    .map(line => JSON.parse(line) as { readonly reason: string, readonly record: { readonly m: string } })
    .map(({ reason, record }) => `${reason} ${markOf(record.m)}`)
  t.same(letters.sort(), ['invalid error-poison-0.', 'too_new error-new-0.', 'too_old error-old-0.'])
})

t.test('health says what is wrong in AWS and what to do; a restart is never the answer', async t => {
  const cases = [
    {
      name: 'denied',
      break: (aws: Aws) => { aws.faults.set('s3', { mode: 'denied' }); aws.faults.set('logs', { mode: 'denied' }) },
      access: /allow s3:PutObject on arn:aws:s3:::shop-logs\/\*/,
      error: /allow logs:PutLogEvents on arn:aws:logs:us-east-1:\*:log-group:\/ecs\/shop\/error:\*/,
      reasons: ['denied', 'denied'],
    },
    {
      name: 'no bucket, no group',
      break: (aws: Aws) => { aws.state.deleteBucket(bucket); aws.state.deleteGroup(group) },
      access: /bucket shop-logs does not exist: create it, or set SLUICE_BUCKET/,
      error: /log group \/ecs\/shop\/error does not exist in us-east-1: create it there, or set cloudwatch\.createGroup/,
      reasons: ['no_bucket', 'no_group'],
    },
    {
      name: 'wrong region',
      break: (aws: Aws) => { aws.faults.set('s3', { mode: 'region' }); aws.faults.set('logs', { mode: 'region' }) },
      access: /bucket shop-logs is not in us-east-1, S3 says it is in eu-west-1: set the region of S3 to eu-west-1/,
      error: /does not accept the credentials \(InvalidSignatureException\): check key, secret, region and clock/,
      reasons: ['wrong_region', 'credentials_invalid'],
    },
    {
      name: 'key of KMS',
      break: (aws: Aws) => { aws.faults.set('s3', { mode: 'kms' }); aws.faults.set('logs', { mode: 'kms' }) },
      access: /KMS does not encrypt with the default key of bucket shop-logs.*kms:GenerateDataKey/,
      error: /\/ecs\/shop\/error cannot be encrypted with its key .*its policy must let CloudWatch Logs of us-east-1 use it/,
      reasons: ['kms', 'kms'],
    },
  ]
  for (const { name, break: breakAws, access, error, reasons } of cases) {
    const { aws, start } = await startWorld(t)
    breakAws(aws)
    const sluice = start()
    const operator = await askAt(sluice)
    const sent = lines(5)
    await sendRecords(sluice.socketPath, sent)
    const [accessRoute, errorRoute] = await until(`${name}: every route is paused`, () => busyRoutes(operator),
      found => found.every(({ state }) => state === 'paused'))
    t.match(accessRoute?.summary, access, name)
    t.match(errorRoute?.summary, error, name)
    t.same([accessRoute?.lastError?.reason, errorRoute?.lastError?.reason], reasons)
    const { summary } = await operator.health()
    t.match(summary, /route access is paused.*15 records waiting; none dropped/)
    t.equal(await operator.live(), 200, 'alive')

    aws.faults.clear()
    if (!aws.state.buckets.has(bucket)) aws.state.createBucket({ name: bucket })
    if (!aws.state.groups.has(group)) aws.state.createGroup(group)
    // What was mended is tried at once when the process stops, without the pause.
    t.match(await stop(t, sluice), { received: 15, delivered: 15, pending: 0, dropped: 0, rejected: 0 })
    arrivedOnce(t, aws, sent)
  }
})

t.test('AWS that hangs holds up no stop: what is left stays in the spool, and the next start delivers it', async t => {
  const { aws, start } = await startWorld(t)
  aws.faults.set('s3', { mode: 'hang' })
  aws.faults.set('logs', { mode: 'hang' })
  const first = start({ SLUICE_STOP_DEADLINE: '5s', SLUICE_DELIVERY_REQUEST_TIMEOUT: '2m' })
  await first.printed(/"started"/)
  const sent = lines(30)
  await sendRecords(first.socketPath, sent)
  await aws.state.until(() => aws.state.requestCount('s3') > 0 && aws.state.requestCount('logs') > 0)
  const report = await stop(t, first, 75)
  t.match(report, { received: 90, delivered: 0, pending: 90, left: { access: 30, error: 30, app: 30 } })
  t.ok(report.stopMs < 120_000, `no request was waited for: ${report.stopMs} ms`)

  aws.faults.clear()
  const second = start()
  await second.printed(/"started"/)
  t.match(await stop(t, second), { recovered: 90, delivered: 90, pending: 0 })
  arrivedOnce(t, aws, sent)
})

t.test('one request that hangs when the process stops leaves time for the next', async t => {
  const { aws, start } = await startWorld(t)
  aws.faults.set('s3', { mode: 'hang', count: 2 })
  aws.faults.set('logs', { mode: 'hang', count: 1 })
  const sluice = start({ SLUICE_STOP_DEADLINE: '1m' })
  await sluice.printed(/"started"/)
  const sent = lines(10)
  await sendRecords(sluice.socketPath, sent)
  await aws.state.until(() => aws.state.requestCount('s3') > 1 && aws.state.requestCount('logs') > 0)
  t.match(await stop(t, sluice), { received: 30, delivered: 30, pending: 0 })
  arrivedOnce(t, aws, sent)
})

t.test('killed between the storing and its answer, S3 has each object once and CloudWatch Logs no event less', async t => {
  const { aws, start } = await startWorld(t)
  aws.faults.set('s3', { mode: 'hang' })
  aws.faults.set('logs', { mode: 'hang' })
  const first = start({ SLUICE_DELIVERY_REQUEST_TIMEOUT: '500ms' })
  const operator = await askAt(first)
  const sent = lines(30)
  await sendRecords(first.socketPath, sent)
  await until('all is in the spool', () => busyRoutes(operator), found =>
    found.every(({ pendingRecords }) => pendingRecords === 30))
  aws.faults.set('s3', { mode: 'slow', ms: 300, count: 2 })
  aws.faults.set('logs', { mode: 'slow', ms: 300, count: 1 })
  await aws.state.until(() => aws.faults.list('s3').length + aws.faults.list('logs').length === 0)
  first.kill('SIGKILL')
  await first.exited

  const second = start()
  await second.printed(/"started"/)
  const report = await stop(t, second)
  t.match(report, { received: 0, pending: 0, dropped: 0 })
  t.equal(report.delivered, report.recovered)
  t.same(objectMarks(aws), sentMarks(sent, 'stdout'))
  t.same(storedTwice(aws), [])
  t.same([...new Set(eventMarks(aws))].sort(), sentMarks(sent, 'stderr'))
})

t.test('a destination that never answers is reconnected, and that is told', async t => {
  const { aws, start } = await startWorld(t)
  aws.faults.set('s3', { mode: 'hang' })
  const sluice = start({ SLUICE_DELIVERY_REQUEST_TIMEOUT: '500ms', SLUICE_DELIVERY_RECONNECT_AFTER: '1s' })
  await sluice.printed(/"started"/)
  // An event would come twice where a busy machine takes longer than this timeout; an object cannot.
  const sent = lines(3).filter(({ fields }) => fields['source'] === 'stdout')
  await sendRecords(sluice.socketPath, sent)
  await sluice.printed(/"reconnecting to the destination/)
  aws.faults.clear()
  t.match(await stop(t, sluice), { received: 6, delivered: 6, pending: 0 })
  arrivedOnce(t, aws, sent)
})
