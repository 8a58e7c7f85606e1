import t from 'tap'
import { CompressionMutex } from '../../../src/sinks/s3/compression-mutex.ts'
import type { Segment } from '../../../src/contracts/segment.ts'
import { BodyMemory } from '../../../src/sinks/body-memory.ts'
import { createObjectBody, type BodyOptions } from '../../../src/sinks/s3/object-body.ts'
import { makeSegment } from '../../support/segments.ts'

t.test('a file that hangs keeps no other from becoming an object, once its request is given up', async t => {
  const directory = t.testdir()
  const options: BodyOptions = { compression: 'gzip', level: 1, mutex: new CompressionMutex(), memory: new BodyMemory() }
  const whole = makeSegment(directory, ['x'.repeat(100_000)])
  const { promise, resolve } = Promise.withResolvers<void>()
  const hanging: Segment = {
    ...whole,
    runRead: async read => {
      await promise
      return await read()
    },
  }
  const giveUp = new AbortController()
  const never = new AbortController().signal
  const first = createObjectBody(hanging, options, giveUp.signal)
  const second = createObjectBody(whole, options, never)
  giveUp.abort()
  await t.rejects(first, { name: 'AbortError' })
  t.ok((await second).length > 0)
  resolve()
})
