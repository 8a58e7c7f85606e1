import t from 'tap'
import { Ledger } from '../../src/telemetry/ledger.ts'
import { Losses } from '../../src/telemetry/losses.ts'
import { recordingLog } from '../support/recording-log.ts'

function setUp () {
  const ledger = new Ledger()
  const lostLetters = { value: 0 }
  const { log, lines } = recordingLog()
  const losses = new Losses(ledger, new Map([['error', lostLetters]]), log)
  /** Looks once a second, as the watch does. */
  const lookFor = (fromMs: number, toMs: number, before: () => void = () => undefined) => {
    for (let nowMs = fromMs; nowMs <= toMs; nowMs += 1_000) {
      before()
      losses.look(nowMs)
    }
  }
  return { ledger, lostLetters, losses, lines, lookFor }
}

t.test('the first look after the first drop tells it, with what to do', async t => {
  const { ledger, losses, lines } = setUp()
  const dropped = ledger.counter('dropped', 'error', 'quota')
  losses.look(0)
  t.same(lines, [])
  dropped.value = 3
  losses.look(1_000)
  t.match(lines, [{ level: 'warn', route: 'error', reason: 'quota', records: 3, total: 3, msg: 'records dropped' }])
  t.match(lines[0]?.['advice'], /destination back, or raise routes\.error\.maxBytes/)
})

t.test('while it goes on there is one line a minute, and all lines together tell every record', async t => {
  const { ledger, lines, lookFor } = setUp()
  const dropped = ledger.counter('dropped', 'error', 'quota')
  lookFor(0, 180_000, () => { dropped.value += 10 })
  t.same(lines.map(({ msg }) => msg), ['records dropped', ...Array<string>(3).fill('records still dropped')])
  t.same(lines.map(({ records }) => records), [10, 600, 600, 600])
  t.match(lines[3], { sinceLastMs: 60_000, total: 1_810 })
  t.equal(dropped.value, 1_810)
})

t.test('each reason of each route is told at once, and rejected records too', async t => {
  const { ledger, losses, lines } = setUp()
  ledger.counter('dropped', 'error', 'quota').value = 1
  ledger.counter('dropped', 'error', 'memory').value = 2
  ledger.counter('dropped', 'access.web', 'quota').value = 3
  ledger.counter('rejected', 'error', 'too_old').value = 4
  losses.look(0)
  t.same(lines.map(({ route, reason, records, msg }) => [route, reason, records, msg]), [
    ['error', 'quota', 1, 'records dropped'],
    ['error', 'memory', 2, 'records dropped'],
    ['access.web', 'quota', 3, 'records dropped'],
    ['error', 'too_old', 4, 'records rejected'],
  ])
  t.match(lines[2]?.['advice'], /routes\.access\.maxBytes/, 'the setting of the class')
  t.match(lines[3]?.['advice'], /dead-letter/)
})

t.test('every reason that is counted anywhere has its own advice', async t => {
  const { ledger, losses, lines } = setUp()
  const reasons = ['quota', 'disk_full', 'memory', 'disk', 'damaged', 'stop', 'error', 'new']
  for (const reason of reasons) ledger.counter('dropped', 'app', reason).value = 1
  losses.look(0)
  t.equal(new Set(lines.map(({ advice }) => advice)).size, reasons.length)
})

t.test('a minute without one more is the end, told with the count; the next is told at once again', async t => {
  const { ledger, losses, lines, lookFor } = setUp()
  const dropped = ledger.counter('dropped', 'error', 'quota')
  dropped.value = 1
  losses.look(0)
  dropped.value = 5
  losses.look(1_000)
  t.match(losses.current, [{ term: 'dropped', route: 'error', reason: 'quota', sinceMs: 0, records: 5 }])
  lookFor(2_000, 300_000)
  t.same(losses.current, [])
  t.match(lines.slice(1), [
    { level: 'warn', msg: 'records still dropped', records: 4 },
    { level: 'info', msg: 'no more records dropped', records: 5, lastedMs: 1_000, quietMs: 60_000 },
  ])
  t.equal(lines.length, 3)
  dropped.value = 6
  losses.look(301_000)
  t.match(lines[3], { msg: 'records dropped', records: 1, total: 6 })
})

t.test('the end of the process tells what no line has told', async t => {
  const { ledger, losses, lines } = setUp()
  const dropped = ledger.counter('dropped', 'error', 'memory')
  dropped.value = 1
  losses.look(0)
  dropped.value = 8
  ledger.counter('dropped', 'access', 'stop').value = 2
  losses.finish(500)
  t.match(lines.slice(1), [
    { msg: 'records dropped', route: 'access', reason: 'stop', records: 2 },
    { msg: 'records still dropped', route: 'error', records: 7, sinceLastMs: 500 },
  ])
  t.equal(lines.length, 3)
})

t.test('dead letters that are lost are told as records are', async t => {
  const { lostLetters, lines, lookFor } = setUp()
  lookFor(0, 60_000, () => { lostLetters.value += 10 })
  lookFor(61_000, 200_000)
  t.match(lines, [
    { level: 'warn', route: 'error', reason: 'dead_letter', records: 10, msg: 'dead letters lost', advice: /sluice replay/ },
    { level: 'warn', records: 600, total: 610, msg: 'dead letters still lost' },
    { level: 'info', records: 610, msg: 'no more dead letters lost' },
  ])
})
