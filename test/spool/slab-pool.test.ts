import t from 'tap'
import { maxSlabBytes, SlabPool, type Slab, type SlabPoolOptions } from '../../src/spool/slab-pool.ts'

const budgetBytes = 2 ** 21

function poolOf (bytes: number, differs: Partial<SlabPoolOptions> = {}): SlabPool {
  return new SlabPool({ budgetBytes: bytes, onHigh: () => {}, onLow: () => {}, ...differs })
}

/** As many as there are, for borrowers that have `waitingBytes` waiting. */
function takeAll (pool: SlabPool, bytes: number, waitingBytes: number): Slab[] {
  const slabs: Slab[] = []
  while (slabs.length < 1000 && pool.canTake(bytes)) slabs.push(pool.take(bytes, waitingBytes))
  return slabs
}

t.test('no more is lent out than the budget, and slabs are used again', async t => {
  const pool = poolOf(budgetBytes)
  t.equal(pool.slabBytes, maxSlabBytes)
  const slabs = takeAll(pool, 100, maxSlabBytes)
  t.equal(slabs.length, 32)
  t.equal(pool.usedBytes, budgetBytes)
  t.notOk(pool.canTake(1))
  const first = slabs[0] as Slab
  first.filledBytes = 5
  pool.give(first)
  t.ok(pool.canTake(1))
  t.equal(pool.take(100, maxSlabBytes), first)
  t.equal(first.filledBytes, 0)
})

t.test('hundreds of segments can have a line waiting at once, and the more one has waiting the larger its slabs', async t => {
  const pool = poolOf(budgetBytes)
  t.equal(takeAll(pool, 100, 0).length, 512)
  const other = poolOf(budgetBytes)
  const waiting = [0, 4000, 5000, 16_384, 30_000, 60_000, 10 ** 6]
  const sizes = waiting.map(waitingBytes => other.take(100, waitingBytes).memory.length)
  t.same(sizes, [4096, 4096, 8192, 16_384, 32_768, 65_536, 65_536])
  t.equal(other.take(5000, 0).memory.length, 8192, 'a line decides too')
})

t.test('where the budget leaves no room for a large slab, a small one does', async t => {
  const pool = poolOf(budgetBytes)
  for (let count = 0; count < 31; count++) pool.take(1, maxSlabBytes)
  pool.take(1, 0)
  t.equal(pool.take(1, maxSlabBytes).memory.length, 32_768)
  t.notOk(pool.canTake(32_768))
  t.ok(pool.canTake(16_384))
})

t.test('slabs that nobody has make way for those of another size: the budget holds for all memory', async t => {
  const pool = poolOf(budgetBytes)
  const small = takeAll(pool, 1, 0)
  for (const slab of small) pool.give(slab)
  const large = takeAll(pool, 1, maxSlabBytes)
  t.equal(large.length, 32)
  const heldBytes = [...small, ...large].reduce((sum, { memory }) => sum + memory.buffer.byteLength, 0)
  t.equal(heldBytes, budgetBytes, 'the memory of the small ones is given back')
})

t.test('a small budget has small slabs, however small it is', async t => {
  t.equal(takeAll(poolOf(2 ** 17), 100, maxSlabBytes).length, 32)
  t.equal(takeAll(poolOf(2 ** 17), 100, 0).length, 512)
  t.equal(takeAll(poolOf(64), 2, 0).length, 32)
})

t.test('a line longer than a slab gets its own memory, beyond the budget too unless the pool is high', async t => {
  const pool = poolOf(budgetBytes)
  const first = pool.take(budgetBytes / 2, 0)
  t.ok(pool.canTake(budgetBytes * 2), 'it is in memory, and the pool has said nothing yet')
  const large = pool.take(budgetBytes * 2, 0)
  t.equal(large.memory.length, budgetBytes * 2)
  t.notOk(pool.canTake(maxSlabBytes + 1), 'a second one must wait')
  t.notOk(pool.canTake(1), 'it counts')
  pool.give(large)
  t.equal(large.memory.length, 0, 'its memory is given back')
  t.ok(pool.canTake(budgetBytes * 2), 'and the next has its turn')
  pool.give(first)
  t.equal(pool.usedBytes, 0)
})

t.test('what was in memory before gets more than the budget, which is counted until it is given back', async t => {
  const overdraft = { usedBytes: 5 }
  const pools = [poolOf(2 ** 17, { overdraft }), poolOf(2 ** 17, { overdraft })]
  const slabs = pools.map(pool => Array.from({ length: 100 }, () => pool.take(4096, 0)))
  t.equal(overdraft.usedBytes, 5 + pools.reduce((sum, { usedBytes }) => sum + usedBytes - 2 ** 17, 0))
  t.ok(overdraft.usedBytes > 2 ** 18)
  for (const [index, pool] of pools.entries()) for (const slab of slabs[index] ?? []) pool.give(slab)
  t.equal(overdraft.usedBytes, 5)
  t.same(pools.map(({ usedBytes }) => usedBytes), [0, 0])
})

t.test('says once when it becomes nearly full, and once when there is room again', async t => {
  const said: string[] = []
  const pool = poolOf(budgetBytes, { onHigh: () => said.push('high'), onLow: () => said.push('low') })
  const slabs: Slab[] = []
  for (let count = 1; count <= 30; count++) {
    slabs.push(pool.take(1, maxSlabBytes))
    if (count === 23) t.same(said, [])
    if (count === 24) t.same(said, ['high'])
  }
  while (slabs.length > 21) pool.give(slabs.pop() as Slab)
  t.same(said, ['high'])
  pool.give(slabs.pop() as Slab)
  t.same(said, ['high', 'low'])
})

t.test('an open pool lends beyond its budget, and says when that is high as ever', async t => {
  const calls: string[] = []
  const pool = poolOf(2 ** 17, { onHigh: () => calls.push('high'), onLow: () => calls.push('low'), isOpen: true })
  const slabs = takeAll(pool, 100, maxSlabBytes)
  t.equal(slabs.length, 1000)
  t.ok(pool.usedBytes > 10 * pool.budgetBytes)
  t.same(calls, ['high'])
  for (const slab of slabs) pool.give(slab)
  t.same(calls, ['high', 'low'])
  t.equal(slabs.reduce((sum, { memory }) => sum + memory.buffer.byteLength, 0), pool.budgetBytes, 'the rest is given back')
})
