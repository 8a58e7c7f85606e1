import t from 'tap'
import { createActivity } from '../../src/signals/activity.ts'
import { createHealthChecks } from '../../src/signals/health-checks.ts'
import { Metrics } from '../../src/telemetry/metrics.ts'
import { notedLines } from '../support/noted-lines.ts'

const check = { remote_ip: '10.0.1.7', method: 'GET', path: '/health.php', query: '', status: 200, user_agent: 'ELB-HealthChecker/2.0' }

function setUp (env: Readonly<Record<string, string>> = {}) {
  const metrics = new Metrics()
  const lines = notedLines(env)
  const isHealthCheck = createHealthChecks({ ...lines.config.healthChecks, metrics, activityOf: createActivity() })
  return {
    metrics,
    isHealthCheck: (differs: Readonly<Record<string, unknown>>) => {
      const { bytes, places } = lines.of({ ...check, ...differs })
      return isHealthCheck?.('web', bytes, places)
    },
  }
}

t.test('a health check is one by every mark, and is counted', async t => {
  const { isHealthCheck, metrics } = setUp()
  for (const differs of [
    {}, { method: 'HEAD' }, { status: 304 }, { status: '204' }, { path: '/healthz' }, { query: '-' }, { query: '?' },
    { query: undefined }, { user_agent: 'kube-probe/1.31' }, { user_agent: 'Amazon-Route53-Health-Check-Service (ref 1)' },
    { user_agent: 'curl/8.5.0', remote_ip: '127.0.0.1' }, { user_agent: 'Wget', remote_ip: '::1' },
    { path: undefined, method: undefined, request: 'GET /ping HTTP/1.1' },
  ]) t.equal(isHealthCheck(differs), true, JSON.stringify(differs))
  t.equal(metrics.counter('sluice_health_checks_total', 'web', '304').value, 1)
})

t.test('a line that lacks one mark is none', async t => {
  const { isHealthCheck, metrics } = setUp()
  for (const differs of [
    { method: 'POST' }, { method: 'OPTIONS' }, { method: undefined }, { status: 400 }, { status: 503 }, { status: '-' },
    { status: undefined }, { path: '/health/x' }, { path: '/healt' }, { path: '/' }, { path: '/health?x=1' }, { path: undefined },
    { query: '?x=1' }, { query: 'x' }, { user_agent: 'Mozilla/5.0' }, { user_agent: 'x ELB-HealthChecker/2.0' },
    { user_agent: undefined }, { user_agent: 'curl/8.5.0' }, { user_agent: 'curl/8.5.0', remote_ip: '::10' },
    { user_agent: 'Wget/1.2', remote_ip: '1127.0.0.1' }, { user_agent: 'curl/8.5.0', remote_ip: undefined },
    { path: undefined, request: 'GET /ping?x HTTP/1.1' }, { path: undefined, request: 'GET' }, { path: { a: '/health' } },
    { request: 'GET /health.php?card=4 HTTP/1.1' },
  ]) t.equal(isHealthCheck(differs), false, JSON.stringify(differs))
  t.same([...metrics.series('sluice_health_checks_total')], [])
})

t.test('the paths are a setting, and with `off` no line is one', async t => {
  const { isHealthCheck } = setUp({ SLUICE_HEALTH_CHECKS_PATHS: '/lb/check' })
  t.same([isHealthCheck({ path: '/lb/check' }), isHealthCheck({ path: '/health' })], [true, false])
  t.equal(setUp({ SLUICE_HEALTH_CHECKS_FILTER: 'off' }).isHealthCheck({}), undefined)
})
