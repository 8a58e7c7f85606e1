import t from 'tap'
import { createWatch, type WatchOptions, type WatchedRoute } from '../../src/pipeline/watch.ts'
import { Ledger } from '../../src/telemetry/ledger.ts'
import { Metrics } from '../../src/telemetry/metrics.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { recordingLog } from '../support/recording-log.ts'

function setUp (differs: Partial<WatchOptions> = {}) {
  const clock = new ManualClock()
  const ledger = new Ledger()
  const route: { -readonly [Name in keyof WatchedRoute]: WatchedRoute[Name] } =
    { name: 'error', bytes: 0, quotaBytes: 1_000, settingBytes: 1_000, problem: undefined, pendingRecords: 0, oldestPendingMs: undefined }
  const { log, lines } = recordingLog()
  const metrics = new Metrics()
  const watch = createWatch({
    clock,
    ledger,
    metrics,
    routes: [route],
    waitsForRoom: false,
    taskDisk: undefined,
    heartbeatMs: 'off',
    signals: { look: () => undefined },
    history: undefined,
    emf: undefined,
    log,
    ...differs,
  })
  return { clock, ledger, metrics, route, lines, watch }
}

t.test('a drop is told within a second, by one timer, however wall time steps', async t => {
  const { clock, ledger, lines, watch } = setUp()
  watch.start()
  t.equal(clock.sleeping, 1)
  ledger.counter('dropped', 'error', 'quota').value = ledger.counter('received', 'unix').value = 1
  clock.stepWall(-86_400_000)
  await clock.advance(1_000)
  t.match(lines, [{ level: 'warn', msg: 'records dropped', records: 1 }])
  t.match(watch.watched.losses, [{ route: 'error', reason: 'quota' }])
  await watch.stop()
})

t.test('dead letters that are lost are told within a second, for whoever reads the log and the health page', async t => {
  const { clock, ledger, metrics, lines, watch } = setUp()
  watch.start()
  ledger.counter('rejected', 'error', 'too_old').value = ledger.counter('received', 'unix').value = 3
  metrics.counter('sluice_dead_letters_lost_total', 'error').value = 2
  await clock.advance(1_000)
  t.match(lines[1], { level: 'warn', msg: 'dead letters lost', route: 'error', records: 2, advice: /deadLetter\.maxBytes/ })
  t.match(watch.watched.losses[1], { term: 'lost', route: 'error', records: 2 })
  await watch.stop()
})

t.test('a stop ends the timer, and tells what was dropped since the last look', async t => {
  const { clock, ledger, lines, watch } = setUp()
  watch.start()
  await clock.advance(2_500)
  ledger.counter('dropped', 'error', 'memory').value = ledger.counter('received', 'unix').value = 2
  await watch.stop()
  t.equal(clock.sleeping, 0)
  t.match(lines, [{ msg: 'records dropped', records: 2 }])
  await clock.advance(60_000)
  t.equal(lines.length, 1)
})

t.test('lines that go on in parts are told within a second, and at a stop', async t => {
  for (const isStopped of [false, true]) {
    const { clock, metrics, lines, watch } = setUp()
    watch.start()
    metrics.counter('sluice_lines_cut_total', 'unix').value = 1
    if (isStopped) watch.stop()
    else await clock.advance(1_000)
    t.match(lines, [{ setting: 'forward.maxLineBytes', cuts: 1 }], String(isStopped))
    watch.stop()
  }
})

t.test('the curves of the page begin at the start, and take no timer of their own', async t => {
  const looks: number[] = []
  const { clock, watch } = setUp({ history: { look: nowMs => looks.push(nowMs) } })
  watch.start()
  t.same(looks, [5_000])
  t.equal(clock.sleeping, 1)
  await clock.advance(3_000)
  t.same(looks, [5_000, 6_000, 7_000, 8_000])
  watch.stop()
})

t.test('that few more files can be opened is told, and known on the health page', async t => {
  const { lines, watch, clock } = setUp({ files: { limit: 100, open: () => 95 } })
  watch.start()
  await clock.advance(1_000)
  t.match(lines, [{ level: 'warn', msg: 'few more files can be opened: at the limit nobody can connect' }])
  t.match(watch.watched.fileShortage, { sinceMs: clock.monotonicMs(), words: /^95 of 100/ })
  watch.stop()
})

t.test('half of a quota is told within a second', async t => {
  const { clock, route, lines, watch } = setUp()
  watch.start()
  await clock.advance(10_000)
  route.bytes = 600
  await clock.advance(1_000)
  t.match(lines, [{ level: 'warn', msg: 'half of a quota is used', route: 'error', fullInMs: 6_667 }])
  await watch.stop()
})

t.test('where sources wait for room, a full quota is nothing to tell', async t => {
  const { clock, route, lines, watch } = setUp({ waitsForRoom: true })
  watch.start()
  route.bytes = 1_000
  await clock.advance(5_000)
  t.same(lines, [])
  await watch.stop()
})

t.test('it knows since when a spool cannot be written', async t => {
  const { clock, route, watch } = setUp()
  watch.start()
  route.problem = 'ENOSPC'
  await clock.advance(10_000)
  t.same([...watch.watched.blockedSinceMs], [['error', clock.monotonicMs() - 9_000]])
  route.problem = undefined
  await clock.advance(1_000)
  t.equal(watch.watched.blockedSinceMs.size, 0)
  await watch.stop()
})

t.test('a ledger that does not balance is told once, with since when', async t => {
  const { clock, ledger, lines, watch } = setUp()
  watch.start()
  const received = ledger.counter('received', 'unix')
  received.value = 1
  await clock.advance(5_000)
  t.match(lines, [{ level: 'error', msg: /does not balance/ }])
  t.equal(lines.length, 1)
  t.equal(watch.watched.unbalancedSinceMs, clock.monotonicMs() - 4_000)
  received.value = 0
  await clock.advance(1_000)
  t.equal(watch.watched.unbalancedSinceMs, undefined)
  await watch.stop()
})

t.test('lines that go to the disk of a task are told at the start and every hour', async t => {
  const taskDisk = { routes: ['error'], advice: 'set SLUICE_LOG_GROUP', words: '' }
  const { clock, lines, watch } = setUp({ taskDisk })
  watch.start()
  t.match(lines, [{ level: 'warn', routes: ['error'], advice: 'set SLUICE_LOG_GROUP', msg: /disk of a task ends with the task/ }])
  await clock.advance(3_599_000)
  t.equal(lines.length, 1)
  await clock.advance(1_000)
  t.equal(lines.length, 2)
  await watch.stop()
})

t.test('a heartbeat comes at its interval, by no timer of its own', async t => {
  const { clock, lines, watch } = setUp({ heartbeatMs: 60_000 })
  watch.start()
  t.equal(clock.sleeping, 1)
  await clock.advance(180_000)
  t.same(lines.map(({ msg }) => msg), ['heartbeat', 'heartbeat', 'heartbeat'])
  await watch.stop()
})

t.test('metrics for CloudWatch are written once a minute, and at the stop what was counted since', async t => {
  const { clock, ledger, lines, watch } = setUp({ emf: { family: 'shop' } })
  watch.start()
  ledger.counter('received', 'unix').value = ledger.counter('delivered', 'error').value = 5
  await clock.advance(60_000)
  t.match(lines, [{ msg: 'metrics', Family: 'shop', LinesReceived: 5, LinesDelivered: 5 }])
  ledger.counter('received', 'unix').value = ledger.counter('delivered', 'error').value = 7
  await watch.stop()
  t.match(lines[1], { msg: 'metrics', LinesReceived: 2, LinesDelivered: 2 })
  t.equal(lines.length, 2)
})

t.test('a disk that does not answer is told once with what to look at, and when it answers again', async t => {
  const { clock, route, lines, watch } = setUp()
  watch.start()
  route.problem = 'HANGS'
  await clock.advance(10_000)
  t.match(lines, [{ level: 'warn', msg: 'the disk does not answer', advice: /look at the disk/ }])
  route.problem = undefined
  await clock.advance(1_000)
  t.match(lines[1], { level: 'info', msg: 'the disk answers again', lastedMs: 10_000 })
  route.problem = 'ENOSPC'
  await clock.advance(1_000)
  t.equal(lines.length, 2, 'a refusal is told by the spool')
  await watch.stop()
})
