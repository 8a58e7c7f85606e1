import t from 'tap'
import { keepTrying } from '../../src/http/keep-trying.ts'
import { ManualClock, turns } from '../support/manual-clock.ts'

t.test('it is tried with pauses that double up to half a minute, until it succeeds', async t => {
  const clock = new ManualClock()
  const seen: number[] = []
  const trying = keepTrying(async failures => {
    seen.push(failures)
    return failures === 9
  }, clock)
  await trying.start()
  t.same(seen, [0], 'the start does not wait for the second try')
  await clock.advance(600_000)
  t.same(seen, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  t.same(clock.sleeps, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000])
})

t.test('a stop ends the pauses, and nothing is tried after it', async t => {
  const clock = new ManualClock()
  let count = 0
  const trying = keepTrying(async () => ++count === 0, clock)
  await trying.start()
  await trying.stop()
  await trying.stop()
  await clock.advance(600_000)
  t.equal(count, 1)
})

t.test('a stop waits for the first try as for any other, so that nothing it opened stays open', async t => {
  const first = Promise.withResolvers<boolean>()
  let triedCount = 0
  const trying = keepTrying(async () => {
    triedCount++
    return await first.promise
  }, new ManualClock())
  const started = trying.start()
  let isStopped = false
  const stopped = trying.stop().then(() => { isStopped = true })
  await turns()
  t.notOk(isStopped)
  first.resolve(false)
  await Promise.all([started, stopped])
  t.equal(triedCount, 1)
})
