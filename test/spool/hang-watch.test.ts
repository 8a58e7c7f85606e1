import t from 'tap'
import { HangWatch } from '../../src/spool/hang-watch.ts'
import { ManualClock } from '../support/manual-clock.ts'

t.test('an operation that has not ended for five seconds hangs; one that failed does not', async t => {
  const clock = new ManualClock()
  const watch = new HangWatch(clock)
  t.notOk(watch.isHanging)
  await t.rejects(watch.during(async () => { throw new Error('refused') }))
  const { promise, resolve } = Promise.withResolvers<string>()
  const ended = watch.during(() => promise)
  await clock.advance(4_999)
  t.notOk(watch.isHanging)
  t.equal(await watch.during(async () => 'another'), 'another')
  await clock.advance(1)
  t.ok(watch.isHanging)
  resolve('at last')
  t.equal(await ended, 'at last')
  t.notOk(watch.isHanging)
})
