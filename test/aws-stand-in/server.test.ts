import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { CreateLogStreamCommand, PutLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import t from 'tap'
import { createClients, nameOf, startBench } from '../support/aws/clients.ts'
import { startAws } from '../support/aws/server.ts'
import { renderTable } from '../support/aws/table.ts'

const names = { logGroupName: '/app', logStreamName: 's' }

async function control (endpoint: string, body: unknown): Promise<{ status: number, answer: unknown }> {
  const response = await fetch(`${endpoint}/__ctl`, { method: 'POST', body: JSON.stringify(body) })
  return { status: response.status, answer: await response.json() }
}

t.test('faults are set and healed over HTTP', async t => {
  const { aws, s3 } = await startBench(t)
  const put = () => nameOf(s3.send(new PutObjectCommand({ Bucket: 'box', Key: 'k', Body: 'x' })))
  const set = await control(aws.endpoint, { s3: { mode: 503, rate: 1 }, logs: [{ mode: 'throttle', count: 2 }] })
  t.same(set, { status: 200, answer: { s3: [{ mode: '503', rate: 1 }], logs: [{ mode: 'throttle', count: 2 }], sts: [] } })
  t.equal(await put(), 'SlowDown')
  await control(aws.endpoint, { s3: { mode: 'ok' } })
  t.equal(await put(), 'ok')
  t.equal(aws.faults.list('logs').length, 1)
})

t.test('a control request that is not understood changes nothing', async t => {
  const { aws } = await startBench(t)
  aws.faults.add('s3', { mode: '500' })
  const wrong = [{ s3: { mode: 'nope' } }, { ec2: { mode: 'ok' } }, { s3: { mode: '503', rate: 2 } }, { s3: { mode: '503', often: 1 } }, { s3: { mode: 'ok' }, logs: 1 }, null]
  for (const body of wrong) t.equal((await control(aws.endpoint, body)).status, 400, JSON.stringify(body))
  t.same(aws.faults.list('s3'), [{ mode: '500' }])
  t.equal((await fetch(`${aws.endpoint}/__other`)).status, 404)
})

t.test('what arrived can be looked at over HTTP and on disk', async t => {
  const store = t.testdir()
  const { aws, s3, logs } = await startBench(t, { store })
  const keys = ['a/b.gz', 'a', '../../up', `${'long'.repeat(100)}`, 'é ü', 'a//b']
  for (const Key of keys) await s3.send(new PutObjectCommand({ Bucket: 'box', Key, Body: Key }))
  await logs.send(new CreateLogStreamCommand(names))
  const entity = { keyAttributes: { Type: 'Service', Name: 'shop', Environment: 'x' } }
  await logs.send(new PutLogEventsCommand({ ...names, logEvents: [{ timestamp: Date.now(), message: 'one' }], entity }))

  const state: unknown = await (await fetch(`${aws.endpoint}/__state`)).json()
  t.match(state, {
    violations: [],
    buckets: [{ name: 'box', objectCount: keys.length }],
    groups: [{ name: '/app', tags: {}, entities: [entity], streams: [{ name: 's', eventCount: 1 }] }],
  })
  const listed: unknown = await (await fetch(`${aws.endpoint}/__state?bucket=box`)).json()
  t.equal(Array.isArray(listed) ? listed.length : 0, keys.length)
  t.equal(await (await fetch(`${aws.endpoint}/__state?bucket=box&key=a%2Fb.gz`)).text(), 'a/b.gz')
  t.equal((await fetch(`${aws.endpoint}/__state?bucket=box&key=gone`)).status, 404)
  t.match(await (await fetch(`${aws.endpoint}/__state?group=/app&stream=s`)).text(), /^{"timestamp":\d+,"message":"one".*}\n$/)

  t.same(readdirSync(store).sort(), ['logs', 's3'])
  t.equal(readFileSync(join(store, 's3', 'box', 'a', 'b.gz'), 'utf8'), 'a/b.gz')
  const lines = readFileSync(join(store, 's3', 'box.ndjson'), 'utf8').trim().split('\n')
    .map(line => JSON.parse(line) as { key: string, file: string })
  for (const { key, file } of lines) t.equal(readFileSync(file, 'utf8'), key)
  t.same(lines.map(line => line.key), keys)
  t.match(readFileSync(join(store, 'logs', '%2Fapp', 's.ndjson'), 'utf8'), '"message":"one"')
})

t.test('the most requests in flight at once are known by operation and service', async t => {
  const { aws, s3, logs } = await startBench(t)
  // They stay until all are there: three that are slow may come one after the other on a busy machine.
  aws.faults.add('s3', { mode: 'hang' })
  const leave = new AbortController()
  const puts = ['a', 'b', 'c'].map(async Key => {
    await s3.send(new PutObjectCommand({ Bucket: 'box', Key, Body: Key }), { abortSignal: leave.signal })
  })
  await aws.state.until(() => aws.state.tally.of('PutObject').inFlightCount === 3)
  leave.abort()
  await Promise.allSettled(puts)
  await aws.state.until(() => aws.state.tally.of('PutObject').inFlightCount === 0)
  await logs.send(new CreateLogStreamCommand(names))
  t.equal(aws.state.mostInFlightCount('PutObject'), 3)
  t.equal(aws.state.mostInFlightCount('s3'), 3)
  t.equal(aws.state.mostInFlightCount('logs'), 1)
  t.equal(aws.state.requestCount(), 4)
  t.equal(aws.state.tally.of().inFlightCount, 0)
})

t.test('its environment is all that a client needs', async t => {
  const aws = await startAws()
  t.teardown(() => aws.close())
  const { s3, logs } = createClients(aws.environment['AWS_ENDPOINT_URL'] ?? '', {
    credentials: {
      accessKeyId: aws.environment['AWS_ACCESS_KEY_ID'] ?? '',
      secretAccessKey: aws.environment['AWS_SECRET_ACCESS_KEY'] ?? '',
    },
  })
  aws.state.createBucket({ name: 'box' })
  t.equal(await nameOf(s3.send(new PutObjectCommand({ Bucket: 'box', Key: 'k', Body: 'x' }))), 'ok')
  s3.destroy()
  logs.destroy()
})

t.test('closing twice is safe, and a port in use is an error', async t => {
  const aws = await startAws()
  await t.rejects(startAws({ port: Number(new URL(aws.endpoint).port) }), { code: 'EADDRINUSE' })
  await Promise.all([aws.close(), aws.close()])
  await aws.close()
})

t.test('bytes that are no request, or no URL, do not stop it', async t => {
  const { aws, s3 } = await startBench(t)
  t.equal((await fetch(`${aws.endpoint}/box/%ff`, { method: 'PUT', body: 'x' })).status, 400)
  t.equal(await nameOf(s3.send(new PutObjectCommand({ Bucket: 'box', Key: 'k', Body: 'x' }))), 'ok')
})

t.test('the table says what arrived and what was broken', async t => {
  const { aws, s3, logs } = await startBench(t)
  await s3.send(new PutObjectCommand({ Bucket: 'box', Key: 'k', Body: 'x' }))
  await nameOf(s3.send(new PutObjectCommand({ Bucket: 'box', Key: 'k'.repeat(1025), Body: 'x' })))
  await logs.send(new CreateLogStreamCommand(names))
  aws.faults.add('s3', { mode: '503', count: 2 })
  const table = renderTable(aws.state, aws.faults)
  t.match(table, /PutObject +2 +1 +KeyTooLongError 1, ok 1/)
  t.match(table, /box +1 +1 B/)
  t.match(table, /\/app +s +0/)
  t.match(table, /key-bytes/)
  t.match(table, /fault s3 +{"mode":"503","count":2}/)
})
