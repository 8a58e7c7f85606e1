import t from 'tap'
import { loadConfig } from '../../../src/config/load.ts'
import { systemClock, type Clock } from '../../../src/contracts/clock.ts'
import type { LogRecord } from '../../../src/contracts/record.ts'
import { FrameIntake } from '../../../src/sources/forward/frame-intake.ts'
import { createForwardShare } from '../../../src/sources/forward/share.ts'
import { forwardFrames } from '../../support/forward-frames.ts'

/** Intakes of connections whose records `accept` is given. */
function setUp (accept: (record: LogRecord) => boolean, clock: Clock, releasedBytes: () => number) {
  const { config } = loadConfig({ env: {}, readFile: () => '' })
  const pauses: (() => void)[] = []
  const acceptor = {
    accept,
    released: { get bytes () { return releasedBytes() } },
    isFull: false,
    whenWritable: async () => {},
    stored: async () => true,
  }
  const share = createForwardShare({ room: acceptor, clock, maxStallMs: 1000, maxMemoryBytes: 8 * 1024 * 1024 })
  const counts = { linesCut: { value: 0 }, lagMs: 0 }
  const owner = {
    onFrame: () => true,
    onPause () { for (const pause of pauses) pause() },
    ready: () => undefined,
    onEvicted () {},
  }
  const intake = () =>
    new FrameIntake({ source: 'unix', limits: config.forward, acceptor, clock, counts, share }, owner)
  return { intake, pauses }
}

t.test('a turn ends after what small records set off, as after large ones', async t => {
  let nowMs = 0
  let count = 0
  const pausedAt: number[] = []
  // As where joins let go of a long line for each.
  const { intake, pauses } = setUp(() => {
    nowMs += 10
    return ++count > 0
  }, { ...systemClock, monotonicMs: () => nowMs }, () => count * 64 * 1024)
  pauses.push(() => { pausedAt.push(count) })
  const records = Array.from({ length: 4 }, () => ({ timeMs: 1, fields: { log: 'x' } }))
  const { bytes } = forwardFrames('packed', 'web', records)
  const one = intake()
  await one.begin(bytes.length)
  await one.take(bytes)
  t.same(pausedAt, [1, 2, 3, 4])
  one.close()
})

t.test('parts of a long line say which line they are of, where those of another connection come in between', async t => {
  let nowMs = 0
  const parts: (readonly [text: string, part: number, cutLine: number])[] = []
  const { intake } = setUp(({ bytes, start, part, cutLine }) => {
    nowMs += 10
    return parts.push([bytes.toString('latin1', start, start + 1), part, cutLine]) > 0
  }, { ...systemClock, monotonicMs: () => nowMs }, () => 0)
  await Promise.all(['a', 'b'].map(async text => {
    const { bytes } = forwardFrames('message', 'web', [{ timeMs: 1, fields: { log: text.repeat(500_000) } }])
    const one = intake()
    await one.begin(bytes.length)
    await one.take(bytes)
    one.close()
  }))
  t.strictSame(parts.map(([text, part]) => `${text}${part}`).sort(), ['a1', 'a2', 'a3', 'b1', 'b2', 'b3'])
  t.not(parts.map(([text]) => text).join(''), 'aaabbb')
  const numbersOf = (wanted: string) => new Set(parts.flatMap(([text, , cutLine]) => text === wanted ? [cutLine] : []))
  t.equal(numbersOf('a').size, 1)
  t.equal(numbersOf('b').size, 1)
  t.notSame(numbersOf('a'), numbersOf('b'))
})
