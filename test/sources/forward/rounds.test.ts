import t from 'tap'
import { Rounds } from '../../../src/sources/forward/rounds.ts'
import { ManualClock, turns } from '../../support/manual-clock.ts'

function setUp () {
  const clock = new ManualClock()
  const events: string[] = []
  const rounds = new Rounds({ clock, onRound: () => events.push('round') })
  const wait = (name: string, pauseMs: number, sender: object = {}) => {
    void rounds.wait(sender, pauseMs).then(() => events.push(name))
    return sender
  }
  return { clock, events, rounds, wait }
}

t.test('senders of one pace are read at the same moment, whenever each was read before, by one timer', async t => {
  const { clock, events, wait } = setUp()
  for (const name of ['a', 'b', 'c']) {
    wait(name, 100)
    await clock.advance(20)
  }
  t.same(clock.sleeps, [100])
  await clock.advance(39)
  t.same(events, [])
  await clock.advance(1)
  t.same(events, ['round', 'a', 'b', 'c'])
  await clock.advance(100)
  t.equal(clock.sleeping, 0, 'nothing is set any more when nobody came back')
})

t.test('who sends more is read sooner, and with the others when their pauses end together', async t => {
  const { clock, events, wait } = setUp()
  wait('slow', 100)
  for (let round = 0; round < 4; round++) {
    wait('fast', 25)
    await clock.advance(25)
  }
  t.same(events, ['round', 'fast', 'round', 'fast', 'round', 'fast', 'round', 'slow', 'fast'])
})

t.test('a round is at most a little later than the pause, and never follows at once', async t => {
  for (let atMs = 0; atMs < 100; atMs += 0.5) {
    const { clock, wait } = setUp()
    await clock.advance(atMs)
    wait('a', 100)
    const [pauseMs = NaN] = clock.sleeps
    t.ok(pauseMs >= 2 && pauseMs <= 102, `${pauseMs} ms at ${atMs}`)
  }
})

t.test('who leaves waits no longer, and the others go on', async t => {
  const { clock, events, rounds, wait } = setUp()
  const gone = wait('gone', 100)
  wait('there', 100)
  rounds.leave(gone)
  rounds.leave(gone)
  await turns()
  t.same(events, ['gone'])
  await clock.advance(100)
  t.same(events, ['gone', 'round', 'there'])
})

t.test('a round to which nobody comes is none', async t => {
  const { clock, events, rounds, wait } = setUp()
  rounds.leave(wait('gone', 100))
  await clock.advance(100)
  t.same(events, ['gone'])
  wait('next', 50)
  await clock.advance(50)
  t.same(events, ['gone', 'round', 'next'])
})
