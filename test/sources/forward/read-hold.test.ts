import { Readable } from 'node:stream'
import t from 'tap'
import { ReadHold } from '../../../src/sources/forward/read-hold.ts'
import { turns } from '../../support/manual-clock.ts'

t.test('a stream reads nothing ahead while it is held, and goes on afterwards', async t => {
  let readCount = 0
  const stream = new Readable({ highWaterMark: 1, read () { setImmediate(() => this.push(Buffer.of(++readCount))) } })
  const hold = new ReadHold(stream)
  stream.on('readable', () => undefined)
  await turns()
  t.equal(readCount, 1)
  hold.hold()
  t.same(stream.read(), Buffer.of(1))
  await turns()
  t.equal(readCount, 1)
  hold.release()
  hold.release()
  await turns()
  t.equal(readCount, 2)
  t.same(stream.read(), Buffer.of(2))
  await turns()
  t.equal(readCount, 3, 'by itself where it is not held')
})
