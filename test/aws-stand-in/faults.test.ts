import { CreateLogGroupCommand, CreateLogStreamCommand, PutLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import { HeadBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import t from 'tap'
import { createClients, nameOf, startBench } from '../support/aws/clients.ts'
import type { Bench, ClientOptions, Teardown } from '../support/aws/clients.ts'
import { createFaults, createRandom, faultModes } from '../support/aws/faults.ts'
import type { FaultMode } from '../support/aws/faults.ts'

const names = { logGroupName: '/app', logStreamName: 's' }
const object = { Bucket: 'box', Key: 'key', Body: 'one line\n', IfNoneMatch: '*' }
const none = Buffer.alloc(0)

async function startBoth (t: Teardown, clientOptions: ClientOptions = {}) {
  const bench = await startBench(t, {}, clientOptions)
  await bench.logs.send(new CreateLogStreamCommand(names))
  return {
    ...bench,
    put: () => nameOf(bench.s3.send(new PutObjectCommand(object))),
    log: (message = 'one') => bench.logs.send(new PutLogEventsCommand({ ...names, logEvents: [{ timestamp: Date.now(), message }] })),
  }
}

const storedCount = ({ aws }: Pick<Bench, 'aws'>): number => aws.state.objects('box').length + aws.state.events('/app', 's').length

t.test('each fault that answers has the name AWS gives it, stores nothing, and is over after its count', async t => {
  const expected: Partial<Record<FaultMode, readonly [s3: string, logs: string]>> = {
    throttle: ['SlowDown', 'ThrottlingException'],
    500: ['InternalError', 'InternalFailure'],
    503: ['SlowDown', 'ServiceUnavailableException'],
    denied: ['AccessDenied', 'AccessDeniedException'],
    expired: ['ExpiredToken', 'ExpiredTokenException'],
    invalid: ['InvalidRequest', 'InvalidParameterException'],
    region: ['PermanentRedirect', 'InvalidSignatureException'],
    kms: ['KMS.DisabledException', 'AccessDeniedException'],
    missing: ['NoSuchBucket', 'ResourceNotFoundException'],
  }
  for (const [mode, [s3, logs]] of Object.entries(expected)) {
    const bench = await startBoth(t)
    const { aws, put, log } = bench
    aws.faults.add('s3', { mode: mode as FaultMode, count: 1 })
    aws.faults.add('logs', { mode: mode as FaultMode, count: 1 })
    t.same([await put(), await nameOf(log())], [s3, logs], mode)
    t.equal(storedCount(bench), 0, mode)
    t.equal(await put(), 'ok', `${mode} is over`)
    t.equal(await nameOf(log()), mode === 'missing' ? logs : 'ok', `${mode} is over`)
    t.same(aws.state.violations, [])
    t.match(aws.state.outcomes('PutObject'), { [s3]: 1, ok: 1 })
  }
})

t.test('a reset and a page store nothing; what is stored has an answer that is lost, or cut', async t => {
  const bench = await startBoth(t)
  const { aws, put, log } = bench
  for (const [mode, stored] of [['reset', 0], ['page', 0], ['lost', 2]] as const) {
    aws.faults.set('s3', { mode, count: 1 })
    aws.faults.set('logs', { mode, count: 1 })
    t.not(await put(), 'ok', mode)
    t.not(await nameOf(log()), 'ok', mode)
    t.equal(storedCount(bench), stored, mode)
    await aws.state.until(() => aws.state.outcomes('PutObject')[mode] === 1 && aws.state.outcomes('PutLogEvents')[mode] === 1)
  }
  t.equal(await put(), 'PreconditionFailed')
  t.same(aws.state.puts('box', 'key').map(attempt => attempt.outcome), ['reset', 'page', 'stored', 'PreconditionFailed'])
  for (const service of ['s3', 'logs'] as const) aws.faults.set(service, { mode: 'cut', count: 1 })
  const other = nameOf(bench.s3.send(new PutObjectCommand({ ...object, Key: 'other' })))
  t.notOk([await other, await nameOf(log())].includes('ok'))
  t.equal(storedCount(bench), 4, 'cut')
})

t.test('a hanging request is never answered and ends with the stand-in', async t => {
  const { aws, put, log } = await startBoth(t)
  aws.faults.add('s3', { mode: 'hang' })
  aws.faults.add('logs', { mode: 'hang' })
  const both = Promise.all([put(), nameOf(log())])
  await aws.state.until(() => aws.state.tally.of().inFlightCount === 2)
  await aws.close()
  t.notOk((await both).includes('ok'))
})

t.test('a client with a timeout leaves a hanging request', async t => {
  const { aws } = await startBoth(t)
  aws.faults.add('s3', { mode: 'hang' })
  const { s3 } = createClients(aws.endpoint, { requestTimeoutMs: 50 })
  t.teardown(() => s3.destroy())
  t.equal(await nameOf(s3.send(new PutObjectCommand(object))), 'TimeoutError')
  await aws.state.until(() => aws.state.outcomes('PutObject')['hang'] === 1)
  t.equal(aws.state.objects('box').length, 0)
})

t.test('a slow answer comes, and is stored even when the client has left', async t => {
  const { aws, s3, log } = await startBoth(t)
  aws.faults.add('logs', { mode: 'slow', ms: 5 })
  t.equal(await nameOf(log()), 'ok')
  aws.faults.add('s3', { mode: 'slow', ms: 1_000, count: 1 })
  const leaving = new AbortController()
  const left = nameOf(s3.send(new PutObjectCommand(object), { abortSignal: leaving.signal }))
  await aws.state.until(() => aws.faults.list('s3').length === 0)
  leaving.abort()
  t.equal(await left, 'AbortError')
  await aws.state.until(() => aws.state.objects('box').length === 1)
})

t.test('rejected events are answered by index and not stored', async t => {
  const { aws, logs } = await startBoth(t)
  const logEvents = ['a', 'b', 'c', 'd'].map(message => ({ timestamp: Date.now(), message }))
  aws.faults.add('logs', { mode: 'rejected', count: 1, rejected: { tooOldLogEventEndIndex: 1, tooNewLogEventStartIndex: 3 } })
  const answer = await logs.send(new PutLogEventsCommand({ ...names, logEvents }))
  t.same(answer.rejectedLogEventsInfo, { tooOldLogEventEndIndex: 1, tooNewLogEventStartIndex: 3 })
  t.same(aws.state.events('/app', 's').map(event => event.message), ['b', 'c'])
  t.match(aws.state.batches, [{ eventCount: 4, rejected: { tooOldLogEventEndIndex: 1 } }])
})

t.test('a group deleted on the fly can be made again, and what it confirmed stays known', async t => {
  const { aws, logs, log } = await startBoth(t)
  await log('before')
  aws.faults.add('logs', { mode: 'missing', count: 1 })
  t.equal(await nameOf(log()), 'ResourceNotFoundException')
  await logs.send(new CreateLogGroupCommand({ logGroupName: '/app' }))
  await logs.send(new CreateLogStreamCommand(names))
  await log('after')
  aws.faults.add('logs', { mode: 'missing', stream: true, count: 1, operation: 'PutLogEvents' })
  t.equal(await nameOf(log()), 'ResourceNotFoundException')
  t.equal(await nameOf(logs.send(new CreateLogStreamCommand(names))), 'ok')
  t.same(aws.state.events('/app', 's').map(event => event.message), ['before', 'after'])
})

t.test('a conflict, a key that cannot be used, an event that is poison', async t => {
  const { aws, logs, put, log } = await startBoth(t)
  aws.faults.add('s3', { mode: 'conflict', count: 1 })
  t.equal(await put(), 'ConditionalRequestConflict')
  aws.faults.add('logs', { mode: 'kms', operation: 'CreateLogGroup' })
  t.equal(await nameOf(logs.send(new CreateLogGroupCommand({ logGroupName: 'g' }))), 'InvalidParameterException')
  aws.faults.add('logs', { mode: 'invalid', match: 'poison' })
  t.equal(await nameOf(log('good')), 'ok')
  t.equal(await nameOf(log('the poison')), 'InvalidParameterException')
})

t.test('a fault of one operation or service leaves the others alone, and can be taken back', async t => {
  const { aws, s3, put, log } = await startBoth(t)
  const takeBack = aws.faults.add('s3', { mode: '500', operation: 'PutObject' })
  t.equal(await put(), 'InternalError')
  t.equal(await nameOf(s3.send(new HeadBucketCommand({ Bucket: 'box' }))), 'ok')
  t.equal(await nameOf(log()), 'ok')
  takeBack()
  t.equal(await put(), 'ok')
})

t.test('the SDK gets through a throttled attempt with its second', async t => {
  const { aws, log } = await startBoth(t, { maxAttempts: 2 })
  aws.faults.add('logs', { mode: 'throttle', count: 1 })
  t.equal(await nameOf(log()), 'ok')
  t.match(aws.state.outcomes('PutLogEvents'), { ThrottlingException: 1, ok: 1 })
})

t.test('a rate hits its share of requests, the same ones for the same seed', async t => {
  const hits = (seed: number): string => {
    const faults = createFaults(createRandom(seed))
    faults.set('logs', { mode: 'throttle', rate: 0.3 })
    return Array.from({ length: 1000 }, () => faults.take('logs', 'PutLogEvents', none) === undefined ? '.' : 'x').join('')
  }
  t.equal(hits(1), hits(1))
  t.not(hits(1), hits(2))
  const share = hits(1).split('x').length - 1
  t.ok(share > 250 && share < 350, `${share} of 1,000`)
})

t.test('faults are listed with what is left of them, and cleared', async t => {
  const faults = createFaults(() => 0)
  faults.set('s3', { mode: '503', count: 2 }, { mode: 'slow', ms: 1 })
  faults.add('logs', { mode: 'rejected' })
  t.equal(faults.take('logs', 'CreateLogStream', none), undefined)
  t.match(faults.take('s3', 'PutObject', none), { mode: '503' })
  t.same(faults.list('s3'), [{ mode: '503', count: 1 }, { mode: 'slow', ms: 1 }])
  faults.clear('s3')
  t.same(faults.list('s3'), [])
  t.equal(faults.list('logs').length, 1)
  faults.clear()
  t.same(faults.list('logs'), [])
  for (const { help } of Object.values(faultModes)) t.ok(help)
})
