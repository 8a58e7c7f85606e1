import t from 'tap'
import { BodyMemory } from '../../src/sinks/body-memory.ts'

const chunk = (text: string, bytes: number) => Buffer.alloc(bytes, text)

t.test('memory that was given back is used again, by one body at a time', async t => {
  const memory = new BodyMemory()
  const first = memory.join([chunk('a', 300_000), chunk('b', 5)])
  t.equal(first.toString('latin1', 299_999), 'abbbbb')
  t.equal(first.length, 300_005)
  const second = memory.join([chunk('c', 300_000)])
  t.not(second.buffer, first.buffer, 'the first is in use')
  t.equal(first[0], 0x61)
  memory.give(first)
  const third = memory.join([chunk('d', 400_000)])
  t.equal(third.buffer, first.buffer)
  t.not(memory.join([chunk('e', 300_000)]).buffer, first.buffer)
})

t.test('a body takes the smallest memory that it fits, or one of its own', async t => {
  const memory = new BodyMemory()
  const [large, small] = [3_000_000, 300_000].map(bytes => memory.take(bytes)) as [Buffer, Buffer]
  memory.give(large)
  memory.give(small)
  t.equal(memory.take(200_000).buffer, small.buffer)
  t.equal(memory.take(200_000).buffer, large.buffer)
  memory.give(small)
  t.not(memory.take(2_000_000).buffer, small.buffer)
})

t.test('small bodies have memory of their own, exactly as large, and none is kept', async t => {
  const memory = new BodyMemory()
  const body = memory.join([chunk('a', 60_000)])
  t.equal(body.buffer.byteLength, 60_000)
  memory.give(body)
  t.not(memory.take(60_000).buffer, body.buffer)
  // Of the pool that all of Node shares: given back, others would write over it.
  const pooled = Buffer.from('a')
  memory.give(pooled)
  t.not(memory.take(1).buffer, pooled.buffer)
  t.equal(memory.join([]).length, 0)
})

t.test('8 MiB are kept at most, the largest of them', async t => {
  const memory = new BodyMemory()
  const bodies = [1, 2, 3, 4].map(mebibytes => memory.take(mebibytes * 1024 * 1024))
  for (const body of bodies) memory.give(body)
  const kept = bodies.toReversed().map(({ length, buffer }) => memory.take(length).buffer === buffer)
  t.same(kept, [true, true, false, false], 'those of 4 and 3 MiB')
  const huge = memory.take(9_000_000)
  memory.give(huge)
  t.not(memory.take(9_000_000).buffer, huge.buffer, 'what no usual body needs is not kept')
})
