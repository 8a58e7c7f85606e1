import { connect } from 'node:net'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { forwardFrames, type SentRecord } from '../support/forward-frames.ts'
import { sendRecords } from '../support/sender.ts'
import { askAt, observed } from '../support/operator.ts'
import { shortDirectory, startSluice } from '../support/sluice-process.ts'
import { until } from '../support/until.ts'

t.test('a stop delivers errors while senders are still read, whatever their age', async t => {
  const env = { ...observed, SLUICE_EVENTS_MAX_AGE: '1m', SLUICE_STOP_QUIET: '1m', SLUICE_STOP_DEADLINE: '10m' }
  const sluice = startSluice(t, { env })
  const operator = await askAt(sluice)
  const socket = connect(sluice.socketPath)
  const error: SentRecord = { timeMs: Date.now(), fields: { source: 'stderr', log: 'boom', container_name: '/web' } }
  socket.write(forwardFrames('message', 'docker', [error]).bytes)
  await until('the error waits in the spool', () => operator.health(), ({ routes }) => routes['error']?.pendingRecords === 1)

  sluice.kill('SIGTERM')
  const { state } = await until('the error is delivered', () => operator.health(), ({ ledger }) => ledger.delivered.total === 1)
  t.equal(state, 'draining')
  t.notOk(socket.destroyed, 'the sender is still read')
  socket.end()
  await once(socket.resume(), 'close')
  t.equal(await sluice.exited, 0, sluice.output())
  t.match(sluice.report(), { balanced: true, delivered: 1, pending: 0 })
})

t.test('a stop that waits for the disk or a destination says so, for what, and ends when it has it', async t => {
  for (const name of ['data', 'out']) {
    const directory = shortDirectory(t)
    const inTheWay = join(directory, name)
    writeFileSync(inTheWay, '')
    const sluice = startSluice(t, { directory, env: { ...observed, SLUICE_FILE_DIRECTORY: join(directory, 'out') } })
    await askAt(sluice)
    await sendRecords(sluice.socketPath, [{ timeMs: Date.now(), fields: { source: 'stderr', log: 'boom', container_name: '/web' } }])
    sluice.kill('SIGTERM')
    const [line] = await sluice.printed(/.*the stop waits for what is not delivered.*/)
    t.match(JSON.parse(line), { level: 'warn', routes: { error: /^1 record: \w+: something that is no directory is in the way of/ } }, name)
    rmSync(inTheWay)
    t.equal(await sluice.exited, 0, sluice.output())
    t.equal(sluice.output().split('the stop waits').length, 2, 'told once')
  }
})
