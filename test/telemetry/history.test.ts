import t from 'tap'
import { History } from '../../src/telemetry/history.ts'
import { Ledger } from '../../src/telemetry/ledger.ts'
import { Metrics } from '../../src/telemetry/metrics.ts'

function setUp () {
  const ledger = new Ledger()
  const metrics = new Metrics()
  const history = new History({ ledger, metrics })
  let nowMs = 5_000
  /** Looks once a second, as the watch does. */
  const pass = (seconds: number) => {
    for (let second = 0; second < seconds; second++) history.look(nowMs += 1_000)
  }
  const valuesOf = (name: string) => {
    const { names, samples } = history.report(nowMs)
    return samples.map(({ counts }) => counts[names.indexOf(name)])
  }
  const ages = () => history.report(nowMs).samples.map(({ ageMs }) => ageMs)
  return { ledger, metrics, history, pass, valuesOf, ages }
}

t.test('a sample is taken every ten seconds, and those of the last 15 minutes are kept', async t => {
  const { ledger, pass, valuesOf, ages } = setUp()
  const received = ledger.counter('received', 'unix')
  t.same(valuesOf('received'), [])
  pass(1)
  received.value = 7
  pass(9)
  t.same(valuesOf('received'), [0])
  pass(1)
  t.same(valuesOf('received'), [0, 7])
  t.same(ages(), [10_000, 0])
  for (let minute = 0; minute < 60; minute++) {
    received.value += 60
    pass(60)
  }
  t.equal(ages().length, 91)
  t.equal(ages()[0], 900_000)
  t.same(ages(), ages().toSorted((one, other) => other - one), 'oldest first')
  t.equal(Number(valuesOf('received').at(-1)) - Number(valuesOf('received')[0]), 15 * 60)
})

t.test('a look that comes a moment early does not wait for the next', async t => {
  const { history } = setUp()
  for (const nowMs of [1_000.4, 10_999.9, 21_000.2]) history.look(nowMs)
  t.equal(history.report(30_000).samples.length, 3)
})

t.test('it adds up whatever a number is broken down by', async t => {
  const { ledger, metrics, pass, valuesOf } = setUp()
  ledger.counter('delivered', 'access').value = 5
  ledger.counter('delivered', 'error').value = 2
  ledger.counter('dropped', 'access', 'quota').value = 3
  ledger.counter('rejected', 'error', 'too_large').value = 1
  for (const [container, status, count] of [['web', '200', 10], ['web', '503', 2], ['api', '500', 4], ['5', 'other', 1]] as const) {
    metrics.counter('sluice_http_requests_total', container, 'GET', status).value = count
  }
  metrics.counter('sluice_errors_total', 'web', 'php', 'warn').value = 6
  for (const container of ['web', 'api']) metrics.histogram('sluice_http_request_duration_seconds', container).observe(0.3)
  pass(1)
  pass(10)
  for (const [name, count] of Object.entries({ delivered: 7, lost: 4, requests: 17, 'requests/5xx': 6, errors: 6 })) {
    t.same(valuesOf(name), [count, count], name)
  }
  t.same(valuesOf('durations/6'), [0, 0], 'not above 250 ms')
  t.same(valuesOf('durations/7'), [2, 2], 'not above 500 ms')
  t.same(valuesOf('durations/14'), [2, 2], 'all')
})

t.test('a place that is written over says nothing of what it held', async t => {
  const { metrics, pass, valuesOf } = setUp()
  metrics.histogram('sluice_http_request_duration_seconds', 'web').observe(60)
  pass(3_600)
  t.same(new Set(valuesOf('durations/14')), new Set([1]))
})

t.test('it has numbers alone: no name of a container, a route or a source', async t => {
  const { ledger, metrics, history, pass } = setUp()
  ledger.counter('delivered', 'secret').value = ledger.counter('received', 'secret').value = 1
  metrics.counter('sluice_http_requests_total', 'secret', 'GET', '200').value = 1
  metrics.counter('sluice_errors_total', 'secret', 'php', 'warn').value = 1
  pass(60)
  t.notMatch(JSON.stringify(history.report(0)), /secret|php/)
})
