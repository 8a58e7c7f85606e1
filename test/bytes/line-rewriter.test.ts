import fc from 'fast-check'
import t from 'tap'
import { LineRewriter } from '../../src/bytes/line-rewriter.ts'

t.test('replaces stretches in order and copies the rest, however long', async t => {
  const rewriter = new LineRewriter()
  const someSteps = fc.array(fc.tuple(fc.nat(200), fc.nat(5), fc.uint8Array({ maxLength: 9 })), { maxLength: 20 })
  fc.assert(fc.property(someSteps, fc.nat(300), (steps, tail) => {
    const length = steps.reduce((sum, [keep, drop]) => sum + keep + drop, 10 + tail)
    const bytes = Buffer.from(Uint8Array.from({ length }, (_, index) => index % 251))
    const expected: Uint8Array[] = []
    let at = 10
    rewriter.begin(bytes, at)
    for (const [keep, drop, insert] of steps) {
      expected.push(bytes.subarray(at, at + keep), insert)
      rewriter.replace(at + keep, at += keep + drop, 4).append(insert)
    }
    expected.push(bytes.subarray(at))
    rewriter.finish(bytes.length)
    return Buffer.concat(expected).equals(rewriter.scratch.buffer.subarray(0, rewriter.scratch.end)) &&
      rewriter.count === steps.length && rewriter.kinds === (steps.length > 0 ? 4 : 0)
  }))
})

t.test('goes on with other bytes', async t => {
  const rewriter = new LineRewriter()
  rewriter.begin(Buffer.from('abc'), 1)
  rewriter.finish(3)
  rewriter.resume(Buffer.from('xyz'), 0)
  rewriter.replace(1, 2, 1)
  rewriter.finish(3)
  t.equal(rewriter.scratch.buffer.toString('latin1', 0, rewriter.scratch.end), 'bcxz')
})
