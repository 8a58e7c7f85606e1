import { connect } from 'node:net'
import { once } from 'node:events'
import t from 'tap'
import { forwardFrames, type SentRecord } from '../support/forward-frames.ts'
import { askAt, observed } from '../support/operator.ts'
import { startSluice } from '../support/sluice-process.ts'
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
