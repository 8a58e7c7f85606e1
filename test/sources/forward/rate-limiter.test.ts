import t from 'tap'
import { createRateLimiter } from '../../../src/sources/forward/rate-limiter.ts'

t.test('allows one of each kind in a minute, so many kinds, says which is the last, and begins again', async t => {
  const burst = createRateLimiter(3)
  const take = (nowMs: number, what: string) => burst(nowMs, what)?.muted.split(' within')[0] ?? 'no'
  t.equal(take(0, 'a'), 'more of these')
  t.equal(take(1, 'a'), 'no')
  t.equal(take(2, 'b'), 'more of these', 'many of one kind hide no other')
  t.equal(take(3, 'c'), 'all others')
  t.same([take(4, 'd'), take(59_999, 'b')], ['no', 'no'])
  t.same([take(60_000, 'd'), take(60_001, 'a'), take(60_002, 'd')], ['more of these', 'more of these', 'no'])
  t.equal(take(-5000, 'd'), 'more of these', 'the clock stepped back')
})
