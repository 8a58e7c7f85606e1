import t from 'tap'
import { createActivity } from '../../src/signals/activity.ts'
import { createRequestMetrics } from '../../src/signals/request-metrics.ts'
import { Metrics } from '../../src/telemetry/metrics.ts'
import { notedLines } from '../support/noted-lines.ts'

function setUp (env: Readonly<Record<string, string>> = {}) {
  const metrics = new Metrics()
  const lines = notedLines(env)
  const { secondsOfKey } = lines.values
  const requests = createRequestMetrics({ metrics, secondsOfKey, activityOf: createActivity() })
  return {
    metrics,
    count (fields: Readonly<Record<string, unknown>>, container = 'web') {
      const { bytes, places } = lines.of(fields)
      requests.count(container, bytes, places)
    },
    requests: () => [...metrics.series('sluice_http_requests_total')]
      .map(series => [series.labels.join(' '), 'value' in series ? series.value : 0]),
    durations: () => {
      const [series] = metrics.series('sluice_http_request_duration_seconds')
      return series !== undefined && 'histogram' in series ? [series.histogram.cumulated().at(-1), series.histogram.sum] : []
    },
  }
}

t.test('requests are counted by container, method and status, by the keys that lines have for them', async t => {
  const { count, requests, metrics } = setUp()
  count({ method: 'GET', status: 200, bytes: 12 })
  count({ verb: 'GET', http_status: '200', size: '30' })
  count({ request: 'POST /a HTTP/1.1', status: 503 }, 'api')
  count({ method: 'PROPFIND', status: 404 })
  count({ method: null, status: '-', bytes: '-' })
  count({ status: 200, http: { x: 1 }, path: '/' })
  t.same(requests(), [
    ['web GET 200', 2], ['api POST 503', 1], ['web other 404', 1], ['web other other', 1], ['web other 200', 1],
  ])
  t.equal(metrics.counter('sluice_http_response_bytes_total', 'web').value, 42)
})

t.test('a duration is counted in seconds where its key says in which unit, and never guessed', async t => {
  const { count, durations } = setUp({ SLUICE_ACCESS_DURATION_KEYS: 'took=ms,duration_us=s' })
  for (const fields of [{ duration: 5 }, { request_time: 0.5 }, { duration_ms: '-' }, { duration_ms: -1 }, { D: 1 }]) count(fields)
  t.same(durations(), [])
  count({ duration_ms: 250 })
  count({ took: '500' })
  count({ request_time_us: 250_000 })
  count({ 'event.duration': 1_000_000_000 })
  count({ duration_us: 2.5 })
  t.same(durations(), [5, 4.5], 'the setting wins over what is known')
})

t.test('however many containers, methods and statuses there are, their series are bounded', async t => {
  const { count, requests } = setUp()
  for (let number = 0; number < 20_000; number++) {
    count({ method: `GET POST PUT M${number}`.split(' ')[number % 4], status: 100 + number % 500 }, `c${number % 3}`)
  }
  for (let number = 0; number < 500; number++) count({ method: 'GET', status: 200 }, `d${number}`)
  t.ok(requests().length <= 3 * 201 + 48, String(requests().length))
  t.equal(requests().reduce((sum, [, value]) => sum + Number(value), 0), 20_500, 'and every request is in one of them')
})
