import t from 'tap'
import { SluiceError } from '../../src/contracts/errors.ts'
import { MemoryTurns } from '../../src/contracts/memory.ts'
import type { Batch, Send } from '../../src/contracts/sink.ts'
import { withMemory } from '../../src/delivery/memory.ts'
import { turns as loopTurns } from '../support/manual-clock.ts'

const batch = { startByte: 10, endByte: 70 } as Batch
const never = new AbortController().signal

/** Two routes that share memory for one batch; each request ends when it is told to. */
function setUp () {
  const turns = new MemoryTurns(100)
  const requests: PromiseWithResolvers<[]>[] = []
  const request: Send = async () => {
    const one = Promise.withResolvers<[]>()
    requests.push(one)
    return await one.promise
  }
  const layer = () => withMemory(turns, ({ startByte, endByte }) => endByte - startByte)(request)
  return { turns, requests, first: layer(), second: layer() }
}

t.test('a batch waits until its memory is free: when the request before it ends, however it does', async t => {
  const { turns, requests, first, second } = setUp()
  const one = first(batch, never)
  const other = second(batch, never)
  t.same([requests.length, turns.usedBytes], [1, 60])
  requests[0]?.reject(new Error('no answer within 30000 ms'))
  await t.rejects(one, { message: 'no answer within 30000 ms' }, 'what failed is told as it is')
  await loopTurns()
  t.equal(requests.length, 2)
  requests[1]?.resolve([])
  t.same(await other, [])
  t.equal(turns.usedBytes, 0)
})

t.test('what a request says that was under way at a stop is told as it is', async t => {
  const { requests, first } = setUp()
  const stop = new AbortController()
  const one = first(batch, stop.signal)
  stop.abort()
  requests[0]?.reject(new SluiceError('ERR_SINK_REJECTED', 'no'))
  await t.rejects(one, { code: 'ERR_SINK_REJECTED' })
})

t.test('a stop ends the wait: nothing was sent', async t => {
  const { requests, first, second } = setUp()
  const stop = new AbortController()
  void first(batch, never)
  const other = second(batch, stop.signal)
  stop.abort()
  await t.rejects(other, { code: 'ERR_SINK_UNAVAILABLE', reason: 'aborted' })
  t.equal(requests.length, 1)
})

t.test('however many destinations hang, one that does not has every other turn', async t => {
  const turns = new MemoryTurns(100)
  const layer = withMemory(turns, ({ startByte, endByte }) => endByte - startByte)
  const hanging: ((reason: Error) => void)[] = []
  const ended = new Set<string>()
  /** As each retries: the next try begins when the one before was given up. */
  const hang = (name: string) => {
    const send = layer(async () => await new Promise((_resolve, reject) => hanging.push(reject)))
    const tryAgain = async (): Promise<void> => {
      await send(batch, never).catch(() => undefined)
      ended.add(name)
      await tryAgain()
    }
    void tryAgain()
  }
  for (const name of ['a', 'b', 'c', 'd']) hang(name)
  const giveUp = async () => {
    hanging.shift()?.(new Error('no answer within 30000 ms'))
    await loopTurns()
  }
  while (ended.size < 4) await giveUp()
  const well = layer(async () => [])
  for (let turn = 0; turn < 3; turn++) {
    let isSent = false
    void well(batch, never).then(() => { isSent = true })
    await giveUp()
    t.ok(isSent, 'waits for the one before it, not for all of them')
  }
  const before = [...ended]
  ended.clear()
  for (let turn = 0; turn < 4; turn++) {
    void well(batch, never)
    await giveUp()
  }
  t.same([...ended].sort(), before.sort(), 'and keeps none of them from its turn')
})
