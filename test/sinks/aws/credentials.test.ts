import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { systemClock } from '../../../src/contracts/clock.ts'
import { createLogsClient } from '../../../src/sinks/aws/client.ts'
import { defaultAccount } from '../../support/aws/server.ts'
import { createExpiryNote } from '../../../src/sinks/aws/credentials.ts'
import { requireCredentials } from '../../../src/sinks/aws/credentials-search.ts'
import { logsError } from '../../../src/sinks/cloudwatch/errors.ts'
import { Metrics } from '../../../src/telemetry/metrics.ts'
import { ManualClock, until } from '../../support/manual-clock.ts'
import { startAnswering } from '../../support/answering.ts'
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
  await t.rejects(requireCredentials({ credentials: async () => { throw new Error('none') } }, clock),
    { name: 'CredentialsProviderError', cause: { message: 'none' } })
  t.equal(clock.sleeping, 0)
  const silent = requireCredentials({ credentials: async () => await new Promise(() => undefined) }, clock)
  const ended = t.rejects(silent, { code: 'ERR_SINK_UNAVAILABLE', reason: 'credentials_timeout', retryAfterMs: 0 })
  await clock.advance(10_000)
  await ended
})

/** A client that asks for its credentials at `url`, as in a task. */
function askingAt (t: Test, url: string, roleArn = '') {
  const none = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', AWS_SESSION_TOKEN: '', AWS_PROFILE: '' }
  setEnvironment(t, { ...none, AWS_CONTAINER_CREDENTIALS_FULL_URI: url })
  const held = createLogsClient(awsSettings({ endpoint: 'http://127.0.0.1:1', region: 'us-east-1' }, { credentials: undefined, roleArn }))
  t.teardown(() => held.close())
  return held
}

t.test('an answer that holds no credentials is told as that, not as one of the service that they are for', async t => {
  const reasonOf = async (thrown: Error) => {
    const search = requireCredentials({ credentials: async () => { throw thrown } }, new ManualClock())
    const error: unknown = await search.catch((error: unknown) => error)
    return logsError(error, { operation: 'PutLogEvents', group: '/app', region: 'us-east-1' }).reason
  }
  const cut = Object.assign(new Error('aborted'), { code: 'ECONNRESET' })
  for (const thrown of [new SyntaxError('Unexpected token <'), new TypeError('Invalid RFC-3339 date-time value'), cut]) {
    t.equal(await reasonOf(thrown), 'no_credentials', thrown.message)
  }
  const unknown = Object.assign(new Error('getaddrinfo ENOTFOUND sts.test'), { code: 'ENOTFOUND', syscall: 'getaddrinfo' })
  t.equal(await reasonOf(unknown), 'dns', 'its words name what was asked')
  const denied = Object.assign(new Error('no'), { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } })
  t.equal(await reasonOf(denied), 'role_denied', 'its words name the action')
  const invalid = (name: string) => Object.assign(new Error('no'), { name, $metadata: { httpStatusCode: 400 } })
  for (const name of ['ValidationException', 'InvalidParameterException', 'InvalidIdentityTokenException']) {
    t.equal(await reasonOf(invalid(name)), 'no_credentials', `${name}: no line is refused`)
  }
})

t.test('whoever gives no credentials keeps no connection: it ends with the wait for them', async t => {
  const open = new Set<Socket>()
  let askedCount = 0
  const agent = createServer((_, response) => {
    askedCount++
    // One that never ends, and one that never begins.
    if (askedCount % 2 === 0) response.write('{')
  }).on('connection', (socket: Socket) => { open.add(socket.on('close', () => open.delete(socket))) })
  await once(agent.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => { agent.close().closeAllConnections() })
  const url = `http://127.0.0.1:${(agent.address() as AddressInfo).port}/keys`
  const clock = new ManualClock()
  for (const count of [1, 2, 3]) {
    const held = askingAt(t, url)
    const asked = held.use(client => requireCredentials(client, clock))
    const ended = t.rejects(asked, { code: 'ERR_SINK_UNAVAILABLE', reason: 'credentials_timeout' })
    await until(() => askedCount >= count)
    await clock.advance(10_000)
    await ended
    await until(() => open.size === 0)
  }
})

t.test('a token file that is not there is told by its name, with and without a role', async t => {
  const path = join(t.testdir(), 'token')
  const ofTask = 'arn:aws:iam::123456789012:role/task'
  setEnvironment(t, { AWS_WEB_IDENTITY_TOKEN_FILE: path, AWS_ROLE_ARN: ofTask, AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:1' })
  for (const roleArn of ['', 'arn:aws:iam::123456789012:role/logs']) {
    const held = askingAt(t, 'http://127.0.0.1:1/keys', roleArn)
    const asked = held.use(client => requireCredentials(client, systemClock))
    await t.rejects(asked, { code: 'ERR_SINK_UNAVAILABLE', reason: 'no_credentials', message: path })
  }
})

t.test('an answer of STS without keys is told as one of somebody else, not as a role that the task lacks', async t => {
  const sts = await startAnswering(t)
  sts.say({ headers: { 'content-type': 'text/xml' }, body: '<AssumeRoleResponse><AssumeRoleResult/></AssumeRoleResponse>' })
  setEnvironment(t, { AWS_ENDPOINT_URL_STS: sts.endpoint })
  const held = createLogsClient(awsSettings(await startStandIn(t), {
    roleArn: 'arn:aws:iam::123456789012:role/logs', credentials: defaultAccount,
  }))
  t.teardown(() => held.close())
  const asked = held.use(client => requireCredentials(client, systemClock))
  await t.rejects(asked, { code: 'ERR_SINK_UNAVAILABLE', reason: 'not_aws', message: /keys of a role from STS/ })
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
  const [one, other] = [createExpiryNote(options), createExpiryNote(options)]
  return { clock, one, other, client, left, renewals: () => renewals }
}

t.test('the time left is that of the credentials used last, whichever route used them', async t => {
  const { clock, one, other, client, left } = expiryOfTwo()
  const [busy, quiet] = [client(), client()]
  t.same(left(), [])
  await one(busy)
  await other(quiet)
  await clock.advance(3_400_000)
  await one(busy)
  t.same(left(), [3_600])
})

t.test('credentials that nobody uses are asked for before they end, so the time left tells of new ones', async t => {
  const { clock, one, client, left, renewals } = expiryOfTwo()
  await one(client())
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
  await one({ expiryMs: async () => { askedCount++; return endMs } })
  for (let second = 0; second < 180; second++) {
    left()
    await clock.advance(1_000)
  }
  t.same([left(), askedCount], [[20], 4])
})
