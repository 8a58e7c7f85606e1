import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { usedBy } from '../support/process-usage.ts'
import { startWorld } from '../e2e/aws-world.ts'

const load = join(import.meta.dirname, '../../bench/load.ts')

// Counts, which do not depend on how busy the machine is: a busy one wakes a process less often, not more.
const mostWakeUps = 120
const mostIdleWakeUps = 20
const seconds = 5

t.test('an ordinary second, 100 lines of one write each, wakes the process up a bounded number of times', async t => {
  const sluice = (await startWorld(t)).start()
  await sluice.printed(/"listening"/)
  const idleFrom = usedBy(sluice.pid)
  await delay(2000)
  const idleWakeUps = (usedBy(sluice.pid).loopWakeUps - idleFrom.loopWakeUps) / 2
  const args = ['--socket', sluice.socketPath, '--per', '1', '--rate', '100', '--count', '2000']
  const sender = spawn(process.execPath, [load, ...args], { stdio: 'ignore' })
  t.teardown(() => sender.kill())
  // The first seconds load the clients, and compile.
  await delay(4000)
  const from = usedBy(sluice.pid)
  await delay(seconds * 1000)
  const wakeUps = (usedBy(sluice.pid).loopWakeUps - from.loopWakeUps) / seconds
  sender.kill()
  sluice.kill('SIGTERM')
  t.equal(await sluice.exited, 0)
  const { received, delivered } = sluice.report()
  t.ok(received > 500, `${received} lines came`)
  t.equal(delivered, received)
  t.ok(wakeUps <= mostWakeUps, `${wakeUps} wake-ups a second`)
  t.ok(idleWakeUps <= mostIdleWakeUps, `${idleWakeUps} wake-ups a second while nothing comes`)
})
