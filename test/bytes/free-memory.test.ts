import t from 'tap'
import { freeMemory } from '../../src/bytes/free-memory.ts'

t.test('a buffer that has its memory for itself is empty afterwards', async t => {
  const bytes = Buffer.allocUnsafeSlow(64 * 1024)
  freeMemory(bytes)
  t.equal(bytes.length, 0)
})

t.test('memory that others share is left alone', async t => {
  const bytes = Buffer.from('of the pool')
  const part = Buffer.allocUnsafeSlow(100).fill('x').subarray(10, 20)
  freeMemory(bytes)
  freeMemory(part)
  t.equal(bytes.toString(), 'of the pool')
  t.equal(part.toString(), 'x'.repeat(10))
})
