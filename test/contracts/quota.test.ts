import t from 'tap'
import fc from 'fast-check'
import { quotasOf } from '../../src/contracts/quota.ts'
import { accessRoute, openTestSpool } from '../spool/open-test-spool.ts'

const unlimited = { maxBytes: Infinity, freeBytes: Infinity, usedBytes: 0 }

t.test('a large disk leaves every route its setting', async t => {
  t.same(quotasOf([1000, 200], { ...unlimited, freeBytes: 2400 }), [1000, 200])
  t.same(quotasOf([1000, 200], unlimited), [1000, 200])
})

t.test('a small disk scales all down alike, to half of what there is', async t => {
  t.same(quotasOf([1000, 200], { ...unlimited, freeBytes: 1200 }), [500, 100])
  t.same(quotasOf([1000, 200], { ...unlimited, freeBytes: 0 }), [0, 0])
  t.same(quotasOf([], { ...unlimited, freeBytes: 5 }), [])
})

t.test('the limit of the whole spool scales all down alike; of that and the disk, the smaller holds', async t => {
  t.same(quotasOf([1000, 200], { ...unlimited, maxBytes: 600 }), [500, 100])
  t.same(quotasOf([1000, 200], { ...unlimited, maxBytes: 1200 }), [1000, 200])
  t.same(quotasOf([1000, 200], { maxBytes: 600, freeBytes: 120, usedBytes: 0 }), [50, 10])
  t.same(quotasOf([1000, 200], { maxBytes: 60, freeBytes: 1200, usedBytes: 0 }), [50, 10])
})

t.test('no route goes below 1 MiB, or a quarter of an equal share, for the size of another', async t => {
  const [kib, mib, tib] = [2 ** 10, 2 ** 20, 2 ** 40]
  const sizes = [tib, 256 * mib, 64 * mib, 256 * mib]
  t.same(quotasOf(sizes, { ...unlimited, maxBytes: 64 * mib }), [61 * mib, mib, mib, mib])
  t.same(quotasOf(sizes, { ...unlimited, maxBytes: 4 * mib }), [3.25 * mib, 256 * kib, 256 * kib, 256 * kib])
  t.same(quotasOf([512 * mib, 4 * mib, 512 * mib], { ...unlimited, maxBytes: 129 * mib }), [64 * mib, mib, 64 * mib])
  const half = { ...unlimited, maxBytes: 320 * mib }
  t.same(quotasOf([512 * mib, 64 * mib, 64 * mib], half), [256 * mib, 32 * mib, 32 * mib])
})

t.test('what the spool holds already does not make its quota smaller', async t => {
  fc.assert(fc.property(fc.nat(10_000), fc.nat(10_000), (freeBytes, usedBytes) => {
    const moved = Math.min(freeBytes, 100)
    const before = quotasOf([5000, 300], { ...unlimited, freeBytes, usedBytes })
    t.same(quotasOf([5000, 300], { ...unlimited, freeBytes: freeBytes - moved, usedBytes: usedBytes + moved }), before)
  }), { numRuns: 50 })
})

t.test('never over a setting, never over half of the disk or the limit of the spool together', async t => {
  const size = fc.nat(2 ** 40)
  fc.assert(fc.property(fc.array(size), size, size, size, (settings, maxBytes, freeBytes, usedBytes) => {
    const quotas = quotasOf(settings, { maxBytes, freeBytes, usedBytes })
    const sumBytes = quotas.reduce((sum, quota) => sum + quota, 0)
    return quotas.every((quota, index) => quota <= (settings[index] ?? 0)) &&
      sumBytes <= (freeBytes + usedBytes) / 2 && sumBytes <= maxBytes
  }))
})

t.test('the limit of the whole spool holds from the first line on, and is no reason to measure the disk more often', async t => {
  const routes = ['access', 'error', 'access.web', 'error.web'].map(name => ({ ...accessRoute, name, quotaBytes: 1000 }))
  const { spool, disk, clock } = await openTestSpool({ routes, maxBytes: 400 })
  t.same(routes.map(({ name }) => spool.route(name).quotaBytes), [100, 100, 100, 100])
  await clock.advance(9000)
  t.equal(disk.operations.filter(operation => operation === 'freeBytes').length, 1)
  t.same(routes.map(({ name }) => spool.route(name).quotaBytes), [100, 100, 100, 100])
  await spool.close()
})

t.test('a disk that others fill is named as the reason of what is dropped, and told once, with its end', async t => {
  const routes = [{ ...accessRoute, quotaBytes: 1000, segmentMaxBytes: 200 }]
  const { append, spool, disk, clock, ledger, messages } = await openTestSpool({ routes })
  for (let n = 0; n < 10; n++) append('x'.repeat(99))
  await spool.sealAll()
  disk.put('/others', Buffer.alloc(1000))
  disk.capacityBytes = disk.usedBytes
  await clock.advance(10_000)
  t.match(ledger.snapshot(), { dropped: { by: { 'access/disk_full': 6 } }, pending: { total: 4 }, isBalanced: true })
  t.notOk(append('x'.repeat(500)))
  for (let n = 0; n < 2; n++) t.ok(append('x'.repeat(99)))
  t.match(ledger.snapshot().dropped.by, { 'access/disk_full': 9, 'access/quota': undefined })
  t.same(messages(), ['the disk of dataDir is low, quotas are reduced: free space, or set dataDir to another disk'])
  disk.capacityBytes = 2 ** 30
  await clock.advance(2000)
  t.match(messages()[1], 'the disk of dataDir has room again, quotas are as set')
  t.notOk(append('x'.repeat(1000)), 'more than the setting')
  t.match(ledger.snapshot().dropped.by, { 'access/quota': 1 })
  await clock.advance(60_000)
  t.equal(messages().length, 2)
  await spool.close()
})
