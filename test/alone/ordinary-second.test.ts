import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { bucket, group } from '../e2e/aws-world.ts'
import { startAws } from '../support/aws/server.ts'
import { usedBy } from '../support/process-usage.ts'
import { makeProduct } from '../support/product.ts'
import { startSluice } from '../support/sluice-process.ts'
import { countSystemCalls, readsAndWritesOf } from '../support/system-calls.ts'

const load = join(import.meta.dirname, '../../bench/load.ts')

// Counts, which do not depend on how busy the machine is: a busy one wakes a process less often, not more.
const mostWakeUps = 40
const mostIdleWakeUps = 20
/** They were 67, a third of them from one thread to another. */
const mostReadsAndWrites = 90
/** All but `futex`, by which threads wait for each other; they were 126. */
const mostSystemCalls = 180
const seconds = 5

t.test('an ordinary second, 100 lines of one write each, has a bounded number of wake-ups and system calls', async t => {
  const aws = await startAws({ buckets: [bucket], groups: [group] })
  t.teardown(() => aws.close())
  const { program, env } = await makeProduct(t)
  const sluice = startSluice(t, {
    program, env: { ...env, ...aws.environment, SLUICE_BUCKET: bucket, SLUICE_LOG_GROUP: group, SLUICE_HTTP: '127.0.0.1:0' },
  })
  await sluice.printed(/"listening"/)
  const idleFrom = usedBy(sluice.pid)
  await delay(2000)
  const idleWakeUps = (usedBy(sluice.pid).loopWakeUps - idleFrom.loopWakeUps) / 2
  const args = ['--socket', sluice.socketPath, '--per', '1', '--rate', '100', '--count', '5000']
  const sender = spawn(process.execPath, [load, ...args], { stdio: 'ignore' })
  t.teardown(() => sender.kill())
  // The first seconds load the clients, and compile.
  await delay(8000)
  const each: { wakeUps: number, readsAndWrites: number }[] = []
  for (let second = 0; second < seconds; second++) {
    const wakeUpsBefore = usedBy(sluice.pid).loopWakeUps
    const callsBefore = readsAndWritesOf(sluice.pid)
    await delay(1000)
    const wakeUps = usedBy(sluice.pid).loopWakeUps - wakeUpsBefore
    each.push({ wakeUps, readsAndWrites: readsAndWritesOf(sluice.pid) - callsBefore })
  }
  // Of the ordinary one: every hundred seconds or so V8 marks its heap, in 30 ms and a thousand tasks or more.
  const wakeUps = median(each.map(one => one.wakeUps))
  const readsAndWrites = median(each.map(one => one.readsAndWrites))
  const calls = await countSystemCalls(sluice.pid, seconds)
  sender.kill()
  sluice.kill('SIGTERM')
  t.equal(await sluice.exited, 0)
  const { received, delivered } = sluice.report()
  t.ok(received > 1000, `${received} lines came`)
  t.equal(delivered, received)
  t.ok(idleWakeUps <= mostIdleWakeUps, `${idleWakeUps} wake-ups a second while nothing comes`)
  t.ok(wakeUps <= mostWakeUps, `${wakeUps} wake-ups a second`)
  t.ok(readsAndWrites <= mostReadsAndWrites, `${readsAndWrites} reads and writes a second`)
  if (calls === undefined) {
    t.comment('there is no strace that may count system calls')
    return
  }
  t.comment(each)
  const all = [...calls].reduce((sum, [name, count]) => name === 'futex' ? sum : sum + count, 0)
  t.ok(all / seconds <= mostSystemCalls, `${all / seconds} system calls a second`)
})

function median (values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
}
