import t from 'tap'
import { Ledger } from '../../src/telemetry/ledger.ts'

t.test('the snapshot holds every term in total and by its labels, without zeros', async t => {
  const ledger = new Ledger()
  ledger.counter('received', 'unix').value = 10
  ledger.counter('received', 'tcp').value = 0
  ledger.counter('delivered', 'error').value = 6
  ledger.counter('dropped', 'access', 'quota').value = 3
  ledger.addPending('error', () => 1)
  ledger.addPending('access', () => 0)
  const snapshot = ledger.snapshot()
  t.same(snapshot.received, { total: 10, by: { unix: 10 } })
  t.same(snapshot.dropped, { total: 3, by: { 'access/quota': 3 } })
  t.same(snapshot.pending, { total: 1, by: { error: 1 } })
  t.same(snapshot.joined, { total: 0, by: {} })
  t.equal(snapshot.isBalanced, true)
})

t.test('a record counted nowhere, or twice, unbalances the ledger', async t => {
  const ledger = new Ledger()
  const received = ledger.counter('received', 'unix')
  received.value = 1
  t.equal(ledger.snapshot().isBalanced, false)
  ledger.counter('filtered', 'empty').value = 1
  t.equal(ledger.snapshot().isBalanced, true)
  ledger.addPending('error', () => 1)
  t.equal(ledger.snapshot().isBalanced, false)
})

t.test('a counter is one per term and labels, and takes all of its labels', async t => {
  const ledger = new Ledger()
  t.equal(ledger.counter('dropped', 'error', 'quota'), ledger.counter('dropped', 'error', 'quota'))
  t.throws(() => ledger.counter('dropped', 'error'), TypeError)
})
