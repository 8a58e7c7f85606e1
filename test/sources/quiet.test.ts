import t from 'tap'
import { untilQuiet } from '../../src/sources/quiet.ts'
import { ManualClock } from '../support/manual-clock.ts'

function setUp () {
  const clock = new ManualClock()
  const ended = new AbortController()
  const stop = new AbortController()
  const state = { lastReceivedMs: 0, isOver: false }
  void untilQuiet({
    clock, quietMs: 1000, lastReceivedMs: () => state.lastReceivedMs, ended: ended.signal, signal: stop.signal,
  }).then(() => { state.isOver = true })
  return { clock, ended, stop, state }
}

t.test('ends when nothing came for the quiet time, counted from now at the earliest', async t => {
  const { clock, state } = setUp()
  await clock.advance(999)
  t.notOk(state.isOver)
  await clock.advance(1)
  t.ok(state.isOver)
})

t.test('whatever comes begins the quiet time again', async t => {
  const { clock, state } = setUp()
  for (let round = 0; round < 5; round++) {
    await clock.advance(900)
    state.lastReceivedMs = clock.monotonicMs()
  }
  t.notOk(state.isOver)
  await clock.advance(999)
  t.notOk(state.isOver)
  await clock.advance(1)
  t.ok(state.isOver)
})

t.test('ends at once when nothing can come any more, or time is up', async t => {
  for (const which of ['ended', 'stop'] as const) {
    const all = setUp()
    all[which].abort()
    await all.clock.advance(0)
    t.ok(all.state.isOver, which)
  }
})
