import t from 'tap'
import { createRecord } from '../../src/contracts/record.ts'
import { createErrorReading } from '../../src/formats/error-reading.ts'
import { createActivity } from '../../src/signals/activity.ts'
import { createErrorWatch } from '../../src/signals/error-watch.ts'
import { createFrequentErrors } from '../../src/signals/frequent-errors.ts'
import { createSignals } from '../../src/signals/signals.ts'
import { Metrics } from '../../src/telemetry/metrics.ts'
import { errorLines } from '../support/error-lines.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { recordingLog } from '../support/recording-log.ts'

function setUp () {
  const metrics = new Metrics()
  const activityOf = createActivity()
  const { log } = recordingLog()
  const signals = createSignals({ clock: new ManualClock(), metrics, log, activityOf, maxWorkers: 0 })
  const frequent = createFrequentErrors()
  const reading = createErrorReading()
  const watch = createErrorWatch({ metrics, signals, frequent, activityOf })
  const counts = (name: 'sluice_errors_total' | 'sluice_signals_total') => Object.fromEntries([...metrics.series(name)]
    .map(series => [series.labels.join(' '), 'value' in series ? series.value : 0]))
  return {
    metrics,
    frequent,
    counts,
    see (line: Buffer | string, container = 'web', timeMs = 0) {
      const bytes = Buffer.from(line)
      reading.begin(bytes, 0, bytes.length)
      watch({ ...createRecord(), bytes, end: bytes.length, container, timeMs }, reading)
    },
  }
}

t.test('the signals of genuine logs are told', async t => {
  const { see, counts } = setUp()
  for (const line of errorLines()) see(Buffer.from(line, 'latin1'))
  t.match(counts('sluice_signals_total'),
    { 'php_memory_exhausted web': 18, 'php_time_exceeded web': 3, 'child_crashed web': 4 })
})

t.test('errors are counted by container, origin and level, and by fingerprint', async t => {
  const { see, counts, frequent } = setUp()
  const warning = (pid: number) =>
    `[Mon Nov 23 10:00:07.123456 2026] [php:warn] [pid ${pid}] [client 10.0.1.2:51234] PHP Warning:  Undefined array key 3 in /a.php on line 12`
  see(warning(1), 'web', 1_000)
  see(warning(22), 'web', 2_000)
  see(warning(333), 'api', 3_000)
  see('(13)Permission denied')
  see('{"level":500,"message":"x"}')
  t.same(counts('sluice_errors_total'),
    { 'web php warn': 2, 'api php warn': 1, 'web other none': 1, 'web app crit': 1 })
  t.match(frequent.top(1), [{ count: 3, container: 'api', firstAtMs: 1_000, lastAtMs: 3_000, example: /Undefined array key/ }])
  t.same(counts('sluice_signals_total'), { 'permission_denied web': 1 })
})

t.test('what is remembered of shapes of lines is bounded, and nothing is miscounted when it is forgotten', async t => {
  const { see, counts } = setUp()
  const word = (number: number) => number.toString(36).replace(/\d/g, digit => 'ghijklmnop'[Number(digit)] ?? '')
  for (let number = 0; number < 5_000; number++) see(`some text ${word(number)}`)
  t.same(counts('sluice_errors_total'), { 'web other none': 5_000 })
})
