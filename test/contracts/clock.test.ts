import t from 'tap'
import { aborted, systemClock } from '../../src/contracts/clock.ts'

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
