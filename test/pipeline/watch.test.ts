import t from 'tap'
import { createWatch } from '../../src/pipeline/watch.ts'
import { Ledger } from '../../src/telemetry/ledger.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { recordingLog } from '../support/recording-log.ts'

function setUp () {
  const clock = new ManualClock()
  const ledger = new Ledger()
  const route = { name: 'error', bytes: 0, quotaBytes: 1_000 }
  const { log, lines } = recordingLog()
  return { clock, ledger, route, lines, watch: createWatch({ clock, ledger, fillings: [route], log }) }
}

t.test('a drop is told within a second, by one timer, however wall time steps', async t => {
  const { clock, ledger, lines, watch } = setUp()
  watch.start()
  t.equal(clock.sleeping, 1)
  ledger.counter('dropped', 'error', 'quota').value = 1
  clock.stepWall(-86_400_000)
  await clock.advance(1_000)
  t.match(lines, [{ level: 'warn', msg: 'records dropped', records: 1 }])
  t.match(watch.watched.losses, [{ route: 'error', reason: 'quota' }])
  await watch.stop()
})

t.test('a stop ends the timer, and tells what was dropped since the last look', async t => {
  const { clock, ledger, lines, watch } = setUp()
  watch.start()
  await clock.advance(2_500)
  ledger.counter('dropped', 'error', 'memory').value = 2
  await watch.stop()
  t.equal(clock.sleeping, 0)
  t.match(lines, [{ msg: 'records dropped', records: 2 }])
  await clock.advance(60_000)
  t.equal(lines.length, 1)
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
