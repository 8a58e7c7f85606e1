import t from 'tap'
import fc from 'fast-check'
import { effectiveQuotas } from '../../src/spool/quota.ts'

t.test('a large disk leaves every route its setting', async t => {
  t.same(effectiveQuotas([1000, 200], 2400, 0), [1000, 200])
  t.same(effectiveQuotas([1000, 200], Infinity, 0), [1000, 200])
})

t.test('a small disk scales all down alike, to half of what there is', async t => {
  t.same(effectiveQuotas([1000, 200], 1200, 0), [500, 100])
  t.same(effectiveQuotas([1000, 200], 0, 0), [0, 0])
  t.same(effectiveQuotas([], 5, 0), [])
})

t.test('what the spool holds already does not make its quota smaller', async t => {
  fc.assert(fc.property(fc.nat(10_000), fc.nat(10_000), (freeBytes, usedBytes) => {
    const moved = Math.min(freeBytes, 100)
    const before = effectiveQuotas([5000, 300], freeBytes, usedBytes)
    t.same(effectiveQuotas([5000, 300], freeBytes - moved, usedBytes + moved), before)
  }), { numRuns: 50 })
})

t.test('never over a setting, never over half of the disk together', async t => {
  const size = fc.nat(2 ** 40)
  fc.assert(fc.property(fc.array(size), size, size, (settings, freeBytes, usedBytes) => {
    const quotas = effectiveQuotas(settings, freeBytes, usedBytes)
    return quotas.every((quota, index) => quota <= (settings[index] ?? 0)) &&
      quotas.reduce((sum, quota) => sum + quota, 0) <= (freeBytes + usedBytes) / 2
  }))
})
