import { once } from 'node:events'
import { globSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join, relative } from 'node:path'
import { gunzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { fargateTask, startMetadataEndpoint, type Answer } from '../support/metadata-endpoint.ts'
import { taskArn } from '../support/firelens-config.ts'
import { askAt, observed } from '../support/operator.ts'
import { startAws } from '../support/aws/server.ts'
import { sendRecords } from '../support/sender.ts'
import { startSluice, type SluiceOptions } from '../support/sluice-process.ts'
import { bucket, eventMarks, group, lines, objectMarks } from './aws-world.ts'

t.setTimeout(1_800_000)

const task = '0123456789abcdef0123456789abcdef'

/** What is delivered to files by a Sluice in a task whose metadata endpoint gives this answer. */
async function deliver (t: Test, answer: Answer, env: SluiceOptions['env']) {
  const { uri } = await startMetadataEndpoint(t, [answer])
  const sluice = startSluice(t, { env: { ...observed, ECS_CONTAINER_METADATA_URI_V4: uri, SLUICE_HOST_ID: '', ...env } })
  await sluice.printed(/"started"/)
  const record = (source: string, log: string) =>
    ({ timeMs: Date.now(), fields: { source, log, container_name: '/web' } })
  await sendRecords(sluice.socketPath, [record('stdout', '{"status":200,"path":"/"}'), record('stderr', 'oops')])
  sluice.kill('SIGTERM')
  t.equal(await sluice.exited, 0, sluice.output())
  t.match(sluice.report(), { received: 2, delivered: 2, balanced: true })
  const files = globSync('*/delivered/**/*.{gz,log,ndjson}', { cwd: sluice.dataDir })
  const texts = files.map(path => {
    const bytes = readFileSync(join(sluice.dataDir, path))
    return [path, path.endsWith('.gz') ? gunzipSync(bytes).toString() : bytes.toString()] as const
  })
  const [key = '', access = ''] = texts.find(([, text]) => text.includes('"status"')) ?? []
  const [stream = '', error = ''] = texts.find(([, text]) => text.includes('oops')) ?? []
  return { sluice, key: relative('', key), access, stream, error }
}

t.test('keys, streams and fields say which task it is', async t => {
  const { key, access, stream, error } = await deliver(t, { body: JSON.stringify(fargateTask) }, {
    SLUICE_OBJECTS_KEY: '{cluster}/{family}/{revision}/{az}/{task}/{container}/{segment}.ndjson.{ext}',
    SLUICE_EVENTS_STREAM: '{cluster}/{family}/{revision}/{az}/{task}/{container}/{class}',
    SLUICE_ENRICH: 'ecs_cluster,ecs_task_arn,ecs_task_definition,ecs_availability_zone,ec2_instance_id',
    SLUICE_ERROR_FORMAT: 'json',
  })
  const where = `shop/payment/42/ap-northeast-1a/${task}/web/`
  t.ok(key.startsWith(`${task}/delivered/${where}`), key)
  t.ok(stream.includes(where), stream)
  const fields = {
    ecs_cluster: 'shop', ecs_task_arn: taskArn, ecs_task_definition: 'payment:42', ecs_availability_zone: 'ap-northeast-1a',
  }
  t.same(JSON.parse(access), { status: 200, path: '/', ...fields })
  t.match(error, 'ecs_task_arn')
})

t.test('without a region in the environment, as on EC2 before agent 1.104.0, AWS is asked in the task\'s own', async t => {
  const region = fargateTask.TaskARN.split(':')[3] ?? ''
  const aws = await startAws({ buckets: [bucket], groups: [group], region })
  t.teardown(() => aws.close())
  const { uri } = await startMetadataEndpoint(t, [{ body: JSON.stringify(fargateTask) }])
  const { AWS_REGION: _region, ...environment } = aws.environment
  const sluice = startSluice(t, {
    env: {
      ...environment,
      AWS_CONFIG_FILE: '/dev/null',
      ECS_CONTAINER_METADATA_URI_V4: uri,
      SLUICE_LOG_GROUP: group,
      SLUICE_BUCKET: bucket,
      SLUICE_OBJECTS_MAX_AGE: '1s',
    },
  })
  await sluice.printed(/"started"/)
  await sendRecords(sluice.socketPath, lines(1, 'somewhere'))
  await aws.state.until(() => eventMarks(aws).length > 0 && objectMarks(aws).length > 0)
  sluice.kill('SIGTERM')
  t.equal(await sluice.exited, 0, sluice.output())
})

t.test('an endpoint that does not answer costs two seconds, and a warning says what was expected', async t => {
  const { sluice, key, stream } = await deliver(t, 'hang', {
    SLUICE_OBJECTS_KEY: '{cluster}/{az}/{segment}.{ext}', SLUICE_EVENTS_STREAM: '{cluster}/{task}', SLUICE_ECS_CLUSTER: 'given',
  })
  t.match(sluice.output(), /does not say which task this is: expected an answer in time, found none/)
  t.match(key, /delivered\/given\/_\/\d{10}-/, 'a key has no part without a name')
  t.match(stream, /given\/[\w-]+/)
})

t.test('fields without a place for them are told at the start', async t => {
  const { sluice, error } = await deliver(t, { body: JSON.stringify(fargateTask) }, { SLUICE_ENRICH: 'ecs_cluster' })
  t.match(sluice.output(), /SLUICE_ENRICH: enrich adds no fields to errors that are text: set error\.format to json/)
  t.notMatch(error, 'ecs_cluster')
})

t.test('the health input takes a check, which is no record', async t => {
  const sluice = startSluice(t, { env: { SLUICE_FIRELENS_HEALTH_INPUT: '127.0.0.1:0' } })
  const [, port = ''] = await sluice.printed(/"port":(\d+),"msg":"health input listening"/)
  await sluice.printed(/"started"/)
  const socket = connect(Number(port), '127.0.0.1').resume()
  socket.write('{"health":"check"}\n')
  await once(socket, 'close')
  sluice.kill('SIGTERM')
  t.equal(await sluice.exited, 0)
  t.match(sluice.report(), { received: 0, balanced: true })
})

t.test('with no destination set, the log and the health page say that lines end with the task', async t => {
  const { uri } = await startMetadataEndpoint(t, [{ body: JSON.stringify(fargateTask) }])
  const sluice = startSluice(t, { env: { ...observed, ECS_CONTAINER_METADATA_URI_V4: uri, SLUICE_HOST_ID: '' } })
  const { warnings, summary } = await (await askAt(sluice)).health()
  const words = /disk of a task ends with the task.*set SLUICE_BUCKET and SLUICE_LOG_GROUP/
  t.match(warnings, [words])
  t.match(summary, words)
  t.match(sluice.output(), /"level":"warn".*"routes":\["access","error","app","invalid"\].*disk of a task ends with the task/)
  const elsewhere = startSluice(t, { env: observed })
  t.same((await (await askAt(elsewhere)).health()).warnings, [], 'nothing to say where files stay')
  t.notMatch(elsewhere.output(), /disk of a task/)
})
