import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { createLogsClient } from '../../../src/sinks/aws/client.ts'
import { defaultAccount } from '../../support/aws/server.ts'
import { CredentialsExpiry, requireCredentials } from '../../../src/sinks/aws/credentials.ts'
import { isRefused } from '../../../src/sinks/s3/errors.ts'
import { Metrics } from '../../../src/telemetry/metrics.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { setEnvironment } from '../../support/environment.ts'
import { awsSettings, startStandIn } from './bench.ts'

t.test('an STS that never answers is a request that timed out, and the next one asks again', async t => {
  let askedCount = 0
  const sts = createServer(() => { askedCount++ })
  await once(sts.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => { sts.close().closeAllConnections() })
  setEnvironment(t, { AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${(sts.address() as AddressInfo).port}` })
  const held = createLogsClient(awsSettings(await startStandIn(t), {
    roleArn: 'arn:aws:iam::123456789012:role/logs', credentials: defaultAccount, requestTimeoutMs: 300,
  }))
  t.teardown(() => held.close())
  const ask = () => held.use(async ({ client, sdk }) =>
    await client.send(new sdk.CreateLogStreamCommand({ logGroupName: '/app', logStreamName: 'a' })))
  for (const count of [1, 2]) {
    await t.rejects(ask(), { code: 'ERR_SINK_UNAVAILABLE', reason: 'timeout', message: /no answer from STS/ })
    t.equal(askedCount, count)
  }
})

t.test('the wait for credentials ends: with them, with what keeps them away, or after ten seconds', async t => {
  const clock = new ManualClock()
  await requireCredentials({ credentials: async () => 'some' }, clock)
  await t.rejects(requireCredentials({ credentials: async () => { throw new Error('none') } }, clock), { message: 'none' })
  t.equal(clock.sleeping, 0)
  const silent = requireCredentials({ credentials: async () => await new Promise(() => undefined) }, clock)
  const ended = t.rejects(silent, { code: 'ERR_SINK_UNAVAILABLE', reason: 'credentials_timeout', retryAfterMs: 0 })
  await clock.advance(10_000)
  await ended
  t.ok(isRefused(await silent.catch((error: unknown) => error)), 'no object was stored by what was never sent')
})

/** Two routes of one sink, each with credentials of its own, which somebody gives for an hour. */
function expiryOfTwo () {
  const metrics = new Metrics()
  const clock = new ManualClock()
  const options = { metrics, sink: 's3', clock }
  let renewals = 0
  const client = () => {
    let endMs = 0
    return {
      expiryMs: async () => {
        if (endMs - clock.wallMs() >= 300_000) return endMs
        renewals++
        endMs = clock.wallMs() + 3_600_000
        return endMs
      },
    }
  }
  const left = () => [...metrics.series('sluice_credentials_expiry_seconds')]
    .map(series => 'value' in series ? series.value : NaN)
  const [one, other] = [new CredentialsExpiry(options), new CredentialsExpiry(options)]
  return { clock, one, other, client, left, renewals: () => renewals }
}

t.test('the time left is that of the credentials used last, whichever route used them', async t => {
  const { clock, one, other, client, left } = expiryOfTwo()
  const [busy, quiet] = [client(), client()]
  t.same(left(), [])
  await one.note(busy)
  await other.note(quiet)
  await clock.advance(3_400_000)
  await one.note(busy)
  t.same(left(), [3_600])
})

t.test('credentials that nobody uses are asked for before they end, so the time left tells of new ones', async t => {
  const { clock, one, client, left, renewals } = expiryOfTwo()
  await one.note(client())
  await clock.advance(3_290_000)
  t.same(left(), [310])
  await clock.advance(11_000)
  t.same(left(), [299], 'this scrape asks')
  await clock.advance(0)
  t.same([left(), renewals()], [[3_600], 2])
})

t.test('one who gives no new credentials is asked once a minute, however often somebody scrapes', async t => {
  const { clock, one, left } = expiryOfTwo()
  const endMs = clock.wallMs() + 200_000
  let askedCount = 0
  await one.note({ expiryMs: async () => { askedCount++; return endMs } })
  for (let second = 0; second < 180; second++) {
    left()
    await clock.advance(1_000)
  }
  t.same([left(), askedCount], [[20], 4])
})
