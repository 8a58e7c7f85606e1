import t from 'tap'
import { showsNames, withoutNames } from '../../src/http/detail.ts'
import { healthReport } from '../../src/http/health.ts'
import { healthFacts, routeFacts } from '../support/http-dependencies.ts'

t.test('names are shown where only this machine can ask, or where the setting says so', async t => {
  for (const host of ['127.0.0.1', '127.8.9.1', '::1', 'localhost']) t.equal(showsNames('auto', host), true, host)
  for (const host of ['0.0.0.0', '::', '10.0.1.7', 'sluice', '127.evil.example']) t.equal(showsNames('auto', host), false, host)
  t.equal(showsNames('full', '0.0.0.0'), true)
  t.equal(showsNames('plain', '127.0.0.1'), false)
})

t.test('a plain report says what waits and for which reason, and names no account, role, bucket or group', async t => {
  const secrets = /123456789012|shop|arn:|\/ecs/
  const arn = 'arn:aws:sts::123456789012:assumed-role/shop-task/0123'
  const route = routeFacts({
    route: 'access',
    sink: 's3',
    destination: 's3://shop-logs/production/',
    pendingRecords: 3,
    lastError: { atMs: 55_000, reason: 'access_denied', message: `${arn} is not authorized to perform: s3:PutObject on shop-logs` },
    delivery: { kind: 'paused', sinceMs: 0, failures: 2, nextTryMs: 60_000 },
  })
  const rest = routeFacts({ sink: 'cloudwatch', destination: '/ecs/shop/error' })
  const facts = healthFacts({ routes: [route, rest] })
  t.match(JSON.stringify(healthReport(facts)), secrets)
  const report = healthReport(withoutNames(facts))
  t.notMatch(JSON.stringify(report), secrets)
  t.match(report.routes['access'], {
    state: 'paused',
    sink: 's3',
    destination: '',
    pendingRecords: 3,
    lastError: { reason: 'access_denied', message: 'access_denied (the log says more)' },
    summary: /paused for 1 min: s3: access_denied \(the log says more\); 3 records/,
  })
  t.match(report.routes['error']?.summary, /^delivering to cloudwatch; /)
})
