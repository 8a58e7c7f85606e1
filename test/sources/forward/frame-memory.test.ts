import t from 'tap'
import { FrameMemory, type MemoryShare } from '../../../src/sources/forward/frame-memory.ts'

function setUp (maxBytes = 100) {
  let nowMs = 5000
  const memory = new FrameMemory(maxBytes, { monotonicMs: () => nowMs })
  const evicted: string[] = []
  const open = (name: string, bytes: number, source = 'tcp', spareBytes = 0): MemoryShare => {
    const share: MemoryShare = memory.share(source, {
      trim: () => { share.give(spareBytes); spareBytes = 0 },
      evict: () => evicted.push(`${name} with ${share.bytes}`),
    })
    share.take(bytes)
    return share
  }
  return { memory, evicted, open, pass: (ms: number) => { nowMs += ms } }
}

const refused = { code: 'ERR_FRAME', reason: 'memory' }

t.test('what is taken is counted until it is given back', async t => {
  const { memory, open } = setUp()
  const [first, second] = [open('first', 40), open('second', 10)]
  t.equal(memory.usedBytes, 50)
  first.give(15)
  t.same([first.bytes, memory.usedBytes], [25, 35])
  first.close()
  first.close()
  first.give(25)
  first.take(5)
  t.same([memory.usedBytes, second.bytes], [10, 10], 'a closed share counts no more')
})

t.test('what is held without need goes before anybody does', async t => {
  const { memory, evicted, open } = setUp()
  open('hoarder', 80, 'tcp', 50)
  open('asking', 60)
  t.same(evicted, [])
  t.equal(memory.usedBytes, 90)
})

t.test('of those that are stalled, the one that holds most for longest gives way, and its bytes are free at once', async t => {
  const { memory, evicted, open, pass } = setUp()
  open('small and old', 10)
  open('large', 50)
  pass(2000)
  open('large and active', 40)
  const asking = open('asking', 5)
  t.same(evicted, ['large with 50'])
  t.equal(memory.usedBytes, 55)
  asking.take(40)
  asking.take(10)
  t.same(evicted, ['large with 50', 'small and old with 10'])
})

t.test('where none is stalled, one that asks for little is not refused for the sake of one that holds much', async t => {
  const { evicted, open } = setUp()
  open('large', 90)
  open('asking', 20)
  t.same(evicted, ['large with 90'])
})

t.test('where none is stalled, those under way are completed, and who wants more than its share gives way', async t => {
  const { evicted, open } = setUp()
  open('first', 45)
  open('second', 45)
  t.throws(() => open('third', 40), refused)
  t.same(evicted, [])
})

t.test('what alone is too much is refused, whoever else holds what', async t => {
  const { evicted, open, pass } = setUp()
  t.throws(() => open('too much', 101), refused)
  open('little', 1)
  pass(60_000)
  t.throws(() => open('too much', 101), refused)
  t.same(evicted, [])
})

t.test('a source that holds less than the other gives nothing up for it', async t => {
  const { evicted, open, pass } = setUp()
  open('quiet', 45, 'unix')
  pass(60_000)
  for (let index = 0; index < 5; index++) open(`tcp ${index}`, 11)
  t.throws(() => open('tcp', 40), refused)
  t.same(evicted, [])
  pass(2000)
  open('tcp', 20)
  t.same(evicted, ['tcp 0 with 11', 'tcp 1 with 11'])
})

t.test('some may be kept for later while little is in use', async t => {
  const { open } = setUp()
  t.ok(open('first', 25).isRoomy)
  t.notOk(open('second', 1).isRoomy)
})
