import t from 'tap'
import { healthReport, readinessReport, routeSummary } from '../../src/http/health.ts'
import { Ledger } from '../../src/telemetry/ledger.ts'
import { healthFacts, routeFacts } from '../support/http-dependencies.ts'

const nowMs = 60_000
const enospc = { atMs: 55_000, message: 'ENOSPC: the disk is full: free space', reason: 'enospc' }

function words (differs: Parameters<typeof routeFacts>[0], ledger = new Ledger()) {
  return routeSummary(routeFacts(differs), ledger.snapshot(), nowMs)
}

t.test('an operator reads in one sentence where records go, what waits and since when', async t => {
  t.equal(words({}), 'delivering to file /delivered; nothing waits; none delivered yet')
  t.equal(
    words({ pendingRecords: 12, pendingBytes: 3_000, oldestPendingMs: 57_000, lastSuccessMs: 58_000 }),
    'delivering to file /delivered; 12 records (2.9 KiB) waiting, the oldest for 3 s; last delivered 2 s ago'
  )
})

t.test('a paused route says why, what to do, what waits and when it tries again', async t => {
  const paused = {
    pendingRecords: 1_234,
    pendingBytes: 1_048_576,
    oldestPendingMs: 0,
    lastError: enospc,
    delivery: { kind: 'paused', sinceMs: 30_000, failures: 7, nextTryMs: 68_000 },
  } as const
  t.equal(words(paused), 'paused for 30 s: file /delivered: ENOSPC: the disk is full: free space; ' +
    '1,234 records (1.0 MiB) waiting, the oldest for 1 min; 7 tries failed, next try in 8 s')
  t.match(words({ ...paused, delivery: { ...paused.delivery, failures: 1, nextTryMs: 60_000 } }), '1 try failed, trying now')
})

t.test('a spool that cannot write says that records are at risk', async t => {
  t.match(words({ spoolProblem: enospc }), 'blocked: the spool cannot be written or read: ENOSPC: the disk is full: free space; ' +
    'while it cannot be written, new records wait in memory, and are dropped when that is full; delivering to file /delivered')
})

t.test('losses of the route are told with their reasons, and of no other route', async t => {
  const ledger = new Ledger()
  ledger.counter('dropped', 'error', 'quota').value = 1_030
  ledger.counter('dropped', 'error', 'memory').value = 4
  ledger.counter('dropped', 'errors', 'quota').value = 9
  ledger.counter('rejected', 'error', 'too_old').value = 1
  t.match(words({}, ledger), '; 1,034 records dropped since the start (quota 1,030, memory 4); ' +
    '1 record rejected since the start (too_old 1)')
  t.notMatch(words({}, new Ledger()), /dropped|rejected/)
})

t.test('the state of a route is one word', async t => {
  const stateOf = (differs: Parameters<typeof routeFacts>[0]) =>
    healthReport(healthFacts({ routes: [routeFacts(differs)] })).routes['error']?.state
  const delivery = { kind: 'paused', sinceMs: 0, failures: 1, nextTryMs: 1 } as const
  t.equal(stateOf({}), 'idle')
  t.equal(stateOf({ pendingRecords: 1 }), 'delivering')
  t.equal(stateOf({ delivery }), 'paused')
  t.equal(stateOf({ delivery, spoolProblem: enospc }), 'blocked')
})

t.test('the report has every number in a unit that its name says', async t => {
  const ledger = new Ledger()
  ledger.counter('received', 'unix').value = 3
  ledger.addPending('error', () => 3)
  const report = healthReport(healthFacts({
    startedMs: 30_500,
    ledger: ledger.snapshot(),
    sources: [{ name: 'unix', isOpen: true, lastReceivedMs: 56_000 }, { name: 'tcp', isOpen: true, lastReceivedMs: undefined }],
    routes: [routeFacts({
      pendingRecords: 3, pendingBytes: 9, oldestPendingMs: 58_500, lastSuccessMs: 0, lastError: enospc,
    })],
  }))
  t.match(report, {
    state: 'running',
    summary: 'running for 29 s; 3 records waiting; none dropped',
    version: '1.2.3',
    startedAt: '1970-01-01T00:00:30.500Z',
    uptimeSeconds: 29,
    sources: [{ name: 'unix', isOpen: true, lastReceivedAt: '1970-01-01T00:00:56.000Z' }, { name: 'tcp', isOpen: true, lastReceivedAt: null }],
    routes: {
      error: {
        pendingRecords: 3,
        pendingBytes: 9,
        oldestPendingSeconds: 1.5,
        lastSuccessAt: '1970-01-01T00:00:00.000Z',
        lastError: { at: '1970-01-01T00:00:55.000Z', message: enospc.message, reason: 'enospc' },
        nextTryAt: null,
      },
    },
    memory: { maxBytes: 268_435_456, shares: { frames: { usedBytes: 1_024, maxBytes: 2_048 } } },
    ledger: { received: { total: 3 }, pending: { total: 3 }, isBalanced: true },
  })
})

t.test('ages are those of the monotonic clock, and times of day are counted back from now, however wall time steps', async t => {
  const reportAt = (wallMs: number) => healthReport(healthFacts({
    wallMs,
    startedMs: 59_000,
    routes: [routeFacts({
      pendingRecords: 1,
      oldestPendingMs: 58_500,
      lastSuccessMs: 59_500.25,
      lastError: enospc,
      delivery: { kind: 'paused', sinceMs: 30_000, failures: 7, nextTryMs: 68_000 },
    })],
  }))
  const dayMs = 86_400_000
  const { routes: { error }, ...before } = reportAt(Date.UTC(2026, 10, 23, 12))
  t.match(before, { startedAt: '2026-11-23T11:59:59.000Z', uptimeSeconds: 1 })
  t.match(error, {
    oldestPendingSeconds: 1.5,
    lastSuccessAt: '2026-11-23T11:59:59.500Z',
    lastError: { at: '2026-11-23T11:59:55.000Z' },
    nextTryAt: '2026-11-23T12:00:08.000Z',
  })
  const { routes: { error: stepped }, ...after } = reportAt(Date.UTC(2026, 10, 23, 12) - dayMs)
  t.match(after, { startedAt: '2026-11-22T11:59:59.000Z', uptimeSeconds: 1 })
  t.match(stepped, { oldestPendingSeconds: 1.5, nextTryAt: '2026-11-22T12:00:08.000Z' })
  t.equal(stepped?.summary, error?.summary, 'what a person reads has not changed')
})

t.test('the first sentence names what needs a human', async t => {
  const ledger = new Ledger()
  ledger.counter('dropped', 'error', 'quota').value = 2
  ledger.counter('rejected', 'error', 'too_old').value = 1
  const { summary } = healthReport(healthFacts({
    ledger: ledger.snapshot(),
    sources: [{ name: 'unix', isOpen: false }, { name: 'tcp', isOpen: true }],
    routes: [routeFacts({ spoolProblem: enospc }), routeFacts({ route: 'access' })],
  }))
  t.match(healthReport(healthFacts({ state: 'draining' })).summary, /^draining; /, 'uptime is not how long it drains')
  t.equal(summary, 'running for 1 min; degraded for 0.0 s; not open: unix; route error is blocked; nothing waits; 2 records dropped; ' +
    '1 record rejected; the ledger does not balance: this is a bug, please report it')
})

t.test('ready means that the process runs and every source is open', async t => {
  const open = { name: 'unix', isOpen: true }
  const shut = { name: 'tcp', isOpen: false }
  t.match(readinessReport('running', [open]), { isReady: true, summary: 'ready: records can arrive' })
  t.match(readinessReport('running', [open, shut]), { isReady: false, summary: 'not ready: not open: tcp' })
  t.match(readinessReport('draining', [open]), { isReady: false, summary: 'not ready: the process is draining' })
  t.match(readinessReport('starting', [shut]), {
    isReady: false, summary: 'not ready: the process is starting; not open: tcp', sources: [shut],
  })
})

t.test('what lines show is told with what it means; of errors the counts, and never their text', async t => {
  const signal = { signal: 'disk_full', container: 'web', count: 3, sinceMs: 30_000, lastMs: 50_000, means: 'm', lookAt: 'l' }
  const error = {
    fingerprint: 'a', origin: 'php', level: 'error', container: 'web', count: 2, overcount: 0, firstAtMs: 0, lastAtMs: NaN, example: 'secret',
  }
  const report = healthReport(healthFacts({ signals: [signal], errors: [error] }))
  t.match(report, {
    condition: 'ok',
    summary: /the lines show: disk_full \(web\)/,
    signals: [{ signal: 'disk_full', since: '1970-01-01T00:00:30.000Z', lastAt: '1970-01-01T00:00:50.000Z', means: 'm', lookAt: 'l' }],
    errors: [{ fingerprint: 'a', count: 2, firstAt: '1970-01-01T00:00:00.000Z', lastAt: '' }],
  })
  t.notMatch(JSON.stringify(report), /secret/)
})
