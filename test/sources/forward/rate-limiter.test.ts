import t from 'tap'
import { RateLimiter } from '../../../src/sources/forward/rate-limiter.ts'

t.test('allows so many in a window, says which is the last, and begins again', async t => {
  const burst = new RateLimiter(2, 1000)
  const take = (nowMs: number) => {
    const allowed = burst.take(nowMs)
    return allowed === undefined ? 'no' : allowed.muted === undefined ? 'yes' : 'last'
  }
  t.same([0, 1, 2, 999].map(take), ['yes', 'last', 'no', 'no'])
  t.same([1000, 1001, 1002].map(take), ['yes', 'last', 'no'])
  t.equal(take(-5000), 'yes', 'the clock stepped back')
})
