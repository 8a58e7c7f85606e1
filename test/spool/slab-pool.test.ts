import t from 'tap'
import { maxSlabBytes, SlabPool, type Slab } from '../../src/spool/slab-pool.ts'

const budgetBytes = 2 ** 21

function takeAll (pool: SlabPool, bytes: number): Slab[] {
  const slabs: Slab[] = []
  for (let slab = pool.take(bytes); slab !== undefined && slabs.length < 1000; slab = pool.take(bytes)) slabs.push(slab)
  return slabs
}

t.test('no more is lent out than the budget, and slabs are used again', async t => {
  const pool = new SlabPool(budgetBytes, () => {}, () => {})
  t.equal(pool.slabBytes, maxSlabBytes)
  const slabs = takeAll(pool, 100)
  t.equal(slabs.length, 32)
  t.equal(pool.usedBytes, budgetBytes)
  t.notOk(pool.canTake(1))
  const [first] = slabs
  if (first === undefined) throw new Error('a slab was expected')
  first.filledBytes = 5
  pool.give(first)
  t.ok(pool.canTake(1))
  t.equal(pool.take(100), first)
  t.equal(first.filledBytes, 0)
})

t.test('a small budget has small slabs: every open segment can have one', async t => {
  const pool = new SlabPool(2 ** 17, () => {}, () => {})
  t.equal(takeAll(pool, 100).length, 32)
})

t.test('a line longer than a slab gets its own memory, one at a time beyond the budget', async t => {
  const pool = new SlabPool(budgetBytes, () => {}, () => {})
  const large = pool.take(budgetBytes * 2)
  t.equal(large?.memory.length, budgetBytes * 2)
  t.notOk(pool.canTake(maxSlabBytes + 1), 'a second one must wait')
  t.notOk(pool.canTake(1), 'it counts')
  if (large !== undefined) pool.give(large)
  t.equal(pool.usedBytes, 0)
  t.equal(pool.take(1)?.memory.length, maxSlabBytes, 'its memory is not kept')
  t.ok(pool.take(maxSlabBytes + 1), 'within the budget there may be several')
  t.ok(pool.take(maxSlabBytes + 1))
})

t.test('says once when it becomes nearly full, and once when there is room again', async t => {
  const said: string[] = []
  const pool = new SlabPool(budgetBytes, () => said.push('high'), () => said.push('low'))
  const slabs: Slab[] = []
  for (let count = 1; count <= 30; count++) {
    const slab = pool.take(1)
    if (slab !== undefined) slabs.push(slab)
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
  const pool = new SlabPool(2 ** 17, () => calls.push('high'), () => calls.push('low'), true)
  const slabs = takeAll(pool, 100)
  t.equal(slabs.length, 1000)
  t.ok(pool.usedBytes > 10 * pool.budgetBytes)
  t.same(calls, ['high'])
  for (const slab of slabs) pool.give(slab)
  t.same(calls, ['high', 'low'])
})
