import t from 'tap'
import { createClockDrift } from '../../src/ecs/clock-drift.ts'
import { Metrics } from '../../src/telemetry/metrics.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { startMetadataEndpoint, type Answer } from '../support/metadata-endpoint.ts'
import { recordingLog } from '../support/recording-log.ts'
import { until } from '../support/until.ts'

const answer = (ClockErrorBound: unknown, ClockSynchronizationStatus: unknown): Answer =>
  ({ body: JSON.stringify({ ClockDrift: { ClockErrorBound, ReferenceTimestamp: '2026-11-23T10:00:00Z', ClockSynchronizationStatus } }) })

function setUp (uri: string | undefined) {
  const clock = new ManualClock()
  const metrics = new Metrics()
  const { log, lines } = recordingLog()
  const drift = createClockDrift({ uri, clock, metrics, log })
  const bound = () => [...metrics.series('sluice_clock_error_bound_seconds')].map(series => 'value' in series ? series.value : NaN)
  return { clock, lines, drift, bound }
}

t.test('the bound is asked for once a minute, and a clock that is not synchronized is told once', async t => {
  const off = answer(1_500, 'NOT_SYNCHRONIZED')
  const { uri } = await startMetadataEndpoint(t, [answer(0.5, 'SYNCHRONIZED'), off, { body: 'no JSON' }, off, answer(1, 'SYNCHRONIZED')])
  const { clock, lines, drift, bound } = setUp(uri)
  drift.start()
  const next = async (seconds: number) => {
    await until(`it says ${seconds}`, bound, ([value]) => value === seconds)
    await until('the pause has begun', () => clock.sleeps.at(-1), ms => ms === 60_000)
  }
  await next(0.0005)
  t.equal(drift.words, undefined)
  const count = clock.sleeps.length
  await clock.advance(60_000)
  await next(1.5)
  t.match(drift.words, /not synchronized/)
  for (const asked of [2, 3]) {
    await until('the pause has begun', () => clock.sleeps.length, length => length >= count + 2 * (asked - 1))
    await clock.advance(60_000)
  }
  await until('the pause has begun', () => clock.sleeps.length, length => length >= count + 6)
  await clock.advance(60_000)
  await next(0.001)
  t.equal(drift.words, undefined)
  t.same(lines.map(({ level }) => level), ['warn', 'info'])
  await drift.stop()
})

t.test('an endpoint that hangs or says nothing of it costs nothing, and the stop waits for no answer', async t => {
  for (const given of ['hang', 'reset', { body: '{}' }, { body: '[]' }, answer('x', 7), answer(-1, null)] as const) {
    const { uri, asked } = await startMetadataEndpoint(t, [given])
    const { drift, bound, lines } = setUp(uri)
    drift.start()
    await until('it has been asked', () => asked.length, length => length > 0)
    await drift.stop()
    t.same([bound(), lines, drift.words], [[], [], undefined])
  }
})

t.test('a request that hangs ends after its patience, and the next one is asked', async t => {
  const { uri, asked } = await startMetadataEndpoint(t, ['hang', answer(2, 'SYNCHRONIZED')])
  const { clock, drift, bound } = setUp(uri)
  drift.start()
  await until('it has been asked', () => asked.length, length => length > 0)
  await clock.advance(5_000)
  await until('the pause has begun', () => clock.sleeps.at(-1), ms => ms === 60_000)
  await clock.advance(60_000)
  await until('it says so', bound, ([value]) => value === 0.002)
  await drift.stop()
})

t.test('outside of ECS nobody is asked', async t => {
  const { drift, clock } = setUp(undefined)
  drift.start()
  await drift.stop()
  t.same(clock.sleeps, [])
})
