import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { finished } from 'node:stream/promises'
import t, { type Test } from 'tap'
import { createAnswerSlots } from '../../src/http/answer-slots.ts'
import { ManualClock, turns, until } from '../support/manual-clock.ts'

/** Two slots, two that wait; a caller is a real connection with one request. */
async function serve (t: Test) {
  const clock = new ManualClock()
  const takeSlot = createAnswerSlots({ clock, count: 2, maxWaiting: 2, waitMs: 2_000, sendMs: 10_000 })
  const responses: ServerResponse[] = []
  const server = createServer((_request, response) => { responses.push(response) }).listen(0, '127.0.0.1')
  t.teardown(() => { server.closeAllConnections(); server.close() })
  await once(server, 'listening')
  const call = async (): Promise<{ socket: Socket, response: ServerResponse, may: { answer?: boolean } }> => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    t.teardown(() => socket.destroy())
    socket.on('error', () => undefined).resume()
    socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
    await until(() => responses.length > 0)
    const response = responses.pop() as ServerResponse
    const may: { answer?: boolean } = {}
    void takeSlot(response).then(answer => { may.answer = answer })
    await turns()
    return { socket, response, may }
  }
  return { clock, call }
}

t.test('an answer beyond the slots waits until another is sent, the longest waiting first', async t => {
  const { call, clock } = await serve(t)
  const [first, second, third, fourth] = [await call(), await call(), await call(), await call()]
  t.same([first, second, third, fourth].map(({ may }) => may.answer), [true, true, undefined, undefined])
  second.response.end()
  await until(() => third.may.answer !== undefined)
  t.same([third.may.answer, fourth.may.answer], [true, undefined])
  first.response.end()
  third.response.end()
  await until(() => fourth.may.answer !== undefined)
  t.equal(fourth.may.answer, true)
  fourth.response.end()
  await Promise.all([first, second, third, fourth].map(({ response }) => finished(response)))
  await turns()
  t.equal(clock.sleeping, 0, 'no timer is left')
})

t.test('too many do not wait; whoever waits has the slot of the slowest after two seconds', async t => {
  const { call, clock } = await serve(t)
  const callers = [await call(), await call(), await call(), await call(), await call()]
  t.equal(callers[4]?.may.answer, false, 'at once')
  const closed = callers.slice(0, 2).map(async ({ socket }) => await new Promise(resolve => socket.once('close', resolve)))
  await clock.advance(1_999)
  t.same(callers.map(({ may }) => may.answer), [true, true, undefined, undefined, false])
  await clock.advance(1)
  t.same(callers.map(({ may }) => may.answer), [true, true, true, true, false])
  await Promise.all(closed)
  const [, , third, fourth] = callers
  third?.response.end()
  await until(() => clock.sleeping === 1)
  const next = await call()
  t.equal(next.may.answer, true, 'one slot is free')
  t.equal((await call()).may.answer, undefined, 'and no more')
  fourth?.response.end()
})

t.test('a caller who goes gives back his slot, or his place in line', async t => {
  const { call, clock } = await serve(t)
  const [first, second, third, fourth] = [await call(), await call(), await call(), await call()]
  third.socket.destroy()
  await until(() => third.may.answer !== undefined)
  t.equal(third.may.answer, false)
  first.socket.destroy()
  await until(() => fourth.may.answer !== undefined)
  t.equal(fourth.may.answer, true)
  second.socket.destroy()
  fourth.socket.destroy()
  await until(() => clock.sleeping === 0)
  t.equal((await call()).may.answer, true)
})

t.test('an answer that is not taken in time loses its connection, and another gets its slot', async t => {
  const { call, clock } = await serve(t)
  const [first, second] = [await call(), await call()]
  await clock.advance(9_500)
  const waiting = await call()
  const closed = [first, second].map(async ({ socket }) => await new Promise(resolve => socket.once('close', resolve)))
  await clock.advance(500)
  await Promise.all(closed)
  await until(() => waiting.may.answer !== undefined)
  t.equal(waiting.may.answer, true)
})
