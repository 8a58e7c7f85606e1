import t from 'tap'
import { createRecord } from '../../src/contracts/record.ts'
import { createErrorReading } from '../../src/formats/error-reading.ts'
import { createStorms, type Storm } from '../../src/signals/storms.ts'
import { ManualClock } from '../support/manual-clock.ts'

function setUp (wantedCount = 2, windowMs = 60_000) {
  const clock = new ManualClock()
  const ended: Storm[] = []
  const begun: string[] = []
  const reading = createErrorReading()
  const storms = createStorms({
    wantedCount, windowMs, clock, onStorm: container => begun.push(container), onEnd: storm => ended.push(storm),
  })
  return {
    clock,
    ended,
    begun,
    storms,
    add (fingerprint: string, { container = 'web', line = 'PHP Warning:  x', timeMs = clock.wallMs() } = {}) {
      const bytes = Buffer.from(line)
      reading.begin(bytes, 0, bytes.length)
      return storms.add({ ...createRecord(), bytes, end: bytes.length, container, timeMs }, fingerprint, reading)
    },
  }
}

t.test('so many of one error are wanted in a window; the next are told which they are, and the end tells of all', async t => {
  const { add, storms, clock, ended, begun } = setUp()
  t.same(['a', 'a', 'b', 'a', 'a'].map(each => add(each, { timeMs: 1_000 })), [0, 0, 0, 3, 4])
  t.same(begun, ['web'])
  await clock.advance(59_999)
  storms.tick()
  t.equal(add('a', { timeMs: 500 }), 5)
  t.same(ended, [])
  await clock.advance(1)
  storms.tick()
  t.same(ended, [{
    container: 'web',
    fingerprint: 'a',
    example: { level: 'warn', origin: 'php', message: 'x' },
    count: 5,
    surplus: 3,
    firstAtMs: 500,
    lastAtMs: 1_000,
    openMs: 60_000,
  }])
  t.equal(add('a'), 0, 'another window has begun')
})

t.test('a record that comes when the time is over ends the window itself, before it is counted', async t => {
  const { add, clock, ended } = setUp(1)
  t.same([add('a'), add('a')], [0, 2])
  await clock.advance(60_000)
  t.equal(add('a'), 0)
  t.same(ended.map(({ count, openMs }) => [count, openMs]), [[2, 60_000]])
})

t.test('windows go by monotonic time: a step of the wall clock ends none', async t => {
  const { add, storms, clock, ended } = setUp(1)
  add('a')
  clock.stepWall(3_600_000)
  storms.tick()
  t.same([add('a'), ended.length], [2, 0])
  clock.stepWall(-7_200_000)
  await clock.advance(60_000)
  storms.tick()
  t.equal(ended[0]?.lastAtMs !== undefined && ended[0].lastAtMs - ended[0].firstAtMs, 3_600_000, 'stamps are those of the records')
})

t.test('what is crit or worse is always wanted, and counts for nothing', async t => {
  const { add, ended, storms } = setUp(1)
  for (const level of ['crit', 'alert', 'emerg']) {
    const line = `[Mon Nov 23 19:41:53.202944 2026] [core:${level}] [pid 1:tid 1] AH00094: x`
    t.same([1, 2, 3].map(() => add(level, { line })), [0, 0, 0], level)
  }
  storms.flush()
  t.same(ended, [])
  t.same([1, 2].map(() => add('none', { line: 'words without a level' })), [0, 2])
})

t.test('containers have windows of their own', async t => {
  const { add } = setUp(1)
  t.same([add('a'), add('a', { container: 'fpm' }), add('a'), add('a', { container: 'fpm' })], [0, 0, 2, 2])
})

t.test('the stop ends all windows, those of storms with their summary, and what they were open for', async t => {
  const { add, storms, clock, ended } = setUp(1)
  for (const each of ['a', 'a', 'b']) add(each)
  add('a', { container: 'fpm' })
  add('a', { container: 'fpm' })
  await clock.advance(23_000)
  storms.flush()
  t.same(ended.map(({ container, count, openMs }) => [container, count, openMs]), [['web', 2, 23_000], ['fpm', 2, 23_000]])
  storms.flush()
  t.equal(ended.length, 2)
})

t.test('however many errors and containers there are, few are remembered: the oldest ends with its summary', async t => {
  const { add, ended } = setUp(1)
  add('first')
  add('first')
  for (let number = 0; number < 199; number++) add(`error${number}`)
  t.same(ended, [])
  add('one more')
  t.same(ended.map(({ fingerprint, surplus }) => [fingerprint, surplus]), [['first', 1]])
  t.equal(add('first'), 0, 'it is wanted again')
  t.equal(add('first'), 2)
  for (let number = 1; number < 50; number++) add('x', { container: `c${number}` })
  t.equal(ended.length, 1)
  add('x', { container: 'c50' })
  t.same(ended.slice(1).map(({ container, fingerprint }) => [container, fingerprint]), [['web', 'first']])
})

t.test('of a message only the beginning is kept, in whole characters', async t => {
  const { add, storms, ended } = setUp(1)
  for (let time = 0; time < 2; time++) add('a', { line: `PHP Warning:  ${'a'.repeat(299)}😀${'b'.repeat(100_000)}` })
  storms.flush()
  t.equal(ended[0]?.example.message, `${'a'.repeat(299)}…`)
})
