import t from 'tap'
import { createActivity } from '../../src/signals/activity.ts'
import { createSignals } from '../../src/signals/signals.ts'
import { Metrics } from '../../src/telemetry/metrics.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { recordingLog } from '../support/recording-log.ts'

function setUp (maxWorkers = 4) {
  const clock = new ManualClock()
  const metrics = new Metrics()
  const { log, lines } = recordingLog()
  const activityOf = createActivity()
  const signals = createSignals({ clock, metrics, log, activityOf, maxWorkers })
  const web = activityOf('web')
  return {
    signals,
    metrics,
    web,
    warnings: () => lines.filter(({ level }) => level === 'warn'),
    up: () => signals.current.map(({ signal }) => signal),
    /** A second at a time, as the watch looks. */
    async after (seconds: number, everySecond: () => void = () => undefined) {
      for (let second = 0; second < seconds; second++) {
        everySecond()
        await clock.advance(1_000)
        signals.look(clock.monotonicMs())
      }
    },
  }
}

t.test('a signal is told at once, then once a minute while it comes again, with what it means and what to look at', async t => {
  const { signals, warnings, after, metrics, up } = setUp()
  for (let count = 0; count < 1_000; count++) signals.note('disk_full', 'web')
  await after(1)
  t.match(warnings(), [{ signal: 'disk_full', container: 'web', count: 1_000, means: /no room/, lookAt: /sessions/ }])
  await after(179, () => { signals.note('disk_full', 'web') })
  t.equal(warnings().length, 3)
  t.equal(metrics.counter('sluice_signals_total', 'disk_full', 'web').value, 1_179)
  await after(120)
  t.equal(warnings().length, 4, 'what came since is told, and then nothing more')
  t.same(up(), ['disk_full'])
  await after(200)
  t.same(up(), [], 'five minutes without a line end it')
})

t.test('workers that ran out are told of until two health checks were answered, since Apache says it only once', async t => {
  const { signals, up, web, after, warnings } = setUp(0)
  web.healthChecks = 5
  signals.note('workers_exhausted', 'web')
  await after(3_600)
  t.same(up(), ['workers_exhausted'], 'an hour without a line')
  t.equal(warnings().length, 60)
  web.healthChecks++
  await after(30)
  t.same(up(), ['workers_exhausted'])
  web.healthChecks++
  await after(1)
  t.same(up(), [])
  signals.note('workers_exhausted', 'web')
  t.same(up(), ['workers_exhausted'])
})

t.test('where no health check was ever seen, a minute of requests shows that workers are free', async t => {
  const { signals, up, web, after } = setUp(0)
  signals.note('fpm_children_exhausted', 'web')
  await after(45, () => { web.requests++ })
  await after(20)
  t.same(up(), ['fpm_children_exhausted'], 'a gap')
  await after(61, () => { web.requests++ })
  t.same(up(), [])
})

t.test('workers that ran out while requests keep few of them busy mean a keep-alive that is too long', async t => {
  const { signals, up, web, after, warnings, metrics } = setUp(4)
  web.timedRequests = 1
  signals.note('workers_exhausted', 'web')
  await after(5)
  t.same(up(), ['workers_exhausted', 'keep_alive_too_long'], 'within seconds')
  t.match(warnings().at(-1), { signal: 'keep_alive_too_long', lookAt: /KeepAliveTimeout/ })
  t.equal(metrics.counter('sluice_signals_total', 'keep_alive_too_long', 'web').value, 1)
  await after(60, () => { web.busySeconds += 3.5 })
  t.same(up(), ['workers_exhausted'], 'requests that end do keep them busy')
  web.healthChecks += 2
  await after(1)
  t.same(up(), [])
})

t.test('it goes down with the workers that are free again', async t => {
  const { signals, up, web, after } = setUp(4)
  web.timedRequests = 1
  signals.note('workers_exhausted', 'web')
  await after(12)
  web.healthChecks = 2
  await after(2)
  t.same(up(), [])
})

t.test('nothing is said of keep-alive where the workers are busy, their number unknown, or no line has a duration', async t => {
  const busy = setUp(4)
  busy.web.timedRequests = 1
  busy.signals.note('workers_exhausted', 'web')
  await busy.after(70, () => { busy.web.busySeconds += 2.1 })
  t.same(busy.up(), ['workers_exhausted'])
  const unknown = setUp(0)
  unknown.web.timedRequests = 1
  unknown.signals.note('workers_exhausted', 'web')
  await unknown.after(70)
  t.same(unknown.up(), ['workers_exhausted'])
  unknown.signals.noteWorkers('web', 256)
  await unknown.after(1)
  t.same(unknown.up(), ['workers_exhausted', 'keep_alive_too_long'], 'named by a message')
  const untimed = setUp(4)
  untimed.signals.note('workers_exhausted', 'web')
  await untimed.after(70)
  t.same(untimed.up(), ['workers_exhausted'])
})

t.test('containers beyond fifty share their signals', async t => {
  const { signals } = setUp()
  for (let number = 0; number < 500; number++) signals.note('disk_full', `c${number}`)
  t.equal(signals.current.length, 50, 'one is that of web')
})
