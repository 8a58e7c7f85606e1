import t from 'tap'
import { Backpressure } from '../../src/spool/backpressure.ts'
import { ManualClock, turns } from '../support/manual-clock.ts'

function createRoom () {
  const clock = new ManualClock()
  const closing = new AbortController()
  const room = new Backpressure(clock, 1000, closing.signal)
  const ended: string[] = []
  const wait = (name: string) => { void room.whenWritable().then(() => ended.push(name)) }
  return { clock, closing, room, ended, wait }
}

t.test('sources wait until every full route has room again', async t => {
  const { room, ended, wait } = createRoom()
  t.notOk(room.isFull)
  await room.whenWritable()
  room.enter()
  room.enter()
  t.ok(room.isFull)
  wait('a')
  wait('b')
  room.leave()
  await turns()
  t.same(ended, [])
  room.leave()
  await turns()
  t.same(ended, ['a', 'b'])
  t.notOk(room.isFull)
})

t.test('nobody waits longer than the longest stall, however long it stays full', async t => {
  const { clock, room, ended, wait } = createRoom()
  room.enter()
  await clock.advance(600)
  wait('late')
  await clock.advance(399)
  t.same(ended, [])
  await clock.advance(1)
  t.same(ended, ['late'])
  t.notOk(room.isFull, 'sources go on: what finds no memory is dropped')
  await room.whenWritable()
  room.leave()
  room.enter()
  t.ok(room.isFull, 'the next stretch has its own allowance')
})

t.test('the allowance of an earlier stretch does not end a later one', async t => {
  const { clock, room } = createRoom()
  room.enter()
  await clock.advance(900)
  room.leave()
  room.enter()
  await clock.advance(200)
  t.ok(room.isFull)
  await clock.advance(800)
  t.notOk(room.isFull)
})

t.test('closing ends every wait', async t => {
  const { closing, room, ended, wait } = createRoom()
  room.enter()
  wait('a')
  closing.abort()
  await turns()
  t.same(ended, ['a'])
  room.leave()
  room.enter()
  t.notOk(room.isFull)
})
