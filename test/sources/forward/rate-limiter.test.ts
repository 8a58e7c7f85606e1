import t from 'tap'
import { RateLimiter } from '../../../src/sources/forward/rate-limiter.ts'

t.test('allows so many in a window, says which is the last, and begins again', async t => {
  const burst = new RateLimiter(2, 1000)
  const take = (nowMs: number) => Object.values(burst.take(nowMs)).map(Number).join('')
  t.same([0, 1, 2, 999].map(take), ['10', '11', '00', '00'])
  t.same([1000, 1001, 1002].map(take), ['10', '11', '00'])
  t.equal(take(-5000), '10', 'the clock stepped back')
})
