import t from 'tap'
import { createRecord, stream } from '../../src/contracts/record.ts'
import { ruledWorld } from '../support/ruled-world.ts'

const check = '{"method":"GET","status":200,"path":"/health","user_agent":"ELB-HealthChecker/2.0"}'
const lines = [check, check.replace('200', '503'), check.replace('/health', '/cart'), check.replace('ELB', 'X')]

function again (env: Readonly<Record<string, string>>, route: string) {
  const world = ruledWorld('', { env })
  const accept = world.inbound.again('replay')
  for (const line of lines) {
    const bytes = Buffer.from(line)
    t.ok(accept({ ...createRecord(), bytes, end: bytes.length, stream: stream.stdout, container: 'web' }, route))
  }
  const { filtered, isBalanced } = world.ledger.snapshot()
  t.ok(isBalanced)
  return { ...world, filtered: filtered.by }
}

t.test('health checks are left out of what is sent again as of what comes, and counted as such', async t => {
  const { written, filtered, metrics } = again({}, 'access')
  t.same(filtered, { 'health-check': 1 })
  t.same(written, lines.slice(1).map(line => `access ${line}`))
  t.equal(metrics.counter('sluice_health_checks_total', 'web', '200').value, 1)
  const first = ruledWorld('')
  for (const line of lines) first.take(line)
  t.same(first.written, written, 'the first pass has done the same')
  t.same([...metrics.series('sluice_http_requests_total')], [], 'requests were counted when they came')
})

t.test('they are kept where the setting keeps them, and lines of another class are no health checks', async t => {
  t.same(again({ SLUICE_HEALTH_CHECKS_FILTER: 'off' }, 'access').filtered, {})
  t.same(again({}, 'app').filtered, {})
  t.same(again({ SLUICE_FILTER_EXCLUDE: 'ELB' }, 'access').filtered, { 'exclude-pattern': 3 }, 'a pattern has its say before')
})
