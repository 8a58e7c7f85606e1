import { appendFileSync, cpSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import type { Aws } from '../support/aws/server.ts'
import type { SentRecord } from '../support/forward-frames.ts'
import { sendRecords } from '../support/sender.ts'
import { shortDirectory } from '../support/sluice-process.ts'
import { until } from '../support/until.ts'
import { bucket, eventMarks, lines, markOf, objectMarks, sentMarks, startWorld, storedLetters, type World } from './aws-world.ts'

t.setTimeout(600_000)

const errorsOf = (records: readonly SentRecord[]) => records.filter(({ fields }) => fields['source'] === 'stderr')

/** A world in which CloudWatch Logs has refused errors, with their letters in the data directory and in the bucket. */
async function startWithLetters (t: Test, count: number, name = 'line') {
  const world = await startWorld(t)
  const { aws, start } = world
  const sent = errorsOf(lines(count, name))
    .map((record, index) => ({ ...record, timeMs: Date.now() - 3_600_000 + index }))
  aws.faults.set('logs', { mode: 'invalid' })
  const sluice = start({ SLUICE_PREFIX: 'production/' })
  await sluice.printed(/"started"/)
  await sendRecords(sluice.socketPath, sent)
  sluice.kill('SIGTERM')
  t.equal(await sluice.exited, 0, sluice.output())
  t.match(sluice.report(), { balanced: true, rejected: count })
  aws.faults.clear()
  return { ...world, sent, directory: join(sluice.dataDir, 'task1/dead-letter') }
}

/** Runs the command to its end, which must be with `code`. */
async function replay (
  t: Test, { start }: Pick<World, 'start'>, code: number, ...args: string[]
) {
  const sluice = start({}, ['replay', ...args])
  t.equal(await sluice.exited, code, sluice.output())
  return sluice
}

/** A replay that has read four letters, and waits for CloudWatch Logs, which does not answer. */
async function startWithHeldReplay (t: Test, env: Readonly<Record<string, string>>) {
  const world = await startWithLetters(t, 4)
  const { aws, start, directory } = world
  aws.faults.set('logs', { mode: 'hang' })
  const first = start(env, ['replay', directory])
  await aws.state.until(() => aws.state.tally.of('PutLogEvents').inFlightCount > 0)
  return { ...world, first, dataDir: dirname(dirname(directory)) }
}

const timesOf = ({ state }: Aws) => state.streams().flatMap(([group, stream]) =>
  state.events(group, stream).map(({ timestamp, message }) => [markOf(message), timestamp]))

t.test('dead letters of a directory are sent again once, with their own times, text and container', async t => {
  const world = await startWithLetters(t, 30)
  const { aws, sent, directory } = world
  const dry = await replay(t, world, 0, '--dry-run', directory)
  t.match(dry.output(), /30 records in 1 of 1 files\n {2}would send to {2}error {2}30\n/)
  t.same(eventMarks(aws), [], 'a dry run sends nothing')

  const first = await replay(t, world, 0, directory)
  t.match(first.report(), { balanced: true, received: 30, delivered: 30, by: { received: { replay: 30 } } })
  t.same(timesOf(aws), sent.map(({ fields, timeMs }) => [markOf(fields['log'] ?? ''), timeMs]))
  t.same(aws.state.streams().map(([, stream]) => stream), ['web/replay/error'])

  const second = await replay(t, world, 0, directory)
  t.match(second.report(), { balanced: true, received: 0 })
  t.match(second.output(), /^sluice replay: 30 lines sent before, and not sent again$/m)
  t.equal(eventMarks(aws).length, 30, 'what was confirmed is not sent again')
  const dryAgain = (await replay(t, world, 0, '--dry-run', directory)).output()
  t.match(dryAgain, /^0 records in 1 of 1 files$/m)
  t.match(dryAgain, /^sluice replay: 30 lines sent before, and not sent again$/m)
})

t.test('a file that has grown, or has another name by now, is sent from where it was; another one from its start', async t => {
  const world = await startWithLetters(t, 5)
  const { aws, directory } = world
  await replay(t, world, 0, directory)
  const path = join(directory, 'error.ndjson')
  const letter = (name: string) => `${JSON.stringify({ time: 'x', route: 'error', reason: 'invalid', record: { t: Date.now(), c: 'web', m: `error-${name}-1.` } })}\n`
  writeFileSync(join(directory, 'error.old.ndjson'), readFileSync(path, 'utf8') + letter('grown'))
  writeFileSync(path, letter('next'))
  t.match((await replay(t, world, 0, directory)).report(), { received: 2, delivered: 2 })
  t.same(eventMarks(aws).slice(5).sort(), ['error-grown-1.', 'error-next-1.'])
})

t.test('dead letters of a bucket are sent again once, and nothing but dead letters', async t => {
  const world = await startWithLetters(t, 20)
  const { aws, sent } = world
  aws.state.keepObject({ ...aws.state.objects(bucket)[0] as never as Parameters<typeof aws.state.keepObject>[0], key: 'production/access/x.ndjson.gz' })
  const address = `s3://${bucket}/production/`
  t.match((await replay(t, world, 0, '--dry-run', address)).output(), /^20 records in/m)
  await replay(t, world, 0, address)
  t.same(eventMarks(aws).sort(), sentMarks(sent))
  t.match((await replay(t, world, 0, address)).report(), { received: 0 })
  t.equal(eventMarks(aws).length, 20)
})

t.test('the spool of another that was killed is sent, errors and access lines, but for what it had delivered', async t => {
  const world = await startWorld(t)
  const { aws, start } = world
  const sluice = start()
  await sluice.printed(/"started"/)
  const before = lines(10, 'before')
  await sendRecords(sluice.socketPath, before)
  await aws.state.until(() => eventMarks(aws).length === 10 && objectMarks(aws).length === 20)
  aws.faults.set('logs', { mode: 'hang' })
  aws.faults.set('s3', { mode: 'hang' })
  const after = lines(10, 'after')
  await sendRecords(sluice.socketPath, after)
  await aws.state.until(() => aws.state.tally.of('PutLogEvents').inFlightCount > 0 && aws.state.tally.of('PutObject').inFlightCount > 1)
  const inSpool = () => globSync('task1/spool/error/**/*.*', { cwd: sluice.dataDir }).map(path => readFileSync(join(sluice.dataDir, path), 'utf8')).join('')
  await until('no join holds the last error', inSpool, text => text.includes('error-after-9.'))
  sluice.kill('SIGKILL')
  await sluice.exited
  aws.faults.clear()
  // As another task would see it: copied to another place.
  const copy = shortDirectory(t)
  cpSync(join(sluice.dataDir, 'task1'), copy, { recursive: true })
  const replayed = await replay(t, world, 0, copy)
  t.match(replayed.report(), { balanced: true, received: 30, delivered: 30 })
  t.same(eventMarks(aws).sort(), sentMarks([...before, ...after], 'stderr'))
  t.same(objectMarks(aws), sentMarks([...before, ...after], 'stdout'))
})

t.test('an interruption, by a signal or SIGKILL, loses nothing, and what was confirmed is not sent again', async t => {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const world = await startWithLetters(t, 50)
    const { aws, start, sent, directory } = world
    // One file is not one piece.
    const path = join(directory, 'error.ndjson')
    const padded = readFileSync(path, 'utf8').replaceAll('PHP Warning:', `PHP Warning: ${'x'.repeat(20_000)}`)
    writeFileSync(path, padded)
    aws.faults.set('logs', { mode: 'hang' })
    const sluice = start({ SLUICE_STOP_DEADLINE: '1s' }, ['replay', directory])
    await aws.state.until(() => aws.state.tally.of('PutLogEvents').inFlightCount > 0)
    sluice.kill(signal)
    t.equal(await sluice.exited, signal === 'SIGTERM' ? 75 : null, sluice.output())
    aws.faults.clear()
    const next = await replay(t, world, 0, directory)
    t.match(next.report(), { balanced: true, rejected: 0, pending: 0 })
    t.same(eventMarks(aws).sort(), sentMarks(sent), signal)
  }
})

t.test('a second replay in the same data directory is refused, with words on what to do, and takes nothing from the first', async t => {
  const world = await startWithHeldReplay(t, { SLUICE_DELIVERY_REQUEST_TIMEOUT: '2s' })
  const { aws, first, sent, directory, dataDir } = world
  const other = shortDirectory(t)
  cpSync(directory, other, { recursive: true, filter: path => !path.endsWith('.replayed') })
  const second = await replay(t, world, 75, other)
  t.match(second.output(), /another replay, or a Sluice whose hostId is replay, has \S+\/replay: wait for its end, or/)
  t.same(globSync('.replayed', { cwd: other }), [])
  aws.faults.clear()
  t.equal(await first.exited, 0, first.output())
  t.same(eventMarks(aws).sort(), sentMarks(sent))
  t.same(globSync('replay-*', { cwd: dataDir }), [])
})

t.test('what a replay has left in its own spool goes with the next one of the whole data directory, once', async t => {
  const world = await startWithHeldReplay(t, { SLUICE_STOP_DEADLINE: '1s' })
  const { aws, first, sent, dataDir } = world
  first.kill('SIGTERM')
  t.equal(await first.exited, 75, first.output())
  aws.faults.clear()
  for (const [place, code] of [[join(dataDir, 'replay'), 0], [join(dataDir, 'replay'), 66]] as const) {
    await replay(t, world, code, place)
    t.same(eventMarks(aws).sort(), sentMarks(sent))
  }
})

t.test('while the destination is away nothing is refused for want of time: it stays in the spool, and the exit code says so', async t => {
  const world = await startWithLetters(t, 3)
  const { aws, sent, directory } = world
  aws.faults.set('logs', { mode: '503' })
  const before = storedLetters(aws).length
  const sluice = world.start({ SLUICE_STOP_DEADLINE: '2s' }, ['replay', directory])
  t.equal(await sluice.exited, 75, sluice.output())
  t.match(sluice.report(), { balanced: true, rejected: 0, left: { error: 3 } })
  t.equal(storedLetters(aws).length, before)
  aws.faults.clear()
  t.match((await replay(t, world, 0, directory)).report(), { recovered: 3, received: 0, delivered: 3 })
  t.same(eventMarks(aws).sort(), sentMarks(sent))
})

t.test('the filters of now apply, and are counted', async t => {
  const world = await startWithLetters(t, 4)
  const sluice = world.start({ SLUICE_CONFIG_YAML: 'containers: { web: { exclude: ["error-line-[01]"] } }' }, ['replay', world.directory])
  t.equal(await sluice.exited, 0, sluice.output())
  t.match(sluice.report(), { balanced: true, received: 4, filtered: 2, delivered: 2 })
})

t.test('what holds no record is named and left, the rest is sent; a place without anything is said', async t => {
  const world = await startWithLetters(t, 2)
  const { aws, directory } = world
  appendFileSync(join(directory, 'error.ndjson'), 'no letter\n{"t":1}\ntorn')
  const sluice = await replay(t, world, 65, directory)
  t.match(sluice.output(), /2 lines hold no record/)
  t.equal(eventMarks(aws).length, 2)
  const empty = shortDirectory(t)
  t.match((await replay(t, world, 66, empty)).output(), /no dead letters and no segments/)
  t.match((await replay(t, world, 66, join(empty, 'none'))).output(), /cannot read/)
  t.match((await replay(t, world, 66, 's3://no-such-bucket/')).output(), /cannot read s3:/)
})
