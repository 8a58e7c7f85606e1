import { gunzipSync } from 'node:zlib'
import t from 'tap'
import type { SentRecord } from '../support/forward-frames.ts'
import { sendForAcks, sendRecords } from '../support/sender.ts'
import { lines, startWorld, storedTwice, type World } from '../e2e/aws-world.ts'

t.setTimeout(600_000)

/** Of one fingerprint, since only numbers differ. */
const errors = (count: number, name: string): SentRecord[] => errorsOf(lines(count, name))
const errorsOf = (records: readonly SentRecord[]) => records.filter(({ fields }) => fields['source'] === 'stderr')
const jsonOf = ({ fields }: SentRecord) => JSON.stringify({ level: 400, message: fields['log'] })
const texts = (records: readonly SentRecord[]) => records.map(({ fields }) => fields['log'] ?? '')

const events = ({ aws: { state } }: World) => state.streams()
  .flatMap(([group, stream]) => state.events(group, stream).map(({ message }) => message))
const objectsOf = ({ aws }: World, word: string) => aws.state.objects('shop-logs').filter(({ key }) => key.includes(`${word}/dt=`))
const stored = (world: World, word: string) => objectsOf(world, word)
  .flatMap(({ body }) => gunzipSync(body).toString().split('\n').slice(0, -1))
  .map(line => JSON.parse(line) as { readonly container: string, readonly log: string })
const surplus = (world: World) => stored(world, 'storm').map(({ log }) => log)

const on = { SLUICE_STORMS_DIVERT: 'true', SLUICE_STORMS_COUNT: '5', SLUICE_OBJECTS_MAX_AGE: '200ms', SLUICE_DELIVERY_REQUEST_TIMEOUT: '2s' }

t.test('a storm: so many events and one summary in CloudWatch Logs, the surplus in S3, line by line, with SIGTERM in its window', async t => {
  const world = await startWorld(t)
  const sluice = world.start({ ...on, SLUICE_PREFIX: 'production/', SLUICE_STORMS_WINDOW: '1h' })
  await sluice.printed(/"started"/)
  const all = lines(40, 'storm').map((record, index) => ({ ...record, timeMs: record.timeMs + index }))
  const sent = errorsOf(all)
  await sendRecords(sluice.socketPath, all)
  sluice.kill('SIGTERM')
  t.equal(await sluice.exited, 0, sluice.output())
  t.match(sluice.report(), {
    balanced: true,
    received: 120,
    by: { made: { summary: 1 }, delivered: { error: 6, storm: 35, access: 40, app: 40 } },
  })
  const [summary = '', ...others] = events(world).filter(message => message.startsWith('repeated '))
  t.same(others, [])
  t.match(summary, /^repeated 40 times in \d+ s, first (.{24}), last (.{24}), fingerprint [0-9a-f]{12}; 35 of them went to route storm: error-storm-5\.$/)
  const times = sent.map(({ timeMs }) => timeMs)
  t.ok(summary.includes(`first ${new Date(Math.min(...times)).toISOString()}, last ${new Date(Math.max(...times)).toISOString()}`), summary)
  t.same(events(world), [...texts(sent).slice(0, 5), summary], 'the summary is the last of its stream')
  t.same(surplus(world), texts(sent).slice(5))
  t.same([...new Set(stored(world, 'storm').map(({ container }) => container))], ['web'])
  for (const { key } of objectsOf(world, 'storm')) t.match(key, /^production\/storm\/dt=\d{4}-\d\d-\d\d\/hour=\d\d\/task1-/)
  t.same([storedTwice(world.aws), world.aws.state.violations], [[], []])
})

t.test('while Sluice runs, the end of each window tells of its storm', async t => {
  const world = await startWorld(t)
  const sluice = world.start({ ...on, SLUICE_STORMS_WINDOW: '1s', SLUICE_ERROR_FORMAT: 'json' })
  await sluice.printed(/"started"/)
  for (const name of ['one', 'two']) {
    const before = events(world).length
    await sendRecords(sluice.socketPath, errors(20, name))
    await world.aws.state.until(() => events(world).slice(before).some(message => message.includes('"storm":')))
  }
  sluice.kill('SIGTERM')
  t.equal(await sluice.exited, 0, sluice.output())
  interface Event { readonly fingerprint: string, readonly storm?: Record<'count' | 'surplus', number> }
  const summaries = events(world).map(message => JSON.parse(message) as Event)
  const told = summaries.flatMap(({ storm }) => storm ?? [])
  const sum = (name: 'count' | 'surplus') => told.reduce((all, storm) => all + storm[name], 0)
  t.equal(sum('surplus'), stored(world, 'storm').length)
  t.equal(sum('count') - sum('surplus'), told.length * 5, 'each has let five through')
  t.equal(new Set(summaries.map(({ fingerprint }) => fingerprint)).size, 2, 'one for each name, on records and summaries')
  t.equal(sluice.report().balanced, true)
})

for (const [down, words] of [['s3', 'S3'], ['logs', 'CloudWatch Logs']] as const) {
  t.test(`${words} that hangs holds up and drops nothing of what goes to the other`, async t => {
    const world = await startWorld(t)
    const { aws } = world
    const sluice = world.start({ ...on, SLUICE_STORMS_WINDOW: '1s' })
    await sluice.printed(/"started"/)
    aws.faults.set(down, { mode: 'hang' })
    const sent = errors(40, 'away')
    await sendRecords(sluice.socketPath, sent)
    const toLogs = () => events(world).filter(message => !message.startsWith('repeated '))
    await aws.state.until(() => down === 's3'
      ? events(world).some(message => message.startsWith('repeated '))
      : surplus(world).length > 0)
    t.same(down === 's3' ? surplus(world) : events(world), [], 'none at the other')
    aws.faults.clear()
    await aws.state.until(() => new Set([...toLogs(), ...surplus(world)]).size >= sent.length)
    sluice.kill('SIGTERM')
    t.equal(await sluice.exited, 0, sluice.output())
    t.equal(sluice.report().balanced, true)
    t.same(sluice.report().by?.['dropped'] ?? {}, {})
    t.same([...new Set([...toLogs(), ...surplus(world)])].sort(), texts(sent).sort())
  })
}

t.test('a process that is killed within the window takes no line with it, only the summary', async t => {
  const world = await startWorld(t)
  const env = { ...on, SLUICE_STORMS_WINDOW: '1h' }
  const first = world.start(env)
  await first.printed(/"started"/)
  world.aws.faults.set('s3', { mode: 'hang' })
  // JSON is whole by itself: no join has the last one in memory.
  const sent = errors(40, 'killed').map(record => ({ ...record, fields: { ...record.fields, log: jsonOf(record) } }))
  t.equal((await sendForAcks(first.socketPath, [sent])).length, 40)
  first.kill('SIGKILL')
  await first.exited
  world.aws.faults.clear()
  const second = world.start(env)
  const lines = () => [...events(world), ...stored(world, 'storm').map(line => JSON.stringify(line))]
  await world.aws.state.until(() => new Set(lines()).size >= 40)
  second.kill('SIGTERM')
  t.equal(await second.exited, 0, second.output())
  t.same([...new Set(lines())].sort(), texts(sent).sort())
  t.match(second.report(), { balanced: true, by: { recovered: { storm: 35 } } })
})

t.test('without the setting there is no route of storms, and everything goes where errors go', async t => {
  const world = await startWorld(t)
  const sluice = world.start({ SLUICE_OBJECTS_MAX_AGE: '200ms' })
  await sluice.printed(/"started"/)
  const sent = errors(300, 'off')
  await sendRecords(sluice.socketPath, sent)
  sluice.kill('SIGTERM')
  t.equal(await sluice.exited, 0, sluice.output())
  t.same(events(world), texts(sent))
  t.notOk('storm' in (sluice.report().by?.['delivered'] ?? {}))
})
