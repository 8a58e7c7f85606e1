import t from 'tap'
import { createHeartbeat, type Backlog } from '../../src/telemetry/heartbeat.ts'
import { Ledger } from '../../src/telemetry/ledger.ts'
import { recordingLog } from '../support/recording-log.ts'

function setUp () {
  const ledger = new Ledger()
  const { log, lines } = recordingLog()
  const empty: Backlog = { pendingRecords: 0, oldestPendingMs: undefined }
  const routes = [{ ...empty }, { ...empty }]
  const look = createHeartbeat({ ledger, routes, intervalMs: 60_000, startedMs: 5_000, log })
  return { ledger, route: routes[0] ?? t.fail(), lines, look }
}

t.test('a line an interval, whether anything happens or not', async t => {
  const { look, lines } = setUp()
  for (let nowMs = 5_000; nowMs <= 185_000; nowMs += 1_000) look(nowMs)
  t.equal(lines.length, 3)
  t.match(lines[2], {
    level: 'info', msg: 'heartbeat', sinceLastMs: 60_000, received: 0, delivered: 0, rejected: 0, dropped: 0, pending: 0, oldestSeconds: 0,
  })
})

t.test('each says what became of records since the one before, and what waits now', async t => {
  const { ledger, route, look, lines } = setUp()
  const received = [ledger.counter('received', 'unix'), ledger.counter('received', 'tcp')] as const
  received[0].value = 100
  received[1].value = 20
  ledger.counter('delivered', 'error').value = 90
  ledger.counter('dropped', 'error', 'quota').value = 3
  ledger.counter('rejected', 'error', 'too_old').value = 2
  Object.assign(route, { pendingRecords: 25, oldestPendingMs: 52_500 })
  look(65_000)
  received[0].value = 101
  Object.assign(route, { pendingRecords: 26 })
  look(125_000)
  t.match(lines, [
    { received: 120, delivered: 90, dropped: 3, rejected: 2, pending: 25, oldestSeconds: 12.5 },
    { received: 1, delivered: 0, dropped: 0, rejected: 0, pending: 26, oldestSeconds: 72.5 },
  ])
})

t.test('a look that comes late shifts no later line, and what a stopped process missed is one line', async t => {
  const { look, lines } = setUp()
  look(65_400)
  look(125_000)
  t.same(lines.map(({ sinceLastMs }) => sinceLastMs), [60_400, 59_600])
  look(500_000)
  look(544_999)
  t.equal(lines.length, 3)
  look(545_000)
  t.equal(lines.length, 4)
})
