import t from 'tap'
import { withReconnect } from '../../src/delivery/reconnect.ts'
import type { Batch } from '../../src/contracts/sink.ts'
import { ManualClock } from '../support/manual-clock.ts'

const never = new AbortController().signal

t.test('a sink begins anew after failing for long, again after as long again, and not after a success', async t => {
  const clock = new ManualClock()
  let rebuilt = 0
  let isDown = true
  const send = withReconnect({ afterMs: 300_000, clock, reconnect: () => { rebuilt++ } })(async () => {
    if (isDown) throw new Error('down')
    return []
  })
  const failAfter = async (ms: number) => {
    await clock.advance(ms)
    await t.rejects(send({} as Batch, never), { message: 'down' })
  }
  await failAfter(0)
  await failAfter(299_999)
  t.equal(rebuilt, 0)
  await failAfter(1)
  t.equal(rebuilt, 1)
  await failAfter(299_999)
  t.equal(rebuilt, 1)
  await failAfter(1)
  t.equal(rebuilt, 2)
  isDown = false
  await send({} as Batch, never)
  isDown = true
  await failAfter(500_000)
  t.equal(rebuilt, 2, 'counted from the first failure after the success')
})
