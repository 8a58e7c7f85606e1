import {
  CreateLogGroupCommand, CreateLogStreamCommand, DescribeLogGroupsCommand, DescribeLogStreamsCommand,
  GetLogEventsCommand, PutLogEventsCommand, PutRetentionPolicyCommand, TagResourceCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import type { CloudWatchLogsClient, InputLogEvent } from '@aws-sdk/client-cloudwatch-logs'
import t from 'tap'
import { nameOf, startBench, tamper } from '../support/aws/clients.ts'
import type { Bench, Teardown } from '../support/aws/clients.ts'
import { documentedRates } from '../support/aws/rates.ts'
import type { AwsOptions } from '../support/aws/server.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const nowMs = Date.parse('2026-11-23T21:00:00Z')
const names = { logGroupName: '/app', logStreamName: 'web/1' }

/** A stand-in whose clock stands at `nowMs`, with one stream. */
async function startStream (t: Teardown, options: AwsOptions = {}): Promise<Bench> {
  const bench = await startBench(t, { now: () => nowMs, ...options })
  await bench.logs.send(new CreateLogStreamCommand(names))
  return bench
}

const put = (logs: CloudWatchLogsClient, logEvents: InputLogEvent[]) =>
  logs.send(new PutLogEventsCommand({ ...names, logEvents }))
const at = (timestamp: number, message = 'm'): InputLogEvent => ({ timestamp, message })
const same = (count: number, message: string): InputLogEvent[] =>
  new Array<InputLogEvent>(count).fill(at(nowMs, message))

t.test('what is put is read back in order of time, page by page, in both directions', async t => {
  const { aws, logs } = await startStream(t)
  await put(logs, [at(nowMs - 2, 'b'), at(nowMs, 'd é')])
  await put(logs, [at(nowMs - 3, 'a'), at(nowMs - 1, 'c')])
  const all = await logs.send(new GetLogEventsCommand({ ...names, startFromHead: true }))
  t.same(all.events?.map(event => event.message), ['a', 'b', 'c', 'd é'])
  t.same(aws.state.events('/app', 'web/1').map(event => event.message), ['b', 'd é', 'a', 'c'])
  const first = await logs.send(new GetLogEventsCommand({ ...names, startFromHead: true, limit: 3 }))
  const nextToken = first.nextForwardToken ?? 'none'
  const second = await logs.send(new GetLogEventsCommand({ ...names, limit: 3, nextToken }))
  t.same(second.events?.map(event => event.message), ['d é'])
  const newest = await logs.send(new GetLogEventsCommand({ ...names, limit: 1 }))
  t.same(newest.events?.map(event => event.message), ['d é'])
  const window = await logs.send(new GetLogEventsCommand({ ...names, startTime: nowMs - 2, endTime: nowMs }))
  t.same(window.events?.map(event => event.message), ['b', 'c'])
  t.same(aws.state.violations, [])
})

t.test('a batch of exactly 1,048,576 bytes is taken, one byte more is not', async t => {
  const { aws, logs } = await startStream(t)
  const half = 1_048_576 / 2 - 26
  await put(logs, [at(nowMs, 'x'.repeat(half)), at(nowMs, 'é'.repeat(half / 2))])
  t.same(aws.state.batches.map(batch => batch.batchBytes), [1_048_576])
  t.same(aws.state.violations, [])
  t.equal(await nameOf(put(logs, [at(nowMs, 'x'.repeat(half)), at(nowMs, 'x'.repeat(half + 1))])), 'InvalidParameterException')
  t.match(aws.state.violations, [{ rule: 'batch-bytes', operation: 'PutLogEvents' }])
})

t.test('a batch of 10,000 events is taken, one event more is not, none is not', async t => {
  const { aws, logs } = await startStream(t)
  t.equal(await nameOf(put(logs, same(10_000, 'x'))), 'ok')
  t.equal(aws.state.events('/app', 'web/1').length, 10_000)
  t.equal(await nameOf(put(logs, same(10_001, 'x'))), 'InvalidParameterException')
  t.equal(await nameOf(put(logs, [])), 'InvalidParameterException')
  t.match(aws.state.violations, [{ rule: 'logEvents' }, { rule: 'logEvents' }])
})

t.test('a message at the limit in UTF-8 bytes is taken, one byte more is not, and the limit can be set', async t => {
  for (const [options, limit] of [[{}, 1_000_000], [{ messageBytes: 1_048_550 }, 1_048_550]] as const) {
    const { aws, logs } = await startStream(t, options)
    t.equal(await nameOf(put(logs, [at(nowMs, 'é'.repeat(limit / 2))])), 'ok')
    t.same(aws.state.violations, [])
    t.equal(await nameOf(put(logs, [at(nowMs, 'é'.repeat(limit / 2) + 'x')])), 'InvalidParameterException')
    t.match(aws.state.violations, [{ rule: 'message-bytes' }])
  }
})

t.test('one empty message fails the whole batch; a blank one does not', async t => {
  const { aws, logs } = await startStream(t)
  t.equal(await nameOf(put(logs, [at(nowMs, 'good'), at(nowMs, '')])), 'InvalidParameterException')
  t.same(aws.state.events('/app', 'web/1'), [])
  t.equal(await nameOf(put(logs, [at(nowMs, ' ')])), 'ok')
})

t.test('events out of order fail the batch; equal times do not', async t => {
  const { aws, logs } = await startStream(t)
  t.equal(await nameOf(put(logs, [at(nowMs), at(nowMs)])), 'ok')
  t.equal(await nameOf(put(logs, [at(nowMs), at(nowMs - 1)])), 'InvalidParameterException')
  t.match(aws.state.violations, [{ rule: 'order' }])
})

t.test('events may span 24 hours and not a millisecond more; rejected ones do not count', async t => {
  const { aws, logs } = await startStream(t)
  t.equal(await nameOf(put(logs, [at(nowMs - dayMs), at(nowMs)])), 'ok')
  const mixed = await put(logs, [at(nowMs - 15 * dayMs), at(nowMs)])
  t.match(mixed, { rejectedLogEventsInfo: { tooOldLogEventEndIndex: 1 } })
  t.same(aws.state.violations, [])
  t.equal(await nameOf(put(logs, [at(nowMs - dayMs - 1), at(nowMs)])), 'InvalidParameterException')
  t.match(aws.state.violations, [{ rule: 'span' }])
})

t.test('events two hours ahead or 14 days old are stored, those beyond are told by index', async t => {
  const { aws, logs } = await startStream(t)
  const old = nowMs - 14 * dayMs
  const ahead = nowMs + 2 * hourMs
  t.equal((await put(logs, [at(old)])).rejectedLogEventsInfo, undefined)
  t.equal((await put(logs, [at(ahead)])).rejectedLogEventsInfo, undefined)
  const tooOld = await put(logs, [at(old - 1), at(old - 1), at(old)])
  t.same(tooOld.rejectedLogEventsInfo, { tooOldLogEventEndIndex: 2 })
  const tooNew = await put(logs, [at(ahead), at(ahead + 1), at(ahead + 2)])
  t.same(tooNew.rejectedLogEventsInfo, { tooNewLogEventStartIndex: 1 })
  const all = await put(logs, [at(old - 1), at(ahead + 1)])
  t.same(all.rejectedLogEventsInfo, { tooOldLogEventEndIndex: 1, tooNewLogEventStartIndex: 1 })
  t.equal(aws.state.events('/app', 'web/1').length, 4)
  t.same(aws.state.violations, [])
})

t.test('events older than the retention are told as expired', async t => {
  const { aws, logs } = await startStream(t)
  await logs.send(new PutRetentionPolicyCommand({ logGroupName: '/app', retentionInDays: 3 }))
  const edge = nowMs - 3 * dayMs
  const answer = await put(logs, [at(nowMs - 20 * dayMs), at(edge - 1), at(edge)])
  t.same(answer.rejectedLogEventsInfo, { tooOldLogEventEndIndex: 1, expiredLogEventEndIndex: 2 })
  t.same(aws.state.events('/app', 'web/1').map(event => event.timestamp), [edge])
})

t.test('an entity of a wrong shape refuses the call, one that is not known is refused beside the events', async t => {
  const { aws, logs } = await startStream(t)
  const send = (keyAttributes: Record<string, string>, attributes?: Record<string, string>) =>
    logs.send(new PutLogEventsCommand({
      ...names, logEvents: [at(nowMs)], entity: { keyAttributes, ...(attributes === undefined ? {} : { attributes }) },
    }))
  const service = { Type: 'Service', Name: 'shop', Environment: 'production' }
  const good = [service, { Type: 'AWS::Resource', ResourceType: 'AWS::ECS::Task', Identifier: 't' }]
  for (const each of good) t.equal((await send(each, { a: '1' })).rejectedEntityInfo, undefined)
  t.same(aws.state.batches.map(batch => batch.entity), good.map(keyAttributes => ({ keyAttributes, attributes: { a: '1' } })))
  t.same(aws.state.violations, [])
  const refused = [
    ['InvalidTypeValue', { Type: 'Shop', Name: 'a' }], ['InvalidKeyAttributes', { ...service, Other: 'x' }],
    ['MissingRequiredFields', { Name: 'a', Environment: 'b' }], ['MissingRequiredFields', { Type: 'Service', Name: 'a' }],
  ] as const
  for (const [errorType, keyAttributes] of refused) {
    t.same((await send(keyAttributes)).rejectedEntityInfo, { errorType })
    t.equal(aws.state.batches.at(-1)?.entity, undefined)
  }
  t.equal(aws.state.events('/app', 'web/1').length, 6, 'the events are stored all the same')
  t.same(aws.state.violations, [])
  const eleven = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`a${index}`, 'x']))
  const wrong = [
    [{ Type: 'Service' }, {}], [{ ...service, ResourceType: 'a', Identifier: 'b' }, {}], [{ ...service, Name: '' }, {}],
    [{ ...service, Name: 'x'.repeat(513) }, {}], [service, eleven], [service, { a: '' }], [service, { ['a'.repeat(257)]: '1' }],
  ] as const
  for (const [keyAttributes, attributes] of wrong) {
    t.equal(await nameOf(send(keyAttributes, attributes)), 'InvalidParameterException', JSON.stringify(keyAttributes).slice(0, 80))
  }
  t.equal(aws.state.violations.length, wrong.length)
  tamper(logs, 'unsigned', sent => { sent.body = '{"logGroupName":"/app","logStreamName":"web/1","logEvents":[],"entity":[]}' })
  t.equal(await nameOf(put(logs, [at(nowMs)])), 'SerializationException')
})

t.test('a timestamp must be an integer that is not negative', async t => {
  const { aws, logs } = await startStream(t)
  t.equal(await nameOf(put(logs, [at(-1)])), 'InvalidParameterException')
  for (const value of ['1.5', '"1"', 'null', '1e300']) {
    tamper(logs, 'unsigned', sent => { sent.body = `{"logGroupName":"/app","logStreamName":"web/1","logEvents":[{"timestamp":${value},"message":"m"}]}` })
    t.not(await nameOf(put(logs, [at(nowMs)])), 'ok', value)
  }
  t.equal(aws.state.violations.length, 5)
})

t.test('what is not JSON in UTF-8, or not of the declared type, is refused', async t => {
  const { aws, logs } = await startStream(t)
  const bodies = [Buffer.from('{"logGroupName":"\xff"}', 'latin1'), '[]', '{', '{"logGroupName":1,"logStreamName":"s","logEvents":[{"timestamp":1,"message":"m"}]}']
  for (const body of bodies) {
    tamper(logs, 'unsigned', sent => { sent.body = body })
    t.equal(await nameOf(put(logs, [at(nowMs)])), 'SerializationException')
  }
  t.equal(aws.state.violations.length, 4)
})

t.test('a member that the API does not have is a violation', async t => {
  const { aws, logs } = await startStream(t)
  tamper(logs, 'unsigned', sent => { sent.body = '{"logGroupName":"/app","logStreamName":"n","other":1}' })
  t.equal(await nameOf(logs.send(new CreateLogStreamCommand(names))), 'ok')
  t.match(aws.state.violations, [{ rule: 'unknown-member', detail: 'other' }])
})

t.test('a request body over 8 MiB is refused', async t => {
  const { aws, logs } = await startStream(t)
  t.equal(await nameOf(put(logs, same(9, 'x'.repeat(1_000_000)))), 'RequestEntityTooLargeException')
  t.match(aws.state.violations, [{ rule: 'request-bytes' }])
})

t.test('groups and streams that are missing or there already say so', async t => {
  const { aws, logs } = await startStream(t)
  t.equal(await nameOf(logs.send(new CreateLogStreamCommand(names))), 'ResourceAlreadyExistsException')
  t.equal(await nameOf(logs.send(new CreateLogGroupCommand({ logGroupName: '/app' }))), 'ResourceAlreadyExistsException')
  for (const gone of [{ ...names, logGroupName: 'gone' }, { ...names, logStreamName: 'gone' }]) {
    t.equal(await nameOf(logs.send(new PutLogEventsCommand({ ...gone, logEvents: [at(nowMs)] }))), 'ResourceNotFoundException')
    t.equal(await nameOf(logs.send(new GetLogEventsCommand(gone))), 'ResourceNotFoundException')
  }
  t.equal(await nameOf(logs.send(new CreateLogStreamCommand({ ...names, logGroupName: 'gone' }))), 'ResourceNotFoundException')
  t.equal(await nameOf(logs.send(new PutRetentionPolicyCommand({ logGroupName: 'gone', retentionInDays: 1 }))), 'ResourceNotFoundException')
  t.same(aws.state.violations, [])
})

t.test('names of 512 characters of the right kind are taken, others are not', async t => {
  const { aws, logs } = await startStream(t)
  const group = (logGroupName: string) => nameOf(logs.send(new CreateLogGroupCommand({ logGroupName })))
  const stream = (logStreamName: string) => nameOf(logs.send(new CreateLogStreamCommand({ logGroupName: '/app', logStreamName })))
  t.equal(await group(`A-z_0/.#${'a'.repeat(504)}`), 'ok')
  t.equal(await stream('é b'.padEnd(512, 'a')), 'ok')
  t.same(aws.state.violations, [])
  for (const bad of ['', 'a'.repeat(513), 'a b', 'a:b', 'aws/lambda']) t.equal(await group(bad), 'InvalidParameterException', bad)
  for (const bad of ['', 'a'.repeat(513), 'a:b', 'a*b']) t.equal(await stream(bad), 'InvalidParameterException', bad)
  t.equal(aws.state.violations.length, 9)
})

t.test('a group keeps its class, key, tags and retention, each only of the values there are', async t => {
  const { aws, logs } = await startStream(t, { kmsKeys: ['key'] })
  const make = (more: object) => nameOf(logs.send(new CreateLogGroupCommand({ logGroupName: 'made', ...more })))
  const keep = (retentionInDays: number) => nameOf(logs.send(new PutRetentionPolicyCommand({ logGroupName: 'made', retentionInDays })))
  t.equal(await make({ logGroupClass: 'CHEAP' }), 'InvalidParameterException')
  t.equal(await make({ kmsKeyId: 'other' }), 'InvalidParameterException')
  t.equal(await make({ tags: { 'a*': 'b' } }), 'InvalidParameterException')
  t.equal(await make({ logGroupClass: 'INFREQUENT_ACCESS', kmsKeyId: 'key', tags: { team: 'web' } }), 'ok')
  for (const days of [2, 31, 3654]) t.equal(await keep(days), 'InvalidParameterException')
  for (const days of [1, 400, 3653, 30]) t.equal(await keep(days), 'ok')
  t.match(aws.state.groups.get('made'), { logGroupClass: 'INFREQUENT_ACCESS', kmsKeyId: 'key', tags: { team: 'web' } })
  const { logGroups } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: 'm' }))
  t.match(logGroups, [{ logGroupName: 'made', retentionInDays: 30, kmsKeyId: 'key' }])
})

t.test('groups and streams are listed by name, over pages', async t => {
  const { logs } = await startStream(t, { groups: ['/app', 'b', 'a', 'ac'] })
  for (const name of ['x', 'y']) await logs.send(new CreateLogStreamCommand({ ...names, logStreamName: name }))
  await put(logs, [at(nowMs)])
  const first = await logs.send(new DescribeLogGroupsCommand({ limit: 3 }))
  t.same(first.logGroups?.map(group => group.logGroupName), ['/app', 'a', 'ac'])
  const token = first.nextToken ?? 'none'
  const second = await logs.send(new DescribeLogGroupsCommand({ limit: 3, nextToken: token }))
  t.same(second.logGroups?.map(group => group.logGroupName), ['b'])
  t.equal(second.nextToken, undefined)
  const streams = async (more: object) => {
    const { logStreams } = await logs.send(new DescribeLogStreamsCommand({ logGroupName: '/app', ...more }))
    return logStreams?.map(stream => stream.logStreamName)
  }
  t.same(await streams({}), ['web/1', 'x', 'y'])
  t.same(await streams({ logStreamNamePrefix: 'w' }), ['web/1'])
  t.same(await streams({ orderBy: 'LastEventTime', descending: true, limit: 1 }), ['web/1'])
  t.equal(await nameOf(streams({ orderBy: 'LastEventTime', logStreamNamePrefix: 'w' })), 'InvalidParameterException')
  t.equal(await nameOf(logs.send(new DescribeLogGroupsCommand({ limit: 51 }))), 'InvalidParameterException')
})

t.test('every answer has a request id of its own, refusals too', async t => {
  const { aws, logs } = await startStream(t)
  const ids = new Set<string | undefined>()
  for (let count = 0; count < 3; count++) ids.add((await put(logs, [at(nowMs)])).$metadata.requestId)
  try {
    await put(logs, [])
  } catch (error) {
    ids.add((error as { $metadata: { requestId?: string } }).$metadata.requestId)
  }
  t.equal(ids.size, 4)
  t.notOk(ids.has(undefined))
  t.same(aws.state.events('/app', 'web/1').map(event => event.requestId), [...ids].slice(0, 3))
})

t.test('another region, and an operation that is not here, are refused', async t => {
  const { logs } = await startBench(t, {}, { region: 'eu-west-1' })
  t.equal(await nameOf(logs.send(new DescribeLogGroupsCommand({}))), 'InvalidSignatureException')
  const bench = await startBench(t)
  const tag = new TagResourceCommand({ resourceArn: 'arn:aws:logs:us-east-1:123456789012:log-group:x', tags: { a: 'b' } })
  t.equal(await nameOf(bench.logs.send(tag)), 'UnknownOperationException')
  t.match(bench.aws.state.violations, [{ rule: 'operation', operation: 'Unsupported' }])
})

t.test('with rates set, requests over them are throttled until the second is over', async t => {
  let clockMs = nowMs
  const { logs } = await startBench(t, { rates: documentedRates, now: () => clockMs })
  const make = (name: string) => nameOf(logs.send(new CreateLogGroupCommand({ logGroupName: name })))
  for (const name of ['a', 'b', 'c', 'd', 'e']) t.equal(await make(name), 'ok')
  t.equal(await make('f'), 'ThrottlingException')
  clockMs += 1000
  t.equal(await make('f'), 'ok')
})
