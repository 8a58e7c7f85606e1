import t from 'tap'
import { Alarms } from '../../src/contracts/alarms.ts'
import { every } from '../../src/contracts/clock.ts'
import { ManualClock } from '../support/manual-clock.ts'

/** Alarms on timers that the test lets pass. */
function setUp () {
  let nowMs = 10_020
  let setCount = 0
  const timers = new Set<{ readonly dueMs: number, readonly action: () => void }>()
  const alarms = new Alarms(() => nowMs, {
    set: (action, ms) => {
      if (ms < 1) throw new RangeError('Node warns of a time that is not ahead')
      const timer = { dueMs: nowMs + ms, action }
      setCount++
      timers.add(timer)
      return timer
    },
    clear: timer => timers.delete(timer as never),
  })
  const calls: string[] = []
  return {
    calls,
    timers,
    setCount: () => setCount,
    alarms,
    create: (name: string, action = () => {}) => alarms.create(() => {
      calls.push(`${name} ${nowMs}`)
      action()
    }),
    /** The event loop does not go on meanwhile. */
    stall: (ms: number) => { nowMs += ms },
    pass: (ms: number) => {
      for (const endMs = nowMs + ms; ;) {
        const [next] = [...timers].sort((a, b) => a.dueMs - b.dueMs)
        if (next === undefined || next.dueMs > endMs) {
          nowMs = Math.max(nowMs, endMs)
          return
        }
        nowMs = Math.max(nowMs, next.dueMs)
        timers.delete(next)
        next.action()
      }
    },
  }
}

t.test('an alarm goes off once, at the last time that it was set to', async t => {
  const { calls, create, pass, timers } = setUp()
  const alarm = create('a')
  alarm.at(10_030)
  alarm.at(10_025)
  alarm.at(10_050)
  t.equal(timers.size, 1, 'one timer, however often it is set anew')
  pass(1_000)
  t.same(calls, ['a 10050'])
  alarm.at(0)
  pass(1)
  t.same(calls, ['a 10050', 'a 11021'], 'a time that has passed is now')
  t.equal(timers.size, 0)
})

t.test('those that are not soon go off together, a little late, by one timer', async t => {
  const { calls, create, pass, timers, setCount } = setUp()
  for (const [name, dueMs] of [['a', 10_510], ['b', 10_530], ['c', 10_550], ['d', 10_551]] as const) {
    create(name).at(dueMs)
    t.equal(timers.size, 1)
  }
  pass(1_000)
  t.same(calls, ['a 10550', 'b 10550', 'c 10550', 'd 10600'])
  t.equal(setCount(), 2)
})

t.test('one that is soon goes off in time', async t => {
  const { calls, create, pass } = setUp()
  create('late').at(10_500)
  create('soon').at(10_043)
  pass(1_000)
  t.same(calls, ['soon 10043', 'late 10500'])
})

t.test('what was cleared does not go off, also by an alarm of the same moment', async t => {
  const { calls, create, pass, timers } = setUp()
  const later = create('later')
  create('first', () => later.clear()).at(10_050)
  later.at(10_050)
  const gone = create('gone')
  gone.at(10_040)
  gone.clear()
  pass(1_000)
  t.same(calls, ['first 10050'])
  t.equal(timers.size, 0, 'no timer keeps the process')
  const only = create('only')
  only.at(20_000)
  only.clear()
  t.equal(timers.size, 0)
})

t.test('what became due meanwhile is no time in the past', async t => {
  const { calls, create, pass, stall } = setUp()
  create('long', () => stall(100)).at(10_050)
  create('overtaken').at(10_052)
  pass(50)
  pass(100)
  t.same(calls, ['long 10050', 'overtaken 10151'])
})

t.test('an alarm that its action sets again at once lets the process go on first', async t => {
  const { calls, create, alarms, pass, setCount } = setUp()
  let againCount = 0
  const again = alarms.create(() => { if (++againCount < 5) again.at(0) })
  again.at(10_050)
  create('other').at(10_050)
  pass(100)
  t.same([againCount, calls.length], [5, 1])
  t.ok(setCount() >= 5, `a timer each time, ${setCount()} in all`)
})

t.test('an action that throws costs the others nothing', async t => {
  const { calls, create, pass } = setUp()
  create('bad', () => { throw new Error('a bug') }).at(10_050)
  create('good').at(10_050)
  t.throws(() => pass(40), /a bug/)
  pass(1_000)
  t.same(calls, ['bad 10050', 'good 10051'])
})

t.test('what is done again and again falls on whole multiples, until it is ended', async t => {
  const clock = new ManualClock()
  await clock.advance(620)
  const startMs = clock.monotonicMs()
  const calls: number[] = []
  const end = every(clock, 500, () => calls.push(clock.monotonicMs() - startMs))
  await clock.advance(1_000)
  t.same(calls, [380, 880])
  end()
  t.equal(clock.sleeping, 0)
})
