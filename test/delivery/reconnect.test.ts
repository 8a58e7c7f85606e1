import t from 'tap'
import { withReconnect } from '../../src/delivery/reconnect.ts'
import type { Batch } from '../../src/contracts/sink.ts'
import { ManualClock } from '../support/manual-clock.ts'

const never = new AbortController().signal

t.test('a sink reconnects after failing for long, again after as long again, and not after a success', async t => {
  const clock = new ManualClock()
  let reconnectCount = 0
  let isDown = true
  const send = withReconnect({ afterMs: 300_000, clock, reconnect: () => { reconnectCount++ } })(async () => {
    if (isDown) throw new Error('down')
    return []
  })
  const failAfter = async (ms: number) => {
    await clock.advance(ms)
    clock.stepWall(-86_400_000)
    await t.rejects(send({} as Batch, never), { message: 'down' })
  }
  await failAfter(0)
  await failAfter(299_999)
  t.equal(reconnectCount, 0)
  await failAfter(1)
  t.equal(reconnectCount, 1)
  await failAfter(299_999)
  t.equal(reconnectCount, 1)
  await failAfter(1)
  t.equal(reconnectCount, 2)
  isDown = false
  await send({} as Batch, never)
  isDown = true
  await failAfter(500_000)
  t.equal(reconnectCount, 2, 'counted from the first failure after the success')
})
