import t from 'tap'
import { HangWatch } from '../../src/spool/hang-watch.ts'
import { ManualClock } from '../support/manual-clock.ts'

t.test('an operation that has not ended for five seconds hangs; one that has does not', async t => {
  const clock = new ManualClock()
  const watch = new HangWatch(clock)
  t.notOk(watch.isHanging)
  watch.end(watch.begin())
  const hanging = watch.begin()
  await clock.advance(4_999)
  t.notOk(watch.isHanging)
  watch.end(watch.begin())
  await clock.advance(1)
  t.ok(watch.isHanging)
  watch.end(hanging)
  t.notOk(watch.isHanging)
})
