import t from 'tap'
import type { SentRecord } from '../support/forward-frames.ts'
import { sendRecords } from '../support/sender.ts'
import { eventMarks, lines, objectMarks, sentMarks, startWorld, storedTwice, type World } from '../e2e/aws-world.ts'

t.setTimeout(600_000)

const errors = (name: string): SentRecord[] => lines(20, name).filter(({ fields }) => fields['source'] === 'stderr')
const copied = ({ aws }: World) => objectMarks(aws).filter(mark => mark.startsWith('error-'))

/** Two lines of YAML. */
const yaml = 'error:\n  copyToS3: true\n'
/** Nothing waits long for others. */
const soon = { SLUICE_OBJECTS_MAX_AGE: '200ms', SLUICE_DELIVERY_REQUEST_TIMEOUT: '2s' }

t.test('errors are in CloudWatch Logs and in S3, under the keys of their class', async t => {
  const world = await startWorld(t)
  const { aws, start } = world
  const sluice = start({ SLUICE_ERROR_COPY_TO_S3: 'true', SLUICE_PREFIX: 'production/' })
  await sluice.printed(/"started"/)
  const sent = lines(20)
  await sendRecords(sluice.socketPath, sent)
  sluice.kill('SIGTERM')
  t.equal(await sluice.exited, 0, sluice.output())
  t.match(sluice.report(), { balanced: true, received: 60, made: 20, delivered: 80, by: { made: { copy: 20 } } })
  t.same(eventMarks(aws).sort(), sentMarks(sent, 'stderr'))
  const keys = aws.state.objects('shop-logs').map(({ key }) => key).filter(key => key.includes('/error/'))
  t.ok(keys.length > 0)
  for (const key of keys) t.match(key, /^production\/error\/dt=\d{4}-\d\d-\d\d\/hour=\d\d\/task1-/)
  t.same([storedTwice(aws), aws.state.violations], [[], []])
})

for (const [down, words] of [['s3', 'S3'], ['logs', 'CloudWatch Logs']] as const) {
  t.test(`${words} that hangs holds up and drops nothing of the other copy`, async t => {
    const world = await startWorld(t)
    const { aws, start } = world
    const sluice = start({ SLUICE_CONFIG_YAML: yaml, ...soon })
    await sluice.printed(/"started"/)
    aws.faults.set(down, { mode: 'hang' })
    const sent = errors('away')
    const arrived = () => down === 's3' ? eventMarks(aws) : copied(world)
    await sendRecords(sluice.socketPath, sent)
    await aws.state.until(() => arrived().length === sent.length)
    t.same(arrived().sort(), sentMarks(sent), 'all are there while the other hangs')
    t.same(down === 's3' ? copied(world) : eventMarks(aws), [], 'and none at the other')
    aws.faults.clear()
    await aws.state.until(() => eventMarks(aws).length >= sent.length && copied(world).length >= sent.length)
    sluice.kill('SIGTERM')
    t.equal(await sluice.exited, 0, sluice.output())
    t.match(sluice.report(), { balanced: true, made: 20, delivered: 40, by: { delivered: { error: 20, 'error-s3': 20 } } })
    t.same(sluice.report().by?.['dropped'] ?? {}, {})
    t.same([...new Set(eventMarks(aws))].sort(), sentMarks(sent))
    t.same(copied(world), sentMarks(sent))
  })
}

t.test('a copy whose quota is full drops of the copy, and of nothing else', async t => {
  const world = await startWorld(t)
  const { aws, start } = world
  const sluice = start({
    ...soon,
    SLUICE_CONFIG_YAML: 'routes: {archive: {maxBytes: 1MiB}, error: {copyTo: [archive]}}',
    SLUICE_STOP_DEADLINE: '2s',
    SLUICE_OBJECTS_MAX_BYTES: '64KiB',
  })
  await sluice.printed(/"started"/)
  aws.faults.set('s3', { mode: 'hang' })
  const sent = lines(200, 'full').filter(({ fields }) => fields['source'] === 'stderr')
    .map(record => ({ ...record, fields: { ...record.fields, log: `${record.fields['log'] ?? ''} ${'x'.repeat(20_000)}` } }))
  await sendRecords(sluice.socketPath, sent)
  await aws.state.until(() => eventMarks(aws).length >= sent.length)
  sluice.kill('SIGTERM')
  await sluice.exited
  const { balanced, by } = sluice.report()
  t.equal(balanced, true)
  t.match(by, { delivered: { error: 200 }, made: { copy: 200 } })
  t.same(Object.keys(by?.['dropped'] ?? {}), ['archive/quota'])
  t.same([...new Set(eventMarks(aws))].length, 200)
})
