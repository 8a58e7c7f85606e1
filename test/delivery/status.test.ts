import t from 'tap'
import { DeliveryStatus } from '../../src/delivery/status.ts'
import { SluiceError } from '../../src/contracts/errors.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { recordingLog } from '../support/recording-log.ts'

const down = new SluiceError('ERR_SINK_UNAVAILABLE', 'down', { reason: 'network' })

t.test('a route pauses with the first batch that fails and resumes with the last, and each is told once', async t => {
  const { log, lines } = recordingLog()
  const clock = new ManualClock()
  const waiting = { pendingRecords: 3, oldestPendingMs: clock.monotonicMs() - 2_000 }
  const status = new DeliveryStatus({ route: 'error', waiting, clock, log })
  status.failed(down, 1, 99.6)
  status.failed(down, 1, 100)
  status.failed(down, 2, 200)
  t.match(status.state, { kind: 'paused', failures: 2, nextTryMs: clock.monotonicMs() + 200 })
  status.recovered(1)
  status.succeeded()
  t.equal(status.lastSuccessMs, clock.monotonicMs())
  t.equal(status.state.kind, 'paused', 'another batch still fails')
  status.recovered(2)
  t.same(status.state, { kind: 'flowing' })
  t.match(status.lastError, { message: 'down', reason: 'network' }, 'what it was stays to be seen')
  t.match(lines, [
    { msg: 'delivery paused', pendingRecords: 3, oldestMs: 2_000, nextTryInMs: 100 },
    { msg: 'delivery resumed', failures: 2, pausedMs: 0, pendingRecords: 3, oldestMs: 2_000 },
  ])
  t.equal(lines.length, 2)
})

t.test('each reason of a pause is told once: what began as a lost connection may be a missing permission by now', async t => {
  const { log, lines } = recordingLog()
  const clock = new ManualClock()
  const status = new DeliveryStatus({ route: 'error', waiting: { pendingRecords: 0, oldestPendingMs: undefined }, clock, log })
  const denied = new SluiceError('ERR_SINK_UNAVAILABLE', 'denied', { reason: 'denied' })
  for (let round = 0; round < 2; round++) {
    for (const [index, error] of [down, denied, down, denied].entries()) status.failed(error, index + 1, 100)
    status.recovered(4)
    await clock.advance(60_000)
  }
  const pause = ['delivery paused', 'delivery still paused, for another reason', 'delivery resumed']
  t.same(lines.map(({ msg }) => msg), [...pause, ...pause])
})

t.test('a destination that throttles now and then for minutes is told once a minute, and what lasts within seconds', async t => {
  const { log, lines } = recordingLog()
  const clock = new ManualClock()
  const status = new DeliveryStatus({ route: 'error', waiting: { pendingRecords: 0, oldestPendingMs: undefined }, clock, log })
  const throttled = new SluiceError('ERR_SINK_UNAVAILABLE', 'slow down', { reason: 'throttled' })
  const words = () => lines.splice(0).map(({ msg, pausesBefore }) => [msg, pausesBefore])
  const blip = async () => {
    status.failed(throttled, 1, 100)
    await clock.advance(500)
    status.recovered(1)
    await clock.advance(500)
  }
  await blip()
  t.same(words(), [['delivery paused', undefined], ['delivery resumed', undefined]])
  for (let second = 1; second < 60; second++) await blip()
  t.same(words(), [])
  await blip()
  t.same(words(), [['delivery paused', 59], ['delivery resumed', undefined]])
  await blip()

  status.failed(throttled, 1, 100)
  t.match(status.state, { kind: 'paused' }, 'the health page knows at once')
  await clock.advance(5_000)
  status.failed(throttled, 2, 100)
  t.same(words(), [['delivery paused', 1]], 'this one lasts')
  status.failed(down, 3, 100)
  t.same(words(), [['delivery still paused, for another reason', undefined]])
  status.recovered(3)
  t.same(words(), [['delivery resumed', undefined]])
  status.failed(new SluiceError('ERR_SINK_UNAVAILABLE', 'denied', { reason: 'denied' }), 1, 100)
  t.same(words(), [['delivery paused', undefined]], 'another reason is told at once')
})

t.test('wall time that steps changes no age, no pause and no time of the next try', async t => {
  for (const stepMs of [90_000, -90_000, 86_400_000, -86_400_000]) {
    const { log, lines } = recordingLog()
    const clock = new ManualClock()
    const waiting = { pendingRecords: 3, oldestPendingMs: clock.monotonicMs() }
    const status = new DeliveryStatus({ route: 'error', waiting, clock, log })
    status.succeeded()
    status.failed(down, 1, 500)
    const stamps = () => [status.state, status.lastSuccessMs, status.lastError?.atMs]
    const before = stamps()
    clock.stepWall(stepMs)
    t.same(stamps(), before)
    await clock.advance(2_000)
    status.recovered(1)
    t.match(lines.at(-1), { msg: 'delivery resumed', pausedMs: 2_000, oldestMs: 2_000 }, `${stepMs} ms`)
  }
})
