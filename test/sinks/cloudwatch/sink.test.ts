import t, { type Test } from 'tap'
import { sinkContract } from '../../support/sink-contract.ts'
import { eventLine, requestCounts, segmentOf, sendAll, startLogsSink, startStandIn } from '../aws/bench.ts'

const stream = 'web/task1/error'
const hour = 3_600_000
const day = 24 * hour

sinkContract(t, 'cloudwatch', async (t: Test) => {
  t.testdir()
  const aws = await startStandIn(t)
  const { sink } = startLogsSink(t, aws)
  const nowMs = Date.now()
  return {
    sink,
    stored: async () => aws.state.streams().flatMap(([group, stream]) =>
      aws.state.events(group, stream).map(({ timestamp, message }) => eventLine(message, timestamp))),
    breakDestination: async () => {
      aws.faults.set('logs', { mode: '503' })
      return async () => aws.faults.clear()
    },
    line: text => eventLine(text, nowMs),
    isIdempotent: false,
  }
})

t.test('events go to the stream of their segment, which is made once', async t => {
  t.testdir()
  const aws = await startStandIn(t)
  const { sink, metrics } = startLogsSink(t, aws)
  for (const text of ['one', 'two']) await sendAll(sink, segmentOf(t, [eventLine(text)]))
  t.same(aws.state.events('/app', stream).map(event => event.message), ['one', 'two'])
  t.same(requestCounts(metrics), { 'PutLogEvents/no_stream': 1, 'CreateLogStream/ok': 1, 'PutLogEvents/ok': 2 })
  t.same(aws.state.violations, [])
})

t.test('messages arrive as they were written, whatever is in them', async t => {
  t.testdir()
  const aws = await startStandIn(t)
  const { sink } = startLogsSink(t, aws)
  const messages = ['"', '\\', '\n\r\t\b\f', '\u0000\u001f\u007f', 'é日本語😀', '\\u0041', '</script>', ' ', '/', 'x'.repeat(20_000)]
  await sendAll(sink, segmentOf(t, messages.map(message => eventLine(message))))
  t.same(aws.state.events('/app', stream).map(event => event.message), messages)
  t.same(aws.state.violations, [])
})

t.test('every batch comes with the entity that is set', async t => {
  t.testdir()
  const aws = await startStandIn(t)
  const entity = {
    keyAttributes: ['Type=Service', 'Name=shop', 'Environment=ecs:"prod"'], attributes: ['PlatformType=AWS::ECS', 'Url=a=b'],
  }
  const { sink, metrics } = startLogsSink(t, aws, { entity })
  for (const text of ['one', 'two']) await sendAll(sink, segmentOf(t, [eventLine(text)]))
  const said = {
    keyAttributes: { Type: 'Service', Name: 'shop', Environment: 'ecs:"prod"' },
    attributes: { PlatformType: 'AWS::ECS', Url: 'a=b' },
  }
  t.same(aws.state.batches.map(batch => batch.entity), [said, said])
  t.same(aws.state.events('/app', stream).map(event => event.message), ['one', 'two'])
  t.same([...metrics.series('sluice_sink_entities_refused_total')], [])
  t.same(aws.state.violations, [])
})

t.test('a batch of exactly the most bytes goes at once, one byte more in two', async t => {
  t.testdir()
  const aws = await startStandIn(t)
  const { sink } = startLogsSink(t, aws)
  // Escapes count as what they stand for: 999,974 bytes, and 48,518 with two characters of three bytes each.
  const most = ['"'.repeat(999_974), `${'あ'.repeat(2)}${'x'.repeat(48_512)}`, '\n'.repeat(26)]
  const lines = most.map(message => eventLine(message))
  await sendAll(sink, segmentOf(t, lines))
  t.same(aws.state.batches.map(batch => [batch.eventCount, batch.batchBytes]), [[2, 1_048_544], [1, 52]])
  await sendAll(sink, segmentOf(t, [...lines.slice(0, 2), eventLine('123456')]))
  t.same(aws.state.batches.slice(2).map(batch => [batch.eventCount, batch.batchBytes]), [[3, 1_048_576]])
  await sendAll(sink, segmentOf(t, [...lines.slice(0, 2), eventLine('1234567')]))
  t.same(aws.state.batches.slice(3).map(batch => [batch.eventCount, batch.batchBytes]), [[2, 1_048_544], [1, 33]])
  t.same(aws.state.violations, [])
})

t.test('10,000 events go at once, 10,001 in two', async t => {
  t.testdir()
  const aws = await startStandIn(t)
  const { sink } = startLogsSink(t, aws)
  const line = eventLine('x')
  await sendAll(sink, segmentOf(t, Array<string>(10_000).fill(line)))
  await sendAll(sink, segmentOf(t, Array<string>(10_001).fill(line)))
  t.same(aws.state.batches.map(batch => batch.eventCount), [10_000, 10_000, 1])
  t.same(aws.state.violations, [])
})

t.test('24 hours go at once, a millisecond more in two; each batch is in order of time', async t => {
  t.testdir()
  const aws = await startStandIn(t)
  const { sink } = startLogsSink(t, aws)
  const nowMs = Date.now()
  const at = (ms: number) => eventLine(`${ms}`, nowMs - day + ms)
  await sendAll(sink, segmentOf(t, [at(day), at(7), at(0), at(7)]))
  await sendAll(sink, segmentOf(t, [at(day + 1), at(7), at(0), at(7)]))
  t.same(aws.state.batches.map(batch => batch.eventCount), [4, 2, 2])
  t.same(aws.state.events('/app', stream).map(event => event.message),
    ['0', '7', '7', `${day}`, '7', `${day + 1}`, '0', '7'])
  t.same(aws.state.violations, [])
})

t.test('a message of the most bytes one event can have is stored', async t => {
  t.testdir()
  const aws = await startStandIn(t, { messageBytes: 1_048_550 })
  const { sink } = startLogsSink(t, aws)
  const rejections = await sendAll(sink, segmentOf(t, ['y'.repeat(1_048_551), 'x'.repeat(1_048_550)].map(text => eventLine(text))))
  t.same(rejections, [[{ index: 0, reason: 'too_large' }]])
  t.same(aws.state.batches.map(batch => batch.batchBytes), [1_048_576])
  t.same(aws.state.violations, [])
})

t.test('what no request can carry is refused by its index, and the rest is stored', async t => {
  t.testdir()
  const aws = await startStandIn(t)
  const { sink } = startLogsSink(t, aws)
  const rejections = await sendAll(sink, segmentOf(t, [eventLine(''), eventLine('a'), '{"t":', eventLine('b')]))
  t.same(rejections, [[{ index: 0, reason: 'empty' }, { index: 2, reason: 'malformed' }]])
  t.same(aws.state.events('/app', stream).map(event => event.message), ['a', 'b'])
  t.same(await sendAll(sink, segmentOf(t, [eventLine('')])), [[{ index: 0, reason: 'empty' }]])
  t.equal(aws.state.requestCount('PutLogEvents'), 2, 'nothing to send is not sent')
  t.same(aws.state.violations, [])
})

t.test('events outside the window are refused, each by its line, whatever their order', async t => {
  t.testdir()
  const aws = await startStandIn(t)
  const { sink } = startLogsSink(t, aws)
  const nowMs = Date.now()
  const times = { new: nowMs + 3 * hour, old: nowMs - 15 * day, good: nowMs, better: nowMs - 1 }
  const batches = [['new', 'good', 'better'], ['good', 'old', 'better'], ['old'], ['new']] as const
  const found = []
  for (const batch of batches) {
    found.push(...await sendAll(sink, segmentOf(t, batch.map(name => eventLine(name, times[name])))))
  }
  const tooNew = { index: 0, reason: 'too_new' }
  const tooOld = { index: 0, reason: 'too_old' }
  t.same(found, [[tooNew], [], [tooOld], [], [tooOld], [tooNew]], 'more than 24 hours apart are batches of their own')
  t.same(aws.state.events('/app', stream).map(event => event.message), ['better', 'good', 'good', 'better'])
  t.same(aws.state.violations, [])
})

t.test('events over the retention are refused as expired', async t => {
  t.testdir()
  const aws = await startStandIn(t)
  aws.state.createGroup('/app', { retentionInDays: 1 })
  const { sink } = startLogsSink(t, aws)
  const nowMs = Date.now()
  const lines = [eventLine('good', nowMs - day + hour), eventLine('gone', nowMs - day - hour)]
  t.same(await sendAll(sink, segmentOf(t, lines)), [[{ index: 1, reason: 'expired' }]])
})

t.test('each kind of refusal is told by the lines it is about', async t => {
  t.testdir()
  const aws = await startStandIn(t)
  const { sink } = startLogsSink(t, aws)
  const nowMs = Date.now()
  aws.faults.set('logs', {
    mode: 'rejected',
    rejected: { tooOldLogEventEndIndex: 1, expiredLogEventEndIndex: 2, tooNewLogEventStartIndex: 4 },
  })
  const lines = [5, 4, 3, 2, 1].map(ms => eventLine(`${ms}`, nowMs + ms))
  t.same(await sendAll(sink, segmentOf(t, lines)), [[
    { index: 4, reason: 'too_old' }, { index: 3, reason: 'expired' }, { index: 0, reason: 'too_new' },
  ]])
})
