import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Aws } from '../support/aws/server.ts'
import type { SentRecord } from '../support/forward-frames.ts'
import { sendRecords } from '../support/sender.ts'
import { until } from '../support/until.ts'
import { eventMarks, lines, markOf, objectMarks, sentMarks, startWorld, storedLetters } from './aws-world.ts'

t.setTimeout(600_000)

const dayMs = 86_400_000

/** Errors that CloudWatch Logs refuses for good: of twenty days ago. */
function tooOld (count: number, name: string): SentRecord[] {
  return lines(count, name).filter(({ fields }) => fields['source'] === 'stderr')
    .map(record => ({ ...record, timeMs: record.timeMs - 20 * dayMs }))
}

const letterMarks = (aws: Aws) => storedLetters(aws).map(({ record }) => markOf(record.m)).sort()

t.test('what CloudWatch Logs refuses for good lies in the data directory, and in S3 below the prefix', async t => {
  const { aws, start } = await startWorld(t)
  const sluice = start({ SLUICE_PREFIX: 'production/' })
  await sluice.printed(/"started"/)
  const old = tooOld(3, 'old')
  const sent = [...lines(2), ...old]
  await sendRecords(sluice.socketPath, sent)
  sluice.kill('SIGTERM')
  t.equal(await sluice.exited, 0, sluice.output())
  t.match(sluice.report(), { balanced: true, received: 9, delivered: 6, rejected: 3, by: { rejected: { 'error/too_old': 3 } }, level: 'warn' })
  t.notOk('localDeadLetters' in sluice.report())
  const local = readFileSync(join(sluice.dataDir, 'task1/dead-letter/error.ndjson'), 'utf8')
  t.same(local.split('\n').slice(0, -1).map(markOf), sentMarks(old))
  const stored = storedLetters(aws)
  t.same(letterMarks(aws), sentMarks(old))
  t.same(stored.map(({ key, ...letter }) => JSON.stringify(letter)).sort(), local.split('\n').slice(0, -1).sort(), 'the same lines')
  const hour = String.raw`dt=\d{4}-\d\d-\d\d/hour=\d\d/task1-[0-9a-f]{32}\.ndjson\.gz`
  for (const { key } of stored) t.match(key, new RegExp(`^production/dead-letter/error/${hour}$`))
  t.same(aws.state.violations, [])
})

t.test('while S3 refuses dead letters the file is the one copy, told and counted, and the next process stores it once', async t => {
  const { aws, start } = await startWorld(t)
  aws.faults.set('s3', { mode: 'denied' })
  const first = start({ SLUICE_STOP_DEADLINE: '2s' })
  await first.printed(/"started"/)
  const old = tooOld(3, 'old')
  await sendRecords(first.socketPath, old)
  await first.printed(/refused for good are kept/)
  await sendRecords(first.socketPath, lines(1))
  await aws.state.until(() => eventMarks(aws).length === 1)
  first.kill('SIGTERM')
  t.equal(await first.exited, 75, 'the access line is left')
  t.match(first.report(), { balanced: true, delivered: 1, rejected: 3, localDeadLetters: 3 })
  t.match(first.output(), /"level":"warn".*the file is the only copy until they are/)

  aws.faults.clear()
  const second = start()
  await second.printed(/"started"/)
  await aws.state.until(() => storedLetters(aws).length === 3)
  second.kill('SIGTERM')
  t.equal(await second.exited, 0, second.output())
  t.same(letterMarks(aws), sentMarks(old))
  t.notOk('localDeadLetters' in second.report())

  const third = start()
  await third.printed(/"started"/)
  third.kill('SIGTERM')
  await third.exited
  t.equal(storedLetters(aws).length, 3, 'they are stored once')
})

t.test('the metrics say how many dead letters are on this disk only', async t => {
  const { aws, start } = await startWorld(t)
  aws.faults.set('s3', { mode: '503' })
  const sluice = start({ SLUICE_STOP_DEADLINE: '1s' })
  const [, port = ''] = await sluice.printed(/"port":(\d+),"msg":"http listening"/)
  await sluice.printed(/"started"/)
  await sendRecords(sluice.socketPath, tooOld(2, 'old'))
  const metrics = async () => await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  await until('they are counted', metrics, text => text.includes('sluice_dead_letters_local{route="error"} 2'))
  aws.faults.clear()
  await until('they are not any more', metrics, text => text.includes('sluice_dead_letters_local{route="error"} 0'))
})

t.test('shortly before the deadline of a stop, errors that CloudWatch Logs has not taken go to S3', async t => {
  const { aws, start } = await startWorld(t)
  for (const mode of ['503', 'hang'] as const) {
    aws.faults.set('logs', { mode })
    const sluice = start({ SLUICE_STOP_DEADLINE: '4s' })
    await sluice.printed(/"started"/)
    const sent = lines(200, mode === '503' ? 'fails' : 'hangs')
    await sendRecords(sluice.socketPath, sent)
    sluice.kill('SIGTERM')
    t.equal(await sluice.exited, 0, sluice.output())
    t.match(sluice.report(), {
      balanced: true, received: 600, delivered: 400, rejected: 200, pending: 0, dropped: 0, left: {}, by: { rejected: { 'error/stop': 200 } },
    })
    const stored = storedLetters(aws).filter(({ record }) => record.m.includes(mode === '503' ? 'fails' : 'hangs'))
    t.same(stored.map(({ record }) => markOf(record.m)).sort(), sentMarks(sent, 'stderr'))
    for (const { reason, record: { t: timeMs, c } } of stored) t.match([reason, c, Number.isFinite(timeMs)], ['stop', 'web', true])
    t.same(globSync('task1/spool/error/**/*.*', { cwd: sluice.dataDir }), [], 'nothing of them is left in the spool')
  }
  t.equal(eventMarks(aws).length, 0)
  t.equal(objectMarks(aws).length, 800)
})

t.test('where S3 does not take them either, errors stay in the spool and the next start delivers them', async t => {
  const { aws, start } = await startWorld(t)
  aws.faults.set('logs', { mode: '503' })
  aws.faults.set('s3', { mode: '503' })
  const sluice = start({ SLUICE_STOP_DEADLINE: '2s' })
  await sluice.printed(/"started"/)
  const sent = lines(5)
  await sendRecords(sluice.socketPath, sent)
  sluice.kill('SIGTERM')
  t.equal(await sluice.exited, 75, sluice.output())
  t.match(sluice.report(), { balanced: true, rejected: 0, pending: 15, left: { error: 5 } })
  aws.faults.clear()
  const next = start()
  await next.printed(/"started"/)
  await aws.state.until(() => eventMarks(aws).length === 5 && objectMarks(aws).length === 10)
  next.kill('SIGTERM')
  t.equal(await next.exited, 0)
  t.same(storedLetters(aws), [])
})

t.test('a second signal ends the stop at once: no last chance is waited for', async t => {
  const { aws, start } = await startWorld(t)
  aws.faults.set('logs', { mode: 'hang' })
  const sluice = start({ SLUICE_STOP_DEADLINE: '5m' })
  await sluice.printed(/"started"/)
  await sendRecords(sluice.socketPath, lines(1))
  sluice.kill('SIGTERM')
  await sluice.printed(/"stopping"/)
  sluice.kill('SIGTERM')
  t.equal(await sluice.exited, 75)
  t.same(storedLetters(aws), [])
})
