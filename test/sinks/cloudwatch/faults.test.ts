import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { withTimeout } from '../../../src/delivery/timeout.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { ofLogs, startAnswering } from '../../support/answering.ts'
import type { Aws } from '../../support/aws/server.ts'
import {
  awsSettings, errorOf, eventLine, never, requestCounts, segmentOf, sendAll, startLogsSink, startStandIn,
} from '../aws/bench.ts'

const stream = 'web/task1/error'
const messages = (aws: Aws) => aws.state.events('/app', stream).map(event => event.message)

/** A sink whose stream is there, and a segment for it. */
async function startReady (t: Test) {
  t.testdir()
  const aws = await startStandIn(t)
  const started = startLogsSink(t, aws)
  await sendAll(started.sink, segmentOf(t, [eventLine('first')]))
  return { aws, ...started, segment: segmentOf(t, [eventLine('precious')]) }
}

t.test('every failure that may pass keeps the batch, says what it was, and ends when the fault does', async t => {
  const cases = [
    { mode: 'throttle', reason: 'throttled', words: /fewer requests \(ThrottlingException\): if it lasts, ask for a higher quota of PutLogEvents requests/, isSlow: false },
    { mode: '500', reason: 'unavailable', words: /failed inside/, isSlow: false },
    { mode: '503', reason: 'unavailable', words: /CloudWatch Logs in us-east-1/, isSlow: false },
    { mode: 'reset', reason: 'network', words: /ECONNRESET/, isSlow: false },
    { mode: 'denied', reason: 'denied', words: /allow logs:PutLogEvents on arn:aws:logs:us-east-1:\*:log-group:\/app:\*/, isSlow: true },
    { mode: 'kms', reason: 'kms', words: /\/app cannot be encrypted with its key .*: the key must be there.*let CloudWatch Logs of us-east-1 use it/, isSlow: true },
    { mode: 'expired', reason: 'credentials_expired', words: /expired/, isSlow: true },
    { mode: 'region', reason: 'credentials_invalid', words: /region/, isSlow: true },
  ] as const
  const { aws, sink, segment, metrics } = await startReady(t)
  for (const { mode, reason, words, isSlow } of cases) {
    aws.faults.set('logs', { mode, count: 1 })
    const error = await errorOf(sendAll(sink, segment))
    t.match(error, { code: 'ERR_SINK_UNAVAILABLE', reason, message: words }, mode)
    t.equal(error.retryAfterMs >= 15_000, isSlow, `${mode} is tried again slowly: ${isSlow}`)
    const before = messages(aws).length
    await sendAll(sink, segment)
    t.equal(messages(aws).length, before + 1, `${mode} is over`)
    t.equal(requestCounts(metrics)[`PutLogEvents/${reason}`] === undefined, false, `${mode} is counted`)
  }
  t.same(aws.state.violations, [])
})

t.test('a batch that the service refuses is told apart from one that may be sent again, without a word of it', async t => {
  const { aws, sink } = await startReady(t)
  aws.faults.set('logs', { mode: 'invalid', match: 'secret-of-a-line' })
  const error = await errorOf(sendAll(sink, segmentOf(t, [eventLine('secret-of-a-line')])))
  t.match(error, { code: 'ERR_SINK_REJECTED', reason: 'invalid', disposition: 'reject' })
  t.equal(error.cause, undefined, 'the answer may repeat what was sent')
  await sendAll(sink, segmentOf(t, [eventLine('good')]))
  t.same(messages(aws), ['first', 'good'])
})

t.test('an answer that is lost after the batch was stored means that it comes twice', async t => {
  const { aws, sink, segment } = await startReady(t)
  aws.faults.set('logs', { mode: 'lost', count: 1 })
  await t.rejects(sendAll(sink, segment), { code: 'ERR_SINK_UNAVAILABLE', reason: 'network' })
  await sendAll(sink, segment)
  t.same(messages(aws), ['first', 'precious', 'precious'])
})

t.test('a request that hangs ends when it is given up, or at its timeout', async t => {
  const { aws, sink, segment } = await startReady(t)
  aws.faults.set('logs', { mode: 'hang' })
  const giveUp = new AbortController()
  const attempt = sendAll(sink, segment, giveUp.signal)
  await Promise.race([aws.state.until(() => aws.state.requestCount('PutLogEvents') === 3), attempt])
  giveUp.abort()
  await t.rejects(attempt, { code: 'ERR_SINK_UNAVAILABLE', reason: 'aborted' })
  const impatient = startLogsSink(t, aws, { aws: awsSettings(aws, { requestTimeoutMs: 50 }) })
  await t.rejects(sendAll(impatient.sink, segment), { code: 'ERR_SINK_UNAVAILABLE', reason: 'timeout' })
  aws.faults.clear()
  await sendAll(sink, segment)
  t.same(messages(aws), ['first', 'precious'])
})

t.test('three requests that are each answered in time store a batch once, however long they take together', async t => {
  t.testdir()
  const aws = await startStandIn(t)
  const { sink } = startLogsSink(t, aws)
  const clock = new ManualClock()
  const segment = segmentOf(t, [eventLine('precious')])
  const limited = withTimeout({ timeoutMs: 30_000, draining: never, drainingTimeoutMs: 30_000, clock })(
    async (batch, signal, onRequest) => await sink.send(batch, signal, () => {
      onRequest?.()
      void clock.advance(29_000)
    }))
  await sendAll({ ...sink, send: limited }, segment)
  t.equal(aws.state.requestCount(), 3, 'the stream was made')
  t.same(aws.state.events('/app', 'web/task1/error').map(({ message }) => message), ['precious'])
})

t.test('reconnecting ends a request that hangs', async t => {
  const { aws, sink, segment } = await startReady(t)
  aws.faults.set('logs', { mode: 'hang', count: 1 })
  const attempt = sendAll(sink, segment)
  await Promise.race([aws.state.until(() => aws.state.requestCount('PutLogEvents') === 3), attempt])
  sink.reconnect()
  await t.rejects(attempt, { code: 'ERR_SINK_UNAVAILABLE' })
  await sendAll(sink, segment)
  t.same(messages(aws), ['first', 'precious'])
})

t.test('a stream that was deleted is made again, and the same batch goes there', async t => {
  const { aws, sink, segment } = await startReady(t)
  aws.faults.set('logs', { mode: 'missing', stream: true, count: 1, operation: 'PutLogEvents' })
  await sendAll(sink, segment)
  t.same(messages(aws), ['first', 'precious'])
  t.equal(aws.state.requestCount('CreateLogStream'), 2)
})

t.test('somebody else making the stream at the same time is no failure', async t => {
  t.testdir()
  const aws = await startStandIn(t)
  const sinks = [startLogsSink(t, aws).sink, startLogsSink(t, aws).sink]
  await Promise.all(sinks.map((sink, index) => sendAll(sink, segmentOf(t, [eventLine(`${index}`)], { id: `${index}` }))))
  t.same([...messages(aws)].sort(), ['0', '1'])
})

t.test('a missing group is told by name and region, and is made by somebody else, or not at all', async t => {
  t.testdir()
  const aws = await startStandIn(t, { groups: [] })
  const { sink, metrics } = startLogsSink(t, aws)
  const segment = segmentOf(t, [eventLine('precious')])
  const error = await errorOf(sendAll(sink, segment))
  t.match(error, { code: 'ERR_SINK_UNAVAILABLE', reason: 'no_group', message: /\/app does not exist in us-east-1.*createGroup/ })
  t.ok(error.retryAfterMs >= 15_000)
  t.same(requestCounts(metrics), { 'PutLogEvents/no_stream': 1, 'CreateLogStream/no_group': 1 })
  aws.state.createGroup('/app')
  await sendAll(sink, segment)
  t.same(messages(aws), ['precious'])
})

t.test('by setting, a missing group is made with its class and retention', async t => {
  t.testdir()
  const aws = await startStandIn(t, { groups: [] })
  const { sink, logLines } = startLogsSink(t, aws, { createGroup: true, retentionDays: 30, groupClass: 'INFREQUENT_ACCESS' })
  await sendAll(sink, segmentOf(t, [eventLine('precious')]))
  t.match(aws.state.groups.get('/app'), { retentionInDays: 30, logGroupClass: 'INFREQUENT_ACCESS' })
  t.same(messages(aws), ['precious'])
  t.same(logLines.map(line => line['msg']), ['log group created', 'retention of log group set'])
  aws.faults.set('logs', { mode: 'missing', count: 1, operation: 'PutLogEvents' })
  await sendAll(sink, segmentOf(t, [eventLine('again')]))
  t.same(messages(aws), ['precious', 'again'], 'and again when it was deleted')
  t.same(aws.state.violations, [])
})

t.test('a group that is made has its tags and its key, and what is missing for them has words', async t => {
  t.testdir()
  const aws = await startStandIn(t, { groups: [], kmsKeys: ['arn:aws:kms:us-east-1:123456789012:key/k'] })
  const options = { createGroup: true, groupTags: ['team=web', 'cost centre=a=b'] }
  const segment = segmentOf(t, [eventLine('precious')])
  const kmsKeyId = 'arn:aws:kms:us-east-1:123456789012:key/other'
  const wrongKey = await errorOf(sendAll(startLogsSink(t, aws, { ...options, kmsKeyId }).sink, segment))
  t.match(wrongKey, { code: 'ERR_SINK_UNAVAILABLE', reason: 'kms', message: /\/app cannot be encrypted with key arn:.*\/other.*let CloudWatch Logs of us-east-1 use it/ })
  t.ok(wrongKey.retryAfterMs >= 15_000)
  const { sink } = startLogsSink(t, aws, { ...options, kmsKeyId: 'arn:aws:kms:us-east-1:123456789012:key/k' })
  aws.faults.set('logs', { mode: 'denied', count: 1, operation: 'CreateLogGroup' })
  const arn = 'arn:aws:logs:us-east-1:*:log-group:/app'
  const denied = await errorOf(sendAll(sink, segment))
  t.ok(denied.message.includes(`allow logs:CreateLogGroup on ${arn}:* and logs:TagResource on ${arn};`), denied.message)
  await sendAll(sink, segment)
  t.match(aws.state.groups.get('/app'), {
    tags: { team: 'web', 'cost centre': 'a=b' }, kmsKeyId: 'arn:aws:kms:us-east-1:123456789012:key/k',
  })
  t.same(messages(aws), ['precious'])
  t.same(aws.state.violations, [])
})

t.test('an entity that CloudWatch Logs does not accept is told once, counted, and costs no event', async t => {
  t.testdir()
  const aws = await startStandIn(t)
  const entity = { keyAttributes: ['Type=Servce', 'Name=shop'], attributes: [] }
  const { sink, metrics, logLines } = startLogsSink(t, aws, { entity })
  for (const text of ['one', 'two']) t.same(await sendAll(sink, segmentOf(t, [eventLine(text)])), [[]])
  t.same(messages(aws), ['one', 'two'])
  t.match([...metrics.series('sluice_sink_entities_refused_total')], [{ labels: ['InvalidTypeValue'], value: 2 }])
  t.match(logLines, [{ level: 'warn', reason: 'InvalidTypeValue', group: '/app', msg: /correct cloudwatch\.entity/ }])
  t.equal(logLines.length, 1)
  t.same(aws.state.batches.map(batch => batch.entity), [undefined, undefined])
  t.same(aws.state.violations, [])
})

t.test('a batch that is refused for its entity is stored without, and the entity is not sent again', async t => {
  t.testdir()
  const aws = await startStandIn(t)
  const entity = { keyAttributes: ['Type=Service', 'Name=shop', 'Environment=x'], attributes: [] }
  const { sink, metrics, logLines } = startLogsSink(t, aws, { entity })
  await sendAll(sink, segmentOf(t, [eventLine('first')]))
  aws.faults.set('logs', { mode: 'invalid', match: '"entity"' })
  for (const text of ['one', 'two']) t.same(await sendAll(sink, segmentOf(t, [eventLine(text)])), [[]])
  t.same(messages(aws), ['first', 'one', 'two'])
  t.match([...metrics.series('sluice_sink_entities_refused_total')], [{ labels: ['request_refused'], value: 1 }])
  t.match(logLines, [{ reason: 'request_refused' }])
  t.match(requestCounts(metrics), { 'PutLogEvents/invalid': 1, 'PutLogEvents/ok': 3 })
})

t.test('a batch that is refused with and without its entity is refused, and the entity stays', async t => {
  t.testdir()
  const aws = await startStandIn(t)
  const entity = { keyAttributes: ['Type=Service', 'Name=shop', 'Environment=x'], attributes: [] }
  const { sink, logLines } = startLogsSink(t, aws, { entity })
  aws.faults.set('logs', { mode: 'invalid', match: 'poison' })
  t.match(await errorOf(sendAll(sink, segmentOf(t, [eventLine('poison')]))), { code: 'ERR_SINK_REJECTED', reason: 'invalid' })
  await sendAll(sink, segmentOf(t, [eventLine('good')]))
  t.match(aws.state.batches, [{ entity: { keyAttributes: { Name: 'shop' } } }])
  t.same([messages(aws), logLines], [['good'], []])
})

t.test('a group that was made and is not seen yet is waited for as a passing failure', async t => {
  t.testdir()
  const aws = await startStandIn(t, { groups: [] })
  const { sink } = startLogsSink(t, aws, { createGroup: true })
  const segment = segmentOf(t, [eventLine('precious')])
  aws.faults.set('logs', { mode: 'missing', count: 2, operation: 'CreateLogStream' })
  t.match(await errorOf(sendAll(sink, segment)), { code: 'ERR_SINK_UNAVAILABLE', reason: 'no_stream', retryAfterMs: 0 })
  await sendAll(sink, segment)
  t.same(messages(aws), ['precious'])
})

t.test('a group that somebody else makes at the same time is not told as made here', async t => {
  t.testdir()
  const aws = await startAnswering(t)
  const missing = 'ResourceNotFoundException'
  const errors: Record<string, string[]> = {
    PutLogEvents: [missing], CreateLogStream: [missing], CreateLogGroup: ['OperationAbortedException'],
  }
  aws.answerWith(response => {
    const [, operation = ''] = String(response.req.headers['x-amz-target']).split('.')
    const type = errors[operation]?.shift()
    response.writeHead(type === undefined ? 200 : 400, ofLogs).end(type === undefined ? '{}' : JSON.stringify({ __type: type }))
  })
  const { sink, logLines } = startLogsSink(t, aws, { createGroup: true })
  t.same(await sendAll(sink, segmentOf(t, [eventLine('precious')])), [[]])
  t.same(logLines, [])
})

t.test('a retention that cannot be set is told, tried again later, and holds up no record', async t => {
  t.testdir()
  const aws = await startStandIn(t, { groups: [] })
  const clock = new ManualClock()
  const { sink, logLines } = startLogsSink(t, aws, { createGroup: true, retentionDays: 7, clock })
  aws.faults.set('logs', { mode: 'denied', count: 1, operation: 'PutRetentionPolicy' })
  await sendAll(sink, segmentOf(t, [eventLine('one')]))
  clock.stepWall(86_400_000)
  await sendAll(sink, segmentOf(t, [eventLine('two')]))
  t.equal(aws.state.requestCount('PutRetentionPolicy'), 1, 'wall time that steps changes no pause')
  clock.stepWall(-86_400_000)
  await clock.advance(60_000)
  for (const text of ['three', 'four']) await sendAll(sink, segmentOf(t, [eventLine(text)]))
  t.equal(aws.state.requestCount('PutRetentionPolicy'), 2)
  t.equal(aws.state.groups.get('/app')?.retentionInDays, 7)
  t.same(messages(aws), ['one', 'two', 'three', 'four'])
  t.match(logLines[1], { msg: 'retention of log group not set', error: { message: /logs:PutRetentionPolicy/ } })
})

t.test('what may not be made says which permission is missing, and never costs the batch', async t => {
  t.testdir()
  const aws = await startStandIn(t, { groups: [] })
  const { sink } = startLogsSink(t, aws, { createGroup: true })
  const segment = segmentOf(t, [eventLine('precious')])
  for (const operation of ['CreateLogGroup', 'CreateLogStream']) {
    for (const mode of ['denied', 'invalid', 'throttle'] as const) {
      aws.faults.set('logs', { mode, count: 1, operation })
      const error = await errorOf(sendAll(sink, segment))
      t.equal(error.code, 'ERR_SINK_UNAVAILABLE', `${operation} ${mode}`)
      if (mode === 'denied') t.match(error.message, new RegExp(`allow logs:${operation} on arn`))
    }
  }
  await sendAll(sink, segment)
  t.same(messages(aws), ['precious'])
})

t.test('credentials that are not accepted are told as such', async t => {
  t.testdir()
  const aws = await startStandIn(t)
  const { sink } = startLogsSink(t, aws, {
    aws: awsSettings(aws, { credentials: { accessKeyId: 'AKIDSLUICE', secretAccessKey: 'wrong' } }),
  })
  await t.rejects(sendAll(sink, segmentOf(t, [eventLine('x')])), { reason: 'credentials_invalid', message: /secret/ })
})

t.test('what the sink counts is what happened', async t => {
  const { sink, metrics, segment } = await startReady(t)
  await sendAll(sink, segment, never)
  const one = (name: 'sluice_sink_sent_bytes_total' | 'sluice_sink_batch_records') => [...metrics.series(name)][0]
  t.match(one('sluice_sink_sent_bytes_total'), { labels: ['cloudwatch'] })
  t.match(one('sluice_sink_batch_records'), { histogram: { sum: 2 } })
  t.same([...metrics.series('sluice_credentials_expiry_seconds')], [], 'these credentials have no end')
})

t.test('what somebody in between answers is told by its status where that says that it may pass, else as not of AWS', async t => {
  t.testdir()
  const page = (status: string) => `HTTP/1.1 ${status}\r\nretry-after: 7\r\ncontent-length: 11\r\n\r\n<h1>no</h1>`
  const cases = [
    [page('503 Service Unavailable'), 'unavailable', 7_000],
    [page('429 Too Many Requests'), 'throttled', 7_000],
    [page('200 OK'), 'not_aws', 15_000],
    ['SSH-2.0-OpenSSH\r\n', 'not_aws', 15_000],
  ] as const
  for (const [answer, reason, retryAfterMs] of cases) {
    const server = createServer(socket => socket.on('error', () => undefined).once('data', () => socket.end(answer)))
    await once(server.listen(0, '127.0.0.1'), 'listening')
    t.teardown(() => { server.close() })
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const { sink } = startLogsSink(t, { endpoint, region: 'us-east-1' })
    const error = await errorOf(sendAll(sink, segmentOf(t, [eventLine('precious')])))
    t.match(error, { code: 'ERR_SINK_UNAVAILABLE', reason, retryAfterMs }, answer.slice(0, 16))
  }
})
