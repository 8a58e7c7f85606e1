import t from 'tap'
import type { Place } from '../../../src/sources/forward/place.ts'
import { Turns } from '../../../src/sources/forward/turns.ts'
import { turns as loopTurns } from '../../support/manual-clock.ts'

const maxStallMs = 1000

/** Time that passes while work is done, room that a test takes and gives, and an alarm. */
function setUp () {
  let nowMs = 5000
  /** When the alarm goes off, if it is set. */
  let dueMs = Infinity
  let ring = () => {}
  const room = { isFull: false, waiting: Promise.withResolvers<void>(), whenWritable: () => room.waiting.promise }
  const clock = {
    monotonicMs: () => nowMs,
    alarm: (action: () => void) => {
      ring = action
      return { at: (ms: number) => { dueMs = ms }, clear: () => { dueMs = Infinity } }
    },
  }
  const turns = new Turns({ room, clock, maxStallMs })
  const served: string[] = []
  return {
    turns,
    room,
    served,
    pass: (ms: number) => {
      nowMs += ms
      if (dueMs > nowMs) return
      dueMs = Infinity
      ring()
    },
    give: () => {
      room.isFull = false
      room.waiting.resolve()
      room.waiting = Promise.withResolvers<void>()
    },
    /** Has a turn of its own as soon as it may, and notes its name. */
    serve: async (name: string, place: Place, bytes = 100) => {
      await place.begin(bytes)
      served.push(name)
      place.spend(bytes)
      place.end()
    },
    /** A turn that takes all the time that the event loop has. */
    hog: () => {
      const hog = turns.place('hog')
      void hog.begin(1)
      nowMs += 20
      hog.end()
    },
  }
}

t.test('whoever finds nobody waiting has its turn at once', async t => {
  const { turns } = setUp()
  const [first, second] = [turns.place('unix'), turns.place('tcp')]
  t.equal(first.begin(100), undefined)
  t.notOk(first.spend(100))
  first.end()
  first.end()
  t.equal(second.begin(100), undefined)
  second.end()
  t.equal(turns.waitingCount, 0)
})

t.test('a turn is over after a few ms, and then the event loop goes on before anybody has one', async t => {
  const { turns, pass, served, serve } = setUp()
  const place = turns.place('unix')
  await place.begin(1_000_000)
  t.notOk(place.isOver)
  pass(3)
  t.notOk(place.spend(20_000))
  pass(3)
  t.ok(place.spend(20_000), 'the clock is looked at after so many bytes')
  t.ok(place.isOver)
  pass(5)
  place.end()
  void serve('next', turns.place('unix'))
  await Promise.resolve()
  t.same(served, [])
  await loopTurns()
  t.same(served, ['next'])
})

t.test('who has waited longest of a source is next, and sources are served in turns', async t => {
  const { turns, served, serve, hog } = setUp()
  hog()
  for (const name of ['tcp 1', 'tcp 2', 'tcp 3', 'unix 1', 'unix 2']) {
    void serve(name, turns.place(name.split(' ')[0] ?? ''))
  }
  t.equal(turns.waitingCount, 5)
  await loopTurns()
  t.same(served, ['tcp 1', 'unix 1', 'tcp 2', 'unix 2', 'tcp 3'])
})

t.test('a sender that has little to say waits for no row of those that send all they can', async t => {
  const { turns, served, serve, hog } = setUp()
  hog()
  for (let index = 0; index < 5; index++) void serve(`much ${index}`, turns.place('tcp'), 64 * 1024)
  void serve('little', turns.place('tcp'), 500)
  await loopTurns()
  t.same(served.slice(0, 2), ['little', 'much 0'])
})

t.test('who needs more than one turn is one that sends much', async t => {
  const { turns, served, serve, hog } = setUp()
  const place = turns.place('tcp')
  await place.begin(100)
  t.notOk(place.spend(100))
  hog()
  const again = place.wait(false).then(() => { served.push('again'); place.end() })
  void serve('little', turns.place('tcp'))
  await again
  t.same(served, ['little', 'again'])
})

t.test('while others wait, a turn is bounded in bytes as well', async t => {
  const { turns, served, serve, hog } = setUp()
  const place = turns.place('unix')
  await place.begin(1_000_000)
  t.notOk(place.spend(1_000_000), 'nobody waits')
  place.end()
  hog()
  const begun = place.begin(1_000_000)
  void serve('other', turns.place('unix'), 1_000_000)
  await begun
  t.notOk(place.spend(100_000))
  t.ok(place.spend(100_000))
  await place.wait(false)
  t.same(served, ['other'])
  place.end()
})

t.test('while it is full, those wait who need room, and go on in their order when there is some', async t => {
  const { turns, room, served, give } = setUp()
  room.isFull = true
  const wait = async (name: string, needsRoom: boolean) => {
    const place = turns.place('unix')
    t.equal(place.begin(100), undefined, 'nobody is ready to go on')
    await place.wait(needsRoom)
    served.push(name)
    place.end()
  }
  void wait('a', true)
  void wait('b', true)
  await loopTurns()
  void wait('needs none', false)
  await loopTurns()
  t.same(served, ['needs none'])
  give()
  await loopTurns()
  t.same(served, ['needs none', 'a', 'b'])
})

t.test('nobody waits longer for room than allowed, time in the line included', async t => {
  const { turns, room, served, pass, hog } = setUp()
  room.isFull = true
  const place = turns.place('unix')
  hog()
  void (async () => {
    await place.begin(100)
    served.push('turn without room')
    await place.wait(true)
    served.push('stall over')
    place.end()
  })()
  pass(maxStallMs - 1)
  await loopTurns()
  t.same(served, ['turn without room'])
  t.notOk(place.isStallOver)
  pass(1)
  await loopTurns()
  t.same(served, ['turn without room', 'stall over'])
  t.ok(place.isStallOver)
})

t.test('when the wait for room ends without any, those who waited go on all the same', async t => {
  const { turns, room, served } = setUp()
  room.isFull = true
  const place = turns.place('unix')
  await place.begin(100)
  void place.wait(true).then(() => served.push('gone on'))
  await loopTurns()
  room.waiting.resolve()
  await loopTurns()
  t.same(served, ['gone on'])
  t.ok(place.isStallOver)
})

t.test('a wait can be ended, and leaves nothing behind', async t => {
  const { turns, room } = setUp()
  room.isFull = true
  const place = turns.place('unix')
  place.cancel()
  await place.begin(100)
  const waited = place.wait(true)
  t.equal(turns.waitingCount, 1)
  place.cancel()
  await waited
  t.equal(turns.waitingCount, 0)
  place.end()
})

t.test('one that never ends its turn keeps nobody from theirs', async t => {
  const { turns, served, serve, hog } = setUp()
  hog()
  void turns.place('unix').begin(100)
  void serve('next', turns.place('unix'))
  await loopTurns()
  t.same(served, ['next'])
})
