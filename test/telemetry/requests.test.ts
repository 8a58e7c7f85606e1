import t from 'tap'
import { SluiceError } from '../../src/contracts/errors.ts'
import type { Batch } from '../../src/contracts/sink.ts'
import { Metrics, type MetricName } from '../../src/telemetry/metrics.ts'
import { RequestMetrics } from '../../src/telemetry/requests.ts'
import { ManualClock } from '../support/manual-clock.ts'

const never = new AbortController().signal
const batch = { startByte: 10, endByte: 30 } as Batch

function setUp () {
  const metrics = new Metrics()
  const clock = new ManualClock()
  const requests = new RequestMetrics({ metrics, clock, route: 'error', sink: 'cloudwatch' })
  /** By labels: the value; of a histogram how often and how long. */
  const seen = (name: MetricName) => Object.fromEntries([...metrics.series(name)].map(series =>
    [series.labels.join('/'), 'value' in series ? series.value : [series.histogram.cumulated().at(-1), series.histogram.sum]]))
  return { clock, requests, seen }
}

t.test('a try to store a batch is counted and timed by its outcome, and its bytes once they are stored', async t => {
  const { clock, requests, seen } = setUp()
  const layer = requests.layer()
  t.same(seen('sluice_delivery_requests_total'), { 'error/cloudwatch/ok': 0 }, 'before the first')
  const rejections = [{ index: 0, reason: 'too_old' }]
  const fails = (error: Error) => layer(async () => {
    await clock.advance(2_000)
    clock.stepWall(-86_400_000)
    throw error
  })(batch, never)
  t.equal(await layer(async () => rejections)(batch, never), rejections)
  await t.rejects(fails(new SluiceError('ERR_SINK_UNAVAILABLE', 'slow', { reason: 'throttled' })), SluiceError)
  await t.rejects(fails(new TypeError('a bug')), TypeError)
  t.same(seen('sluice_delivery_requests_total'),
    { 'error/cloudwatch/ok': 1, 'error/cloudwatch/throttled': 1, 'error/cloudwatch/bug': 1 })
  t.same(seen('sluice_delivery_request_duration_seconds'),
    { 'error/cloudwatch/ok': [1, 0], 'error/cloudwatch/throttled': [1, 2], 'error/cloudwatch/bug': [1, 2] })
  t.same(seen('sluice_delivery_bytes_total'), { 'error/cloudwatch': 20 })
})

t.test('each request that a try needs is counted and timed by its operation', async t => {
  const { clock, requests, seen } = setUp()
  t.equal(await requests.operation('CreateLogStream', async () => ({ result: 1, outcome: 'exists' })), 1)
  t.equal(await requests.operation('PutLogEvents', async () => {
    await clock.advance(500)
    return { result: 2 }
  }), 2)
  requests.sent(1_000, 3)
  t.same(seen('sluice_sink_requests_total'), { 'cloudwatch/CreateLogStream/exists': 1, 'cloudwatch/PutLogEvents/ok': 1 })
  t.same(seen('sluice_sink_request_duration_seconds'),
    { 'cloudwatch/CreateLogStream': [1, 0], 'cloudwatch/PutLogEvents': [1, 0.5] })
  t.same(seen('sluice_sink_sent_bytes_total'), { cloudwatch: 1_000 })
  t.same(seen('sluice_sink_batch_records'), { cloudwatch: [1, 3] })
})
