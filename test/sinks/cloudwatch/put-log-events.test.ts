import t, { type Test } from 'tap'
import { createLogsClient } from '../../../src/sinks/aws/client.ts'
import { Entity } from '../../../src/sinks/cloudwatch/entity.ts'
import { putLogEvents } from '../../../src/sinks/cloudwatch/put-log-events.ts'
import { createPutBody } from '../../../src/sinks/cloudwatch/request-body.ts'
import { Metrics } from '../../../src/telemetry/metrics.ts'
import type { AwsOptions } from '../../support/aws/server.ts'
import { recordingLog } from '../../support/recording-log.ts'
import { awsSettings, eventLine, never, startStandIn } from '../aws/bench.ts'

const lines = ['one', '"two"\n', '日本語😀', '\\', '\u0007', 'x'.repeat(5000)].map((text, index) => eventLine(text, Date.now() + index))
const apart = { group: '/app', metrics: new Metrics(), log: recordingLog().log }
const names = { logGroupName: '/app', logStreamName: 'ours' }

async function startClient (t: Test, options: AwsOptions = {}) {
  const aws = await startStandIn(t, options)
  const held = createLogsClient(awsSettings(aws))
  t.teardown(() => held.close())
  return await held.use(async client => {
    const sent: Record<string, string>[] = []
    client.client.middlewareStack.add(next => args => {
      sent.push((args.request as { headers: Record<string, string> }).headers)
      return next(args)
    }, { step: 'deserialize', priority: 'high' })
    await client.client.send(new client.sdk.CreateLogStreamCommand(names))
    await client.client.send(new client.sdk.CreateLogStreamCommand({ ...names, logStreamName: 'theirs' }))
    sent.length = 0
    return { aws, client, sent }
  })
}

t.test('a prepared body stores the same events as the SDK\'s own serializer, in a request that is signed as its own', async t => {
  const { aws, client, sent } = await startClient(t)
  const logEvents = lines.map(line => JSON.parse(line) as { t: number, m: string })
    .map(({ t: timestamp, m: message }) => ({ timestamp, message }))
  const entity = { keyAttributes: { Type: 'Service', Name: 'shop"', Environment: 'é' }, attributes: { a: '1' } }
  await client.client.send(new client.sdk.PutLogEventsCommand({ ...names, logStreamName: 'theirs', logEvents, entity }))
  const { closing } = new Entity({
    keyAttributes: ['Type=Service', 'Name=shop"', 'Environment=é'], attributes: ['a=1'], ...apart,
  })
  const { body } = createPutBody('/app', 'ours', Buffer.from(`${lines.join('\n')}\n`), lines.length, closing)
  await putLogEvents(client, { group: '/app', stream: 'ours', body }, never)
  const stored = (stream: string) => aws.state.events('/app', stream).map(({ timestamp, message }) => ({ timestamp, message }))
  t.same(stored('ours'), logEvents)
  t.same(stored('ours'), stored('theirs'))
  t.same(aws.state.batches.map(batch => batch.entity), [entity, entity])
  const [theirs = {}, ours = {}] = sent
  const differing = ['content-length', 'amz-sdk-invocation-id', 'x-amz-date', 'x-amz-content-sha256', 'authorization']
  const same = (headers: Record<string, string>) =>
    Object.fromEntries(Object.entries(headers).filter(([name]) => !differing.includes(name)))
  t.same(same(ours), same(theirs))
  t.same(Object.keys(ours).sort(), Object.keys(theirs).sort())
  t.equal(ours['x-amz-target'], 'Logs_20140328.PutLogEvents')
  t.equal(ours['content-type'], 'application/x-amz-json-1.1')
  t.equal(ours['content-length'], String(body.length))
  t.same(aws.state.violations, [])
})

t.test('the requests after the first differ from it in body, signature and id only', async t => {
  const { aws, client } = await startClient(t)
  const { requestHandler } = client.client.config
  const handle = requestHandler.handle.bind(requestHandler)
  const sent: Record<string, string>[] = []
  requestHandler.handle = (request, options) => {
    sent.push({ ...request.headers, path: request.path, method: request.method })
    return handle(request, options)
  }
  const bodies = ['one', 'two, and longer', 'three'].map(text => createPutBody('/app', 'ours', Buffer.from(`${eventLine(text)}\n`), 1).body)
  for (const body of bodies) await putLogEvents(client, { group: '/app', stream: 'ours', body }, never)
  t.same(aws.state.events('/app', 'ours').map(event => event.message), ['one', 'two, and longer', 'three'])
  const differing = ['content-length', 'amz-sdk-invocation-id', 'x-amz-date', 'x-amz-content-sha256', 'authorization']
  const same = (headers: Record<string, string> = {}) =>
    Object.fromEntries(Object.entries(headers).filter(([name]) => !differing.includes(name)))
  const [first, ...later] = sent
  for (const headers of later) {
    t.same(same(headers), same(first))
    t.same(Object.keys(headers).sort(), Object.keys(first ?? {}).sort())
  }
  t.same(sent.map(headers => headers['content-length']), bodies.map(body => String(body.length)))
  t.equal(new Set(sent.map(headers => headers['amz-sdk-invocation-id'])).size, 3)
  t.equal(new Set(sent.map(headers => headers['authorization'])).size, 3)
  t.same(aws.state.violations, [])
})

t.test('after a failure the SDK makes the whole request again', async t => {
  const { aws, client, sent } = await startClient(t)
  const { body } = createPutBody('/app', 'ours', Buffer.from(`${eventLine('a')}\n`), 1)
  const put = () => putLogEvents(client, { group: '/app', stream: 'ours', body }, never)
  await put()
  await put()
  t.equal(sent.length, 1, 'the second passed no middleware')
  aws.faults.set('logs', { mode: 'throttle', count: 1 })
  await t.rejects(put(), { name: 'ThrottlingException', $metadata: { httpStatusCode: 400 } })
  await put()
  t.equal(sent.length, 2)
})

t.test('nothing of one request stays for the next', async t => {
  const { aws, client } = await startClient(t)
  for (const text of ['first', 'second']) {
    const { body } = createPutBody('/app', 'ours', Buffer.from(`${eventLine(text)}\n`), 1)
    await putLogEvents(client, { group: '/app', stream: 'ours', body }, never)
  }
  t.same(aws.state.events('/app', 'ours').map(event => event.message), ['first', 'second'])
  await client.client.send(new client.sdk.PutLogEventsCommand({ ...names, logEvents: [{ timestamp: Date.now(), message: 'third' }] }))
  t.equal(aws.state.events('/app', 'ours').at(-1)?.message, 'third')
})

t.test('a clock that is set wrong while requests go out costs one of them', async t => {
  let skewMs = 0
  const { aws, client } = await startClient(t, { signingNow: () => Date.now() + skewMs })
  const { body } = createPutBody('/app', 'ours', Buffer.from(`${eventLine('a')}\n`), 1)
  const put = () => putLogEvents(client, { group: '/app', stream: 'ours', body }, never)
  await put()
  for (const minutes of [20, -20, 7 * 24 * 60, 0]) {
    skewMs = minutes * 60_000
    await t.rejects(put(), { name: 'InvalidSignatureException' }, `${minutes} minutes`)
    await put()
    await put()
  }
  t.equal(aws.state.events('/app', 'ours').length, 9)
})
