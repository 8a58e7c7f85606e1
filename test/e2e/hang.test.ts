import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { SentRecord } from '../support/forward-frames.ts'
import { createHooks } from '../support/hooks.ts'
import { askAt, observed } from '../support/operator.ts'
import { sendRecords } from '../support/sender.ts'
import { shortDirectory, startSluice } from '../support/sluice-process.ts'

const record: SentRecord = { timeMs: Date.now(), fields: { source: 'stderr', log: 'boom', container_name: '/web' } }

/** Opening the lock never returns, as on a network file system whose server is gone. */
function startOnHangingDisk (t: Test, env: Readonly<Record<string, string>>) {
  const directory = shortDirectory(t)
  const hooks = createHooks(directory)
  hooks.breakDisk({ operations: ['open', 'write'], code: 'hold', path: '/data/task1/lock' })
  return startSluice(t, { directory, env: { ...observed, ...hooks.env, ...env } })
}

t.test('a disk that hangs holds up neither the start nor the stop, and what it never took is counted', async t => {
  const sluice = startOnHangingDisk(t, { SLUICE_STOP_DEADLINE: '8s' })
  const operator = await askAt(sluice)
  await sendRecords(sluice.socketPath, [record, record])
  t.equal(await operator.live(), 200)
  sluice.kill('SIGTERM')
  await sluice.exited
  t.match(sluice.output(), /"error":"2 records: .*the stop waits for what is not delivered/)
  t.match(sluice.output(), /file operations hang/)
  t.match(sluice.report(), { balanced: true, received: 2, dropped: 2, by: { dropped: { 'error/memory': 2 } } })
  t.match(sluice.output(), /"means":"file operations hang; records are lost"/)
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

t.test('a source that a disk holds up in its start holds up no stop: what came to another is delivered', async t => {
  const directory = shortDirectory(t)
  const hooks = createHooks(directory)
  const [cert, key] = [join(directory, 'tls.crt'), join(directory, 'tls.key')]
  writeFileSync(cert, '')
  hooks.breakDisk({ operations: ['read'], code: 'hang', path: cert })
  const tcp = { SLUICE_TCP: '127.0.0.1:0', SLUICE_TCP_TLS_CERT: cert, SLUICE_TCP_TLS_KEY: key }
  const sluice = startSluice(t, { directory, env: { ...observed, ...hooks.env, ...tcp, SLUICE_STOP_DEADLINE: '2s' } })
  await sluice.printed(/"listening"/)
  await sendRecords(sluice.socketPath, [record])
  sluice.kill('SIGTERM')
  t.equal(await sluice.exited, null, 'it ends itself: the thread would never end')
  t.match(sluice.output(), /file operations hang/)
  t.match(sluice.report(), { reason: 'SIGTERM', balanced: true, received: 1, delivered: 1 })
})
