import t from 'tap'
import { AckQueue } from '../../../src/sources/forward/ack-queue.ts'
import { encode } from '../support.ts'

function setUp () {
  const written: Buffer[] = []
  const stores: Array<PromiseWithResolvers<boolean>> = []
  const sent = { value: 0 }
  const withheld = { value: 0 }
  const breaks: number[] = []
  const queue = new AckQueue({
    write: acks => written.push(acks),
    onWithheld: () => breaks.push(written.length),
    stored: () => {
      const store = Promise.withResolvers<boolean>()
      stores.push(store)
      return store.promise
    },
    sent,
    withheld,
  })
  const add = (id: unknown) => {
    const item = encode(id)
    queue.add(Buffer.concat([Buffer.of(1), item, Buffer.of(2)]), 1, 1 + item.length)
  }
  return { queue, add, written, stores, sent, withheld, breaks }
}

t.test('chunks of one turn share one flush and are answered in order, their ids unchanged', async t => {
  const { queue, add, written, stores, sent } = setUp()
  add('a')
  add(Buffer.from([1, 2]))
  queue.flush()
  queue.flush()
  t.equal(stores.length, 1)
  t.equal(queue.waitingCount, 2)
  stores[0]?.resolve(true)
  await queue.settled
  t.same(Buffer.concat(written), Buffer.concat([encode({ ack: 'a' }), encode({ ack: Buffer.from([1, 2]) })]))
  t.same([sent.value, queue.waitingCount], [2, 0])
})

t.test('a later turn that is safe sooner waits for the earlier one', async t => {
  const { queue, add, written, stores } = setUp()
  add('a')
  queue.flush()
  add('b')
  queue.flush()
  stores[1]?.resolve(true)
  await new Promise(resolve => setImmediate(resolve))
  t.same(written, [])
  stores[0]?.resolve(true)
  await queue.settled
  t.same(Buffer.concat(written), Buffer.concat([encode({ ack: 'a' }), encode({ ack: 'b' })]))
})

t.test('after a failed write nothing is acknowledged any more', async t => {
  const { queue, add, written, stores, sent, withheld, breaks } = setUp()
  for (const id of ['a', 'b', 'c']) {
    add(id)
    queue.flush()
  }
  stores[0]?.resolve(true)
  stores[1]?.resolve(false)
  stores[2]?.resolve(true)
  await queue.settled
  t.same(Buffer.concat(written), encode({ ack: 'a' }))
  t.same([sent.value, withheld.value, breaks], [1, 2, [1, 1]])
})

t.test('a spool that throws is a failed write', async t => {
  const { queue, add, stores, withheld } = setUp()
  add('a')
  queue.flush()
  stores[0]?.reject(new Error('broken'))
  await queue.settled
  t.equal(withheld.value, 1)
})

t.test('an ack is withheld behind those that came before it', async t => {
  const { queue, add, written, stores, withheld, breaks } = setUp()
  add('a')
  queue.withhold()
  stores[0]?.resolve(true)
  await queue.settled
  t.same(Buffer.concat(written), encode({ ack: 'a' }))
  t.same([withheld.value, breaks, queue.waitingCount], [1, [1], 0])
})

t.test('it is full when many chunks wait, or long ids, and no more when they are answered', async t => {
  for (const [count, id] of [[256, 'a'], [20, 'x'.repeat(1000)]] as const) {
    const { queue, add, stores, written } = setUp()
    for (let index = 1; index < count; index++) add(id)
    t.equal(queue.isFull, count === 20)
    add(id)
    t.ok(queue.isFull)
    queue.flush()
    t.ok(queue.isFull)
    stores[0]?.resolve(true)
    await queue.settled
    t.notOk(queue.isFull)
    t.same(Buffer.concat(written), Buffer.concat(Array.from({ length: count }, () => encode({ ack: id }))))
  }
})
