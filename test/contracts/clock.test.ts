import t from 'tap'
import { aborted, every, systemClock } from '../../src/contracts/clock.ts'
import { ManualClock } from '../support/manual-clock.ts'

t.test('monotonic time never goes back', async t => {
  const times = Array.from({ length: 1000 }, () => systemClock.monotonicMs())
  t.same(times.toSorted((a, b) => a - b), times)
})

t.test('a sleep lasts as long as was asked, and an abort ends it without an error', async t => {
  const startMs = systemClock.monotonicMs()
  await systemClock.sleep(20)
  // A timer of Node may come a millisecond early.
  t.ok(systemClock.monotonicMs() - startMs >= 19)
  const abort = new AbortController()
  const asleep = systemClock.sleep(1_000_000, abort.signal)
  abort.abort()
  await asleep
  await systemClock.sleep(1_000_000, abort.signal)
})

t.test('a wait for an abort ends with it, and at once when it has come', async t => {
  const abort = new AbortController()
  let isOver = false
  const waiting = aborted(abort.signal).then(() => { isOver = true })
  await Promise.resolve()
  t.notOk(isOver)
  abort.abort()
  await waiting
  await aborted(abort.signal)
})

t.test('what happens again and again comes at whole multiples, of what is said each time where that changes', async t => {
  const clock = new ManualClock()
  const startMs = clock.monotonicMs()
  const times: number[] = []
  let periodMs = 1_000
  const stop = every(clock, () => periodMs, () => {
    times.push(clock.monotonicMs() - startMs)
    periodMs = times.length < 4 ? 500 : 1_000
  })
  for (let step = 0; step < 50; step++) await clock.advance(100)
  stop()
  await clock.advance(5_000)
  t.same(times, [1_000, 2_000, 2_500, 3_000, 3_500, 4_000, 5_000])
})
