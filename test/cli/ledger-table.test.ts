import t from 'tap'
import { equation, reportOf } from '../../src/cli/ledger-table.ts'
import { Ledger } from '../../src/telemetry/ledger.ts'

t.test('each term with its labels, and both sides of the equation', async t => {
  const ledger = new Ledger()
  ledger.counter('received', 'unix').value = 1_200
  ledger.counter('received', 'tcp').value = 34
  ledger.counter('delivered', 'access').value = 1_000
  ledger.counter('filtered', 'empty').value = 4
  ledger.addPending('access', () => 230)
  const report = reportOf(ledger.snapshot())
  t.match(report, { received: 1_234, pending: 230, balanced: true, by: { received: { unix: 1_200, tcp: 34 } } })
  t.equal(equation(report), [
    '  received   1,234  unix 1,200, tcp 34',
    '  recovered      0',
    '  made           0',
    '  delivered  1,000  access 1,000',
    '  filtered       4  empty 4',
    '  rejected       0',
    '  dropped        0',
    '  joined         0',
    '  pending      230  access 230',
    '  in:  received + recovered + made = 1,234',
    '  out: delivered + filtered + rejected + dropped + joined + pending = 1,234',
  ].join('\n'))
})

t.test('many labels go on below, within 80 columns, and none is left out', async t => {
  const ledger = new Ledger()
  const labels = Array.from({ length: 30 }, (_, index) => `route${index}`)
  labels.forEach((route, index) => { ledger.counter('dropped', route, 'disk-full').value = index * 1_000 + 1 })
  const text = equation(reportOf(ledger.snapshot()))
  const lines = text.split('\n')
  t.ok(Math.max(...lines.map(line => line.length)) <= 80, text)
  const found = [...text.matchAll(/(route\d+)\/disk-full (\d+,\d{3}|\d+)/g)]
  t.same(found.map(([, route, count]) => [route, count]), labels.map((route, index) => [route, index === 0 ? '1' : `${index},001`]))
  t.match(lines.find(line => line.includes('route0/')), /^ {2}dropped {4}435,030 {2}route0\//)
})
