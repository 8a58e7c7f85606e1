import t from 'tap'
import { BodyMemory } from '../../src/sinks/body-memory.ts'

const chunk = (text: string, bytes: number) => Buffer.alloc(bytes, text)

t.test('memory that was given back is used again, by one body at a time', async t => {
  const memory = new BodyMemory()
  const first = memory.join([chunk('a', 300_000), chunk('b', 5)])
  t.equal(first.toString('latin1', 299_999), 'abbbbb')
  t.equal(first.length, 300_005)
  const second = memory.join([chunk('c', 10)])
  t.not(second.buffer, first.buffer, 'the first is in use')
  t.equal(first[0], 0x61)
  memory.give(first)
  const third = memory.join([chunk('d', 400_000)])
  t.equal(third.buffer, first.buffer)
  t.not(memory.join([chunk('e', 1)]).buffer, first.buffer)
})

t.test('a body that does not fit gets memory of its own, and of two the larger is kept', async t => {
  const memory = new BodyMemory()
  const [small, large] = [memory.join([chunk('a', 10)]), memory.join([chunk('b', 3_000_000)])]
  memory.give(large)
  memory.give(small)
  t.equal(memory.join([chunk('c', 10)]).buffer, large.buffer)
  memory.give(small)
  t.not(memory.join([chunk('d', 2_000_000)]).buffer, small.buffer)
  t.equal(memory.join([]).length, 0)
  const huge = memory.join([chunk('e', 9_000_000)])
  memory.give(huge)
  t.not(memory.join([chunk('f', 9_000_000)]).buffer, huge.buffer, 'what no usual body needs is not kept')
})
