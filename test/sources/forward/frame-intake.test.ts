import t from 'tap'
import { loadConfig } from '../../../src/config/load.ts'
import { systemClock } from '../../../src/contracts/clock.ts'
import { FrameIntake } from '../../../src/sources/forward/frame-intake.ts'
import { createForwardShare } from '../../../src/sources/forward/share.ts'
import { forwardFrames } from '../../support/forward-frames.ts'

t.test('a turn ends after what small records set off, as after large ones', async t => {
  const { config } = loadConfig({ env: {}, readFile: () => '' })
  let nowMs = 0
  const clock = { ...systemClock, monotonicMs: () => nowMs }
  let count = 0
  const acceptor = {
    // As where joins let go of a long line for each.
    accept () {
      nowMs += 10
      return ++count > 0
    },
    get releasedBytes () { return count * 64 * 1024 },
    isFull: false,
    whenWritable: async () => {},
    stored: async () => true,
  }
  const pausedAt: number[] = []
  const intake = new FrameIntake({
    source: 'unix',
    limits: config.forward,
    acceptor,
    clock,
    counts: { linesCut: { value: 0 }, lagMs: 0 },
    share: createForwardShare({ room: acceptor, clock, maxStallMs: 1000, maxMemoryBytes: 1024 * 1024 }),
  }, { onFrame: () => true, onPause: () => { pausedAt.push(count) }, ready: () => undefined, onEvicted () {} })
  const records = Array.from({ length: 4 }, () => ({ timeMs: 1, fields: { log: 'x' } }))
  const { bytes } = forwardFrames('packed', 'web', records)
  await intake.begin(bytes.length)
  await intake.take(bytes)
  t.same(pausedAt, [1, 2, 3, 4])
  intake.close()
})
