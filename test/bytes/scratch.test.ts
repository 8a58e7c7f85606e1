import fc from 'fast-check'
import t from 'tap'
import { Scratch } from '../../src/bytes/scratch.ts'

const textOf = ({ buffer, end }: Scratch) => buffer.toString('latin1', 0, end)

t.test('whatever is appended stands behind what was there, however it had to grow', async t => {
  fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), pieces => {
    const scratch = new Scratch(1)
    for (const piece of pieces) scratch.append(piece)
    return textOf(scratch) === Buffer.concat(pieces).toString('latin1')
  }))
})

t.test('whole numbers are written as JSON writes them', async t => {
  const written = (value: number) => {
    const scratch = new Scratch(1)
    scratch.append(Buffer.from('<'))
    scratch.appendInteger(value)
    return textOf(scratch).slice(1)
  }
  fc.assert(fc.property(fc.maxSafeInteger(), value => written(value) === String(value)))
  const edges = [0, 9, 10, 99_999_999, 100_000_000, Number.MAX_SAFE_INTEGER]
  t.same(edges.map(written), edges.map(String))
  t.equal(written(1.9), '1')
  t.equal(written(-1.5), '-2')
  t.equal(written(1e21), '1000000000000000000000')
  t.equal(written(NaN), '0')
  t.equal(written(Infinity), '0')
})

t.test('it starts again at the front, and keeps the memory of no rare long line', async t => {
  const scratch = new Scratch()
  scratch.append(Buffer.alloc(1_000_000, 'x'))
  scratch.reset()
  t.equal(scratch.end, 0)
  t.ok(scratch.buffer.length < 1_000_000)
  const { buffer } = scratch
  scratch.append(Buffer.from('short'))
  scratch.reset()
  t.equal(scratch.buffer, buffer, 'what is short costs no new memory')
})
