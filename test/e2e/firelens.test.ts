import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { startAws, type Aws } from '../support/aws/server.ts'
import { deliveredLines } from '../support/delivered.ts'
import { firelensConfig, type FirelensTask } from '../support/firelens-config.ts'
import { forwardFrames, type SentRecord } from '../support/forward-frames.ts'
import { askAt, observed } from '../support/operator.ts'
import { sendBytes } from '../support/sender.ts'
import { shortDirectory, startSluice, type SluiceProcess } from '../support/sluice-process.ts'
import { until } from '../support/until.ts'

t.setTimeout(1_800_000)

const taskId = '0123456789abcdef0123456789abcdef'

/** As the log driver of ECS sends the lines of a container. */
type Line = readonly ['stdout' | 'stderr', string]

async function send (sluice: SluiceProcess, container: string, lines: readonly Line[]): Promise<void> {
  const records = lines.map(([source, log]): SentRecord =>
    ({ timeMs: Date.now(), fields: { source, log, container_name: `/ecs-x-${container}`, container_id: 'ab'.repeat(32) } }))
  await sendBytes(sluice.socketPath, forwardFrames('message', `${container}-firelens-${taskId}`, records).bytes)
}

/** Sluice with the file that ECS generates for a task with these containers, in a region of AWS that is not theirs. */
async function startTask (t: Test, containers: FirelensTask['containers'], env: Readonly<Record<string, string>> = {}) {
  const aws = await startAws({ buckets: ['batch-logs', 'shared-logs'], groups: ['/ecs/web', '/shared'] })
  t.teardown(() => aws.close())
  const directory = shortDirectory(t)
  const file = join(directory, 'fluent-bit.conf')
  writeFileSync(file, firelensConfig({ network: 'host', containers }))
  const start = () => startSluice(t, {
    directory,
    env: {
      ...observed,
      ...aws.environment,
      SLUICE_JOIN_TRACES_MAX_QUIET: '10ms',
      SLUICE_FIRELENS_CONFIG: file,
      AWS_REGION: 'eu-west-1',
      ...env,
    },
  })
  const sluice = start()
  await sluice.printed(/"started"/)
  return { aws, sluice, start }
}

async function stop (t: Test, sluice: SluiceProcess) {
  sluice.kill('SIGTERM')
  t.equal(await sluice.exited, 0, sluice.output())
  t.ok(sluice.report().balanced)
  return sluice.report()
}

function linesIn (directory: string): number {
  return globSync('**/*.{open,ndjson}', { cwd: directory })
    .reduce((sum, file) => sum + readFileSync(join(directory, file), 'latin1').split('\n').length - 1, 0)
}

const messagesOf = ({ state }: Aws, group: string) => state.streams().filter(([name]) => name === group)
  .flatMap(([name, stream]) => state.events(name, stream).map(({ message }) => [stream, message] as const))
const objectsOf = ({ state }: Aws, bucket: string) => state.objects(bucket)
  .flatMap(({ key, body }) => gunzipSync(body).toString().trimEnd().split('\n').map(line => [key, line] as const))

t.test('with only the image changed, each container\'s lines go where its options say', async t => {
  const { aws, sluice } = await startTask(t, {
    web: { Name: 'cloudwatch_logs', region: 'us-east-1', log_group_name: '/ecs/web', log_stream_prefix: 'web/', endpoint: 'logs.example' },
    batch: {
      Name: 's3',
      region: 'us-east-1',
      bucket: 'batch-logs',
      s3_key_format: '/jobs/$TAG[0]/%Y/$UUID.gz',
      s3_key_format_tag_delimiters: '-',
      'exclude-pattern': 'ELB',
    },
  })
  await sluice.printed(/not carried over: \[OUTPUT\] cloudwatch_logs of web: endpoint/)
  const access = '{"status":200,"path":"/"}'
  const lines = [
    ['stdout', access], ['stderr', 'oops'], ['stdout', 'hello'], ['stdout', '{"status":200,"path":"/'],
    ['stdout', '{"status":200,"path":"/\\xe6\\x97\\xa5"}'],
  ] as const
  await send(sluice, 'web', lines)
  await send(sluice, 'batch', [...lines, ['stdout', '{"status":200,"path":"/","agent":"ELB"}']])
  const report = await stop(t, sluice)
  t.match(report, { received: 11, delivered: 10, filtered: 1, pending: 0, dropped: 0, rejected: 0 })
  t.equal(report.by['filtered']?.['exclude-pattern'], 1)

  const stream = 'web/web-firelens-task1'
  const invalid = /^\{"time":".*","raw":"\{\\"status\\":200,\\"path\\":\\"\/","reason":"truncated"\}$/
  t.match(messagesOf(aws, '/ecs/web').toSorted((a, b) => a[1] < b[1] ? -1 : 1), [
    [stream, 'hello'], [stream, 'oops'], [stream, access], [stream, '{"status":200,"path":"/日"}'], [stream, invalid],
  ])
  const objects = objectsOf(aws, 'batch-logs')
  for (const [key] of objects) t.match(key, /^jobs\/batch\/\d{4}\/\d{10}-[0-9a-f]{32}-\d+-\d+-[0-9a-f]{8}\.gz$/)
  t.match(objects.map(([, line]) => line).toSorted(), [
    access, '{"status":200,"path":"/日"}', /"stream":"stderr","log":"oops"\}$/, /"stream":"stdout","log":"hello"\}$/, invalid,
  ])
  t.same(aws.state.violations, [])
})

t.test('the two variables say where lines go for which a container\'s options say nothing', async t => {
  const { aws, sluice } = await startTask(t, {
    web: { Name: 'cloudwatch_logs', region: 'us-east-1', log_group_name: '/ecs/web' }, other: {},
  }, { SLUICE_BUCKET: 'shared-logs', SLUICE_LOG_GROUP: '/shared', AWS_REGION: 'us-east-1' })
  for (const container of ['web', 'other']) {
    await send(sluice, container, [['stdout', `{"status":200,"path":"/${container}"}`], ['stderr', `oops ${container}`]])
  }
  t.match(await stop(t, sluice), { received: 4, delivered: 4 })
  t.same(objectsOf(aws, 'shared-logs').map(([, line]) => line).toSorted(),
    ['{"status":200,"path":"/other"}', '{"status":200,"path":"/web"}'])
  t.same(messagesOf(aws, '/ecs/web').map(([, message]) => message), ['oops web'])
  t.same(messagesOf(aws, '/shared').map(([, message]) => message), ['oops other'])
})

t.test('a pattern that would try for ever holds up nothing', async t => {
  const { sluice } = await startTask(t, { web: { 'include-pattern': '(a+)+b|kept' } })
  await send(sluice, 'web', [['stdout', `${'a'.repeat(20_000)}c`], ['stdout', 'kept']])
  // No machine comes to the end of 2^20000 tries.
  t.match(await stop(t, sluice), { received: 2, delivered: 1, filtered: 1 })
  t.match(deliveredLines(sluice.dataDir).app, [/"log":"kept"/])
})

t.test('a generated file that makes no sense warns, and everything else works', async t => {
  const directory = shortDirectory(t)
  const file = join(directory, 'fluent-bit.conf')
  writeFileSync(file, Buffer.from([0, 255, 10, 91, 79, 85, 84, 80, 85, 84, 93, 10, 120]))
  const sluice = startSluice(t, { directory, env: { ...observed, SLUICE_FIRELENS_CONFIG: file } })
  await sluice.printed(/not carried over/)
  await sluice.printed(/"started"/)
  await send(sluice, 'web', [['stderr', 'oops']])
  t.match(await stop(t, sluice), { received: 1, delivered: 1 })
})

t.test('AWS away and a kill -9 lose nothing of a container\'s own routes, and the health page says why it waits', async t => {
  const { aws, sluice, start } = await startTask(t, {
    web: { Name: 'cloudwatch_logs', region: 'us-east-1', log_group_name: '/ecs/web' },
    batch: { Name: 's3', region: 'us-east-1', bucket: 'batch-logs' },
  })
  const operator = await askAt(sluice)
  aws.faults.set('logs', { mode: 'reset' })
  aws.faults.set('s3', { mode: '503' })
  const texts = (name: string) => Array.from({ length: 50 }, (_, index) => `${name} ${index}`)
  for (const name of ['web', 'batch']) {
    await send(sluice, name, texts(name).flatMap(text => [['stdout', text], ['stderr', `PHP Warning:  ${text}`]]))
  }
  const { routes } = await until('all four routes wait and say why', () => operator.health(), ({ routes }) =>
    ['app.web', 'error.web', 'app.batch', 'error.batch'].every(name => routes[name]?.state === 'paused'))
  t.match(routes['error.web']?.summary, /cloudwatch \/ecs\/web: .*no connection.*waiting/)
  t.match(routes['error.batch']?.summary, /s3 s3:\/\/batch-logs.*waiting/)
  // What a join holds, or was let go by one less than 50 ms ago, is memory: docs/guarantees.md.
  await until('every line is in the spool', () => linesIn(join(sluice.dataDir, 'task1/spool')), count => count === 200)
  sluice.kill('SIGKILL')
  await sluice.exited

  aws.faults.clear()
  const second = start()
  await second.printed(/"started"/)
  const report = await stop(t, second)
  t.match(report, { received: 0, recovered: 200, delivered: 200, pending: 0, dropped: 0, rejected: 0 })
  t.same(messagesOf(aws, '/ecs/web').map(([, message]) => message.replace('PHP Warning:  ', '')).sort(),
    [...texts('web'), ...texts('web')].sort())
  t.equal(objectsOf(aws, 'batch-logs').length, 100)
})
