import { globSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { sendForAcks, sendRecords } from '../support/sender.ts'
import { until } from '../support/until.ts'
import { eventMarks, lines, objectMarks, sentMarks, startWorld } from './aws-world.ts'

t.setTimeout(300_000)

/** A process with all lines in its spool: AWS answers nothing. */
async function startWithSpool (t: Test) {
  const world = await startWorld(t)
  const { aws, start } = world
  for (const service of ['logs', 's3'] as const) aws.faults.set(service, { mode: 'hang' })
  const sluice = start({ SLUICE_OBJECTS_MAX_AGE: '1h' })
  await sluice.printed(/"started"/)
  const sent = lines(10)
  await sendRecords(sluice.socketPath, sent.filter(({ fields }) => fields['source'] === 'stderr'))
  await aws.state.until(() => aws.state.tally.of('PutLogEvents').inFlightCount > 0)
  const rest = sent.filter(({ fields }) => fields['source'] === 'stdout')
  t.equal((await sendForAcks(sluice.socketPath, [rest])).length, rest.length)
  const own = join(sluice.dataDir, 'task1')
  const inSpool = () => globSync('spool/error/**/*.*', { cwd: own }).map(path => readFileSync(join(own, path), 'utf8')).join('')
  await until('no join holds the last error', inSpool, text => text.includes('error-line-9.'))
  return { ...world, sluice, sent, own }
}

t.test('the spool of a process that lives is refused, with words on what to do, and its lines are delivered once', async t => {
  const { aws, start, sluice, sent, own } = await startWithSpool(t)
  for (const place of [own, join(own, 'spool/error'), sluice.dataDir]) {
    const replayed = start({}, ['replay', place])
    t.equal(await replayed.exited, 75, replayed.output())
    t.match(replayed.output(), /a process that lives has the spool in \S*task1 and delivers it: stop that process first/)
  }
  t.same(globSync('**/.replayed', { cwd: sluice.dataDir }), [])
  aws.faults.clear()
  sluice.kill('SIGTERM')
  await sluice.exited
  t.same(eventMarks(aws).sort(), sentMarks(sent, 'stderr'))
  t.same(objectMarks(aws), sentMarks(sent, 'stdout'))
})

t.test('what was replayed is delivered by nobody else: not by its next owner, and not by who takes the spool over', async t => {
  for (const hostId of ['task1', 'other']) {
    const { aws, start, sluice, sent, own } = await startWithSpool(t)
    sluice.kill('SIGKILL')
    await sluice.exited
    aws.faults.clear()
    const replayed = start({}, ['replay', own])
    t.equal(await replayed.exited, 0, replayed.output())
    t.match(replayed.report(), { balanced: true, received: 30, delivered: 30 })
    // As another place sees it: nothing tells that its owner is gone but the lease, which is given back.
    t.same(globSync('lock', { cwd: own }), [])
    const next = start({ SLUICE_HOST_ID: hostId, SLUICE_OBJECTS_MAX_AGE: '300ms' })
    await next.printed(/"started"/)
    const after = lines(2, 'after')
    await sendRecords(next.socketPath, after)
    await aws.state.until(() => eventMarks(aws).length >= 12 && objectMarks(aws).length >= 24)
    next.kill('SIGTERM')
    await next.exited
    t.match(next.report(), { balanced: true, recovered: 0, received: 6, delivered: 6 })
    t.same(eventMarks(aws).sort(), sentMarks([...sent, ...after], 'stderr').sort())
    t.same(objectMarks(aws), sentMarks([...sent, ...after], 'stdout').sort())
  }
})

t.test('what its next owner has delivered is not replayed', async t => {
  const { aws, start, sluice, sent, own } = await startWithSpool(t)
  sluice.kill('SIGKILL')
  await sluice.exited
  aws.faults.clear()
  aws.faults.set('s3', { mode: 'hang' })
  const next = start()
  await aws.state.until(() => eventMarks(aws).length === 10)
  // Between the answer and this a kill has lines delivered twice.
  const left = () => globSync('spool/error/**/*.*', { cwd: own })
  await until('what was delivered has left the spool', left, files => files.length === 0)
  next.kill('SIGKILL')
  await next.exited
  aws.faults.clear()
  const replayed = start({}, ['replay', own])
  t.equal(await replayed.exited, 0, replayed.output())
  t.match(replayed.report(), { balanced: true, received: 20, delivered: 20 })
  t.same(eventMarks(aws).sort(), sentMarks(sent, 'stderr'))
  t.same(objectMarks(aws), sentMarks(sent, 'stdout'))
})

t.test('a copy of the spool of a process that lives is replayed once its lease has stood still', async t => {
  const { aws, start, sluice, own } = await startWithSpool(t)
  const lock = readFileSync(join(own, 'lock'), 'utf8')
  sluice.kill('SIGKILL')
  await sluice.exited
  aws.faults.clear()
  const copy = `${own}-copy`
  renameSync(own, copy)
  writeFileSync(join(copy, 'lock'), `${JSON.stringify({ ...JSON.parse(lock) as object, place: 'another', container: 'another' })}\n`)
  const replayed = start({}, ['replay', copy])
  t.equal(await replayed.exited, 0, replayed.output())
  t.match(replayed.output(), /looking for up to 20 s whether somebody still writes/)
  t.match(replayed.report(), { received: 30, delivered: 30 })
})
