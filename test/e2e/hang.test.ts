import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { SentRecord } from '../support/forward-frames.ts'
import { askAt, observed } from '../support/operator.ts'
import { sendRecords } from '../support/sender.ts'
import { shortDirectory, startSluice } from '../support/sluice-process.ts'

const record: SentRecord = { timeMs: Date.now(), fields: { source: 'stderr', log: 'boom', container_name: '/web' } }

/** A data directory in which opening the lock never returns, as with a network file system whose server is gone. */
function startOnHangingDisk (t: Test, env: Readonly<Record<string, string>>) {
  const directory = shortDirectory(t)
  mkdirSync(join(directory, 'data/task1'), { recursive: true })
  execFileSync('mkfifo', [join(directory, 'data/task1/lock')])
  return startSluice(t, { directory, env: { ...observed, ...env } })
}

t.test('a disk that hangs holds up neither the start nor the stop, and what it never took is counted', async t => {
  const sluice = startOnHangingDisk(t, { SLUICE_STOP_DEADLINE: '2s' })
  const operator = await askAt(sluice)
  await sendRecords(sluice.socketPath, [record, record])
  t.equal(await operator.live(), 200)
  sluice.kill('SIGTERM')
  await sluice.exited
  t.match(sluice.output(), /file operations hang/)
  t.match(sluice.report(), { balanced: true, received: 2, dropped: 2, by: { dropped: { 'error/memory': 2 } } })
})

t.test('a signal during the start begins a stop as any other does, and a second one ends it', async t => {
  const sluice = startOnHangingDisk(t, { SLUICE_STOP_DEADLINE: '5m' })
  await sluice.printed(/"starting"/)
  sluice.kill('SIGTERM')
  await sluice.printed(/"stopping"/)
  sluice.kill('SIGTERM')
  await sluice.exited
  t.match(sluice.report(), { balanced: true, received: 0, reason: 'SIGTERM' })
})
