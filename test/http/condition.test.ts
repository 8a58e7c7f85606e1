import t from 'tap'
import { sentenceOf } from '../../src/http/page/static-status.ts'
import { healthReport, type HealthFacts } from '../../src/http/health.ts'
import { Ledger } from '../../src/telemetry/ledger.ts'
import { healthFacts, routeFacts } from '../support/http-dependencies.ts'

const nothing = { losses: [], blockedSinceMs: new Map<string, number>(), unbalancedSinceMs: undefined }
const lastError = { atMs: 0, message: 'no such bucket: make it', reason: 'no_bucket' }

/** Ten minutes after the start. */
function reportOf (differs: Partial<HealthFacts>) {
  return healthReport(healthFacts({ nowMs: 600_000, wallMs: 600_000, ...differs }))
}

function paused (sinceMs: number) {
  return routeFacts({ lastError, delivery: { kind: 'paused', sinceMs, failures: 3, nextTryMs: 601_000 } })
}

t.test('a process that loses nothing is ok', async t => {
  t.match(reportOf({}), { state: 'running', condition: 'ok', degradedSince: null, reasons: [] })
})

t.test('losing records is degraded: since when, how many, why and what to do', async t => {
  const loss = { term: 'dropped', route: 'error', reason: 'quota', sinceMs: 480_000, records: 34 } as const
  const report = reportOf({ watched: { ...nothing, losses: [loss, { ...loss, term: 'rejected', reason: 'too_old', sinceMs: 540_000 }] } })
  t.match(report, { condition: 'degraded', degradedSince: '1970-01-01T00:08:00.000Z' })
  t.match(report.summary, 'running for 10 min; degraded for 2 min; ')
  t.match(report.reasons, [
    /^route error has dropped 34 records \(quota\) in the last 2 min: bring the destination back, or raise routes\.error\.maxBytes/,
    /^route error has rejected 34 records \(too_old\) in the last 1 min: look into dead-letter/,
  ])
})

t.test('dead letters that are lost are degraded: nothing is left of those records', async t => {
  const loss = { term: 'lost', route: 'error', reason: 'dead_letter', sinceMs: 590_000, records: 34 } as const
  const report = reportOf({ watched: { ...nothing, losses: [loss] }, lostDeadLetters: 35 })
  t.match(report, { condition: 'degraded', lostDeadLetters: 35 })
  t.match(report.reasons, [/^route error has lost 34 dead letters in the last 10 s: .*deadLetter\.maxBytes/])
  t.match(report.summary, /; 35 dead letters lost/)
  t.match(sentenceOf(reportOf({ lostDeadLetters: 35 })), 'Since the start: 35 dead letters lost; the log says why.')
})

t.test('a route that is paused for over a minute is degraded, and not before', async t => {
  t.match(reportOf({ routes: [paused(540_000)] }), { condition: 'ok', reasons: [] })
  t.match(reportOf({ routes: [paused(539_999)] }), {
    condition: 'degraded',
    degradedSince: '1970-01-01T00:08:59.999Z',
    reasons: ['route error is paused for 1 min: no such bucket: make it'],
  })
})

t.test('a spool that cannot be written is degraded at once', async t => {
  const routes = [routeFacts({ spoolProblem: { ...lastError, message: 'the disk is full' } })]
  t.match(reportOf({ routes, watched: { ...nothing, blockedSinceMs: new Map([['error', 595_000]]) } }), {
    condition: 'degraded',
    degradedSince: '1970-01-01T00:09:55.000Z',
    reasons: ['the spool of route error cannot be written or read for 5 s: the disk is full'],
  })
  t.match(reportOf({ routes }), { condition: 'degraded', degradedSince: '1970-01-01T00:10:00.000Z' })
})

t.test('a socket that cannot be opened is degraded at once: no line comes in by it', async t => {
  const closed = { sinceMs: 595_000, words: 'in_use: another process listens on this path' }
  t.match(reportOf({ sources: [{ name: 'tcp', isOpen: true }, { name: 'unix', isOpen: false, closed }] }), {
    condition: 'degraded',
    degradedSince: '1970-01-01T00:09:55.000Z',
    reasons: ['no line comes in by unix, which is not open for 5 s: in_use: another process listens on this path'],
    sources: [{ name: 'tcp' }, { name: 'unix', isOpen: false, closed: undefined }],
  })
  t.match(reportOf({ sources: [{ name: 'stdin', isOpen: false }] }), { condition: 'ok' }, 'input that has ended')
})

t.test('a ledger that does not balance is degraded', async t => {
  const ledger = new Ledger()
  ledger.counter('received', 'unix').value = 1
  const report = reportOf({ ledger: ledger.snapshot(), watched: { ...nothing, unbalancedSinceMs: 60_000 } })
  t.match(report, { condition: 'degraded', degradedSince: '1970-01-01T00:01:00.000Z', reasons: [/does not balance/] })
})

t.test('few more files that can be opened are degraded', async t => {
  const report = reportOf({ watched: { ...nothing, fileShortage: { sinceMs: 60_000, words: '59 of 60 files are open' } } })
  t.match(report, { condition: 'degraded', degradedSince: '1970-01-01T00:01:00.000Z', reasons: ['59 of 60 files are open'] })
})

t.test('the oldest of several reasons comes first', async t => {
  const loss = { term: 'dropped', route: 'access', reason: 'disk', sinceMs: 590_000, records: 1 } as const
  const report = reportOf({ routes: [paused(0)], watched: { ...nothing, losses: [loss] } })
  t.match(report, { degradedSince: '1970-01-01T00:00:00.000Z', reasons: [/paused for 10 min/, /route access has dropped 1 record \(disk\)/] })
})

t.test('what was wrong from the start is in the first sentence, and is no change of condition', async t => {
  const report = reportOf({ warnings: ['lines go nowhere: set this'] })
  t.match(report, { condition: 'ok', warnings: ['lines go nowhere: set this'] })
  t.match(report.summary, /; lines go nowhere: set this$/)
})
