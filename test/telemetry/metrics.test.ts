import t from 'tap'
import { Metrics } from '../../src/telemetry/metrics.ts'

t.test('the same name and labels are the same counter and the same histogram', async t => {
  const metrics = new Metrics()
  t.equal(metrics.counter('sluice_acks_total', 'unix', 'sent'), metrics.counter('sluice_acks_total', 'unix', 'sent'))
  t.not(metrics.counter('sluice_acks_total', 'unix', 'sent'), metrics.counter('sluice_acks_total', 'tcp', 'sent'))
  const histogram = () => metrics.histogram('sluice_delivery_request_duration_seconds', 'error', 'file', 'ok')
  t.equal(histogram(), histogram())
})

t.test('labels come in full or not at all', async t => {
  const metrics = new Metrics()
  t.throws(() => metrics.counter('sluice_acks_total', 'unix'), TypeError)
  t.throws(() => metrics.gauge('sluice_connections', [], () => 0), TypeError)
})

t.test('an empty label value is a value', async t => {
  const metrics = new Metrics()
  metrics.counter('sluice_received_bytes_total', '').value = 3
  t.same([...metrics.series('sluice_received_bytes_total')], [{ labels: [''], value: 3 }])
})

t.test('the gauge registered last wins', async t => {
  const metrics = new Metrics()
  metrics.gauge('sluice_connections', ['unix'], () => 1)
  metrics.gauge('sluice_connections', ['unix'], () => 2)
  t.same([...metrics.series('sluice_connections')], [{ labels: ['unix'], value: 2 }])
})
