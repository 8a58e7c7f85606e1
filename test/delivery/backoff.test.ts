import fc from 'fast-check'
import t from 'tap'
import { backoffMs } from '../../src/delivery/backoff.ts'

const policy = { baseMs: 200, capMs: 30_000 }

t.test('the longest pause doubles with each failure up to the cap', async t => {
  const longest = [1, 2, 3, 8, 9, 1000].map(failures => backoffMs(policy, failures, 1))
  t.same(longest, [200, 400, 800, 25_600, 30_000, 30_000])
})

t.test('chance decides anywhere between nothing and the longest pause', async t => {
  const chance = fc.double({ min: 0, max: 1, noNaN: true })
  fc.assert(fc.property(fc.integer({ min: 1, max: 1e9 }), chance, (failures, random) => {
    const pauseMs = backoffMs(policy, failures, random)
    return pauseMs >= 0 && pauseMs <= policy.capMs && pauseMs <= policy.baseMs * 2 ** failures
  }))
  t.equal(backoffMs(policy, 5, 0), 0)
})
