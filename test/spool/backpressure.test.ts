import t from 'tap'
import fc from 'fast-check'
import { Backpressure, restMs } from '../../src/spool/backpressure.ts'
import { ManualClock, turns } from '../support/manual-clock.ts'

const maxStallMs = 1000

function createRoom (stallMs = maxStallMs) {
  const clock = new ManualClock()
  const closing = new AbortController()
  const room = new Backpressure(clock, stallMs, closing.signal)
  const ended: string[] = []
  const wait = (name: string) => { void room.whenWritable().then(() => ended.push(name)) }
  return { clock, closing, room, ended, wait }
}

t.test('sources wait until every full route has room again', async t => {
  const { room, ended, wait } = createRoom()
  t.notOk(room.isFull)
  await room.whenWritable()
  room.enter('access')
  room.enter('error')
  t.ok(room.isFull)
  wait('a')
  wait('b')
  room.leave('access')
  await turns()
  t.same(ended, [])
  room.leave('error')
  await turns()
  t.same(ended, ['a', 'b'])
  t.notOk(room.isFull)
})

t.test('nobody waits longer than the longest stall, however long it stays full', async t => {
  const { clock, room, ended, wait } = createRoom()
  room.enter('access')
  await clock.advance(600)
  wait('late')
  await clock.advance(399)
  t.same(ended, [])
  await clock.advance(1)
  t.same(ended, ['late'])
  t.notOk(room.isFull, 'sources go on: what finds no memory is dropped')
  await room.whenWritable()
  await clock.advance(60_000)
  t.notOk(room.isFull)
  room.leave('access')
  room.enter('access')
  t.ok(room.isFull, 'full anew, it is waited for anew')
})

t.test('a route may be waited for for less, but not for longer', async t => {
  const { clock, room } = createRoom()
  room.enter('access', 50)
  await clock.advance(49)
  t.ok(room.isFull)
  await clock.advance(1)
  t.notOk(room.isFull)
  room.enter('error', 2 * maxStallMs)
  await clock.advance(maxStallMs)
  t.notOk(room.isFull)
})

t.test('the wait for an earlier fullness does not end that for a later one', async t => {
  const { clock, room } = createRoom()
  room.enter('access')
  await clock.advance(900)
  room.leave('access')
  await turns()
  room.enter('access')
  await clock.advance(200)
  t.ok(room.isFull)
  await clock.advance(800)
  t.notOk(room.isFull)
})

t.test('a route that stays full takes no wait from the others', async t => {
  const { clock, room } = createRoom()
  room.enter('stuck')
  await clock.advance(60_000)
  room.enter('access')
  t.ok(room.isFull)
  await clock.advance(maxStallMs - 1)
  t.ok(room.isFull)
  room.leave('access')
  t.notOk(room.isFull, 'and when that has room, nobody is waited for')
})

t.test('when routes become full in turns, sources go on after the longest stall, and wait again a little later', async t => {
  const { clock, room, ended, wait } = createRoom()
  room.enter('access')
  wait('first')
  await clock.advance(800)
  room.enter('error')
  room.leave('access')
  await clock.advance(199)
  t.same(ended, [])
  await clock.advance(1)
  t.same(ended, ['first'])
  t.notOk(room.isFull)
  await clock.advance(restMs - 1)
  t.notOk(room.isFull, 'long enough to read a socket')
  await clock.advance(1)
  t.ok(room.isFull, 'for what is left of the wait for the other')
  await clock.advance(800 - restMs)
  t.notOk(room.isFull)
})

t.test('room for less than a turn, in which no source can read, begins no new stretch', async t => {
  const { clock, room } = createRoom()
  room.enter('access')
  for (let passedMs = 0; passedMs < maxStallMs; passedMs += 10) {
    t.ok(room.isFull)
    room.leave('access')
    room.enter('access')
    await clock.advance(10)
  }
  t.notOk(room.isFull)
})

t.test('with no longest stall only room and the end of the spool end a wait', async t => {
  for (const ends of ['room', 'close'] as const) {
    const { clock, closing, room, ended, wait } = createRoom(Infinity)
    room.enter('access')
    wait('a')
    await clock.advance(1e9)
    room.enter('error')
    room.leave('error')
    await clock.advance(1e9)
    t.same(ended, [])
    if (ends === 'room') room.leave('access')
    else closing.abort()
    await turns()
    t.same(ended, ['a'], ends)
  }
})

t.test('closing ends every wait', async t => {
  const { closing, room, ended, wait } = createRoom()
  room.enter('access')
  wait('a')
  closing.abort()
  await turns()
  t.same(ended, ['a'])
  room.leave('access')
  room.enter('access')
  t.notOk(room.isFull)
})

/**
 * A route fills or empties, or time passes. Looked at every 5 ms:
 * - sources are never held for longer than the longest stall at a stretch, and go on for long enough after it;
 * - they are held only for a route that is full, and has been for less than that;
 * - a route that becomes full is waited for as long, but for one rest of the sources in between.
 */
t.test('whichever routes become full and empty, in whatever order', async t => {
  const stepMs = 5
  const stallMs = 100
  const event = fc.oneof(
    { weight: 3, arbitrary: fc.record({ waitMs: fc.constantFrom(0, 5, 20, 50, 110) }) },
    { weight: 4, arbitrary: fc.record({ toggle: fc.constantFrom('access', 'error', 'app') }) })
  let heldInAllMs = 0
  await fc.assert(fc.asyncProperty(fc.array(event, { maxLength: 40, size: 'max' }), async events => {
    const { clock, room } = createRoom(stallMs)
    const fullSince = new Map<string, number>()
    let [heldMs, freeMs] = [0, Infinity]
    const goneOnMs = new Map<string, number>()
    for (const one of [...events, { waitMs: stallMs }]) {
      if ('toggle' in one) {
        if (fullSince.delete(one.toggle)) room.leave(one.toggle)
        else {
          fullSince.set(one.toggle, clock.monotonicMs())
          goneOnMs.set(one.toggle, 0)
          room.enter(one.toggle)
        }
        continue
      }
      for (let passedMs = 0; passedMs < one.waitMs; passedMs += stepMs) {
        const nowMs = clock.monotonicMs()
        const isWaitedFor = [...fullSince.values()].some(sinceMs => nowMs - sinceMs < stallMs)
        if (room.isFull) {
          if (!isWaitedFor) throw new Error('held for no route')
          if (heldMs === 0 && freeMs < restMs) throw new Error(`held again after ${freeMs} ms`)
          heldMs += stepMs
          heldInAllMs += stepMs
          if (heldMs > stallMs) throw new Error(`held for ${heldMs} ms`)
        } else {
          if (heldMs > 0) freeMs = heldMs === stallMs ? 0 : Infinity
          freeMs += stepMs
          heldMs = 0
          for (const [route, sinceMs] of fullSince) {
            if (nowMs - sinceMs >= stallMs) continue
            const sumMs = (goneOnMs.get(route) ?? 0) + stepMs
            if (sumMs > restMs) throw new Error(`${route} was not waited for`)
            goneOnMs.set(route, sumMs)
          }
        }
        await clock.advance(stepMs)
      }
      // Whole turns have gone by in which sources went on.
      if (!room.isFull && heldMs < stallMs) heldMs = 0
    }
  }), { numRuns: 100, interruptAfterTimeLimit: 10_000 })
  t.ok(heldInAllMs > 1_000, `sources were held for ${heldInAllMs} ms in all`)
})
