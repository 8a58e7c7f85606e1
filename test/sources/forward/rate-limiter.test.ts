import t from 'tap'
import { RateLimiter } from '../../../src/sources/forward/rate-limiter.ts'

t.test('allows one of each kind in a window, so many kinds, says which is the last, and begins again', async t => {
  const burst = new RateLimiter(3, 1000)
  const take = (nowMs: number, what: string) => burst.take(nowMs, what)?.muted.split(' within')[0] ?? 'no'
  t.equal(take(0, 'a'), 'more of these')
  t.equal(take(1, 'a'), 'no')
  t.equal(take(2, 'b'), 'more of these', 'many of one kind hide no other')
  t.equal(take(3, 'c'), 'all others')
  t.same([take(4, 'd'), take(999, 'b')], ['no', 'no'])
  t.same([take(1000, 'd'), take(1001, 'a'), take(1002, 'd')], ['more of these', 'more of these', 'no'])
  t.equal(take(-5000, 'd'), 'more of these', 'the clock stepped back')
})
