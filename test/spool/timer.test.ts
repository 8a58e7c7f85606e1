import t from 'tap'
import { Timer } from '../../src/spool/timer.ts'
import { ManualClock } from '../support/manual-clock.ts'

function createTimer () {
  const clock = new ManualClock()
  const closing = new AbortController()
  const startMs = clock.monotonicMs()
  const calls: number[] = []
  const timer = new Timer(clock, closing.signal, () => calls.push(clock.monotonicMs() - startMs))
  return { clock, closing, calls, timer }
}

t.test('it acts once, at the earliest of the times it was set to, and can be set again', async t => {
  const { clock, calls, timer } = createTimer()
  for (const ms of [500, 200, 300]) timer.setIn(ms)
  await clock.advance(1000)
  t.same(calls, [200])
  timer.setIn(-5)
  await clock.advance(0)
  t.same(calls, [200, 1000], 'a time that has passed is now')
})

t.test('wall time that steps changes nothing', async t => {
  const { clock, calls, timer } = createTimer()
  timer.setIn(100)
  clock.stepWall(-86_400_000)
  await clock.advance(100)
  t.same(calls, [100])
})

t.test('nothing happens after the signal', async t => {
  const { clock, closing, calls, timer } = createTimer()
  timer.setIn(100)
  closing.abort()
  timer.setIn(1)
  await clock.advance(1000)
  t.same(calls, [])
  t.equal(clock.sleeping, 0)
})
