import t from 'tap'
import { MemoryTurns } from '../../src/contracts/memory.ts'
import { turns as loopTurns } from '../support/manual-clock.ts'

const never = new AbortController().signal

/** Tasks that end when they are told to; `running` names those that have begun. */
function setUp (maxBytes: number) {
  const turns = new MemoryTurns(maxBytes)
  const running = new Map<string, () => void>()
  const start = (name: string, bytes: number, signal = never) => {
    const ended = turns.run(bytes, signal, async () => {
      await new Promise<void>(resolve => running.set(name, resolve))
      running.delete(name)
    })
    ended.catch(() => undefined)
    return ended
  }
  const end = async (name: string) => {
    running.get(name)?.()
    await loopTurns()
  }
  return { turns, start, end, names: () => [...running.keys()] }
}

t.test('tasks run at once while they fit, and the others in their order', async t => {
  const { turns, start, end, names } = setUp(100)
  for (const [name, bytes] of [['a', 60], ['b', 40], ['c', 50], ['d', 10]] as const) void start(name, bytes)
  t.same([names(), turns.usedBytes], [['a', 'b'], 100])
  await end('b')
  t.same([names(), turns.usedBytes], [['a'], 60], 'd would fit, but c waits longer')
  await end('a')
  t.same([names(), turns.usedBytes], [['c', 'd'], 60])
  await end('c')
  await end('d')
  t.equal(turns.usedBytes, 0)
})

t.test('one that is more than the bound has its turn, alone', async t => {
  const { turns, start, end, names } = setUp(100)
  void start('a', 10)
  void start('huge', 1000)
  void start('b', 10)
  t.same(names(), ['a'])
  await end('a')
  t.same([names(), turns.usedBytes], [['huge'], 1000])
  await end('huge')
  t.same(names(), ['b'])
})

t.test('a task that fails gives back what it held', async t => {
  const { turns, start, names } = setUp(100)
  await t.rejects(turns.run(100, never, async () => { throw new Error('no') }), { message: 'no' })
  void start('next', 100)
  t.same(names(), ['next'])
})

t.test('the signal ends the wait, of that one only', async t => {
  const { turns, start, end, names } = setUp(100)
  const stop = new AbortController()
  void start('a', 60)
  const given = start('large', 100, stop.signal)
  void start('small', 40)
  t.same(names(), ['a'])
  stop.abort(new Error('stopped'))
  await t.rejects(given, { message: 'stopped' })
  t.same([names(), turns.usedBytes], [['a', 'small'], 100], 'nobody waits behind one that is gone')
  await t.rejects(start('late', 1, stop.signal), { message: 'stopped' })
  await end('a')
  await end('small')
  await t.rejects(start('late', 1, stop.signal), { message: 'stopped' })
  t.equal(turns.usedBytes, 0)
})
