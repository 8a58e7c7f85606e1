import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { createS3Client, hasPathStyle } from '../../src/sinks/aws/client.ts'
import { defaultAccount } from '../support/aws/server.ts'
import { roleRefused, startRoleGiver } from '../support/role-giver.ts'
import { awsSettings, startStandIn } from '../sinks/aws/bench.ts'

interface Outcome {
  readonly reason: string
  readonly message?: string
  readonly code?: string
  readonly retryAfterMs?: number
}
interface Report {
  readonly before: number
  readonly after: number
  readonly logs: Outcome
  readonly s3: Outcome
  readonly expirySeconds: readonly number[]
}

const script = join(import.meta.dirname, '../sinks/aws/from-environment.ts')

/** Both sinks in a process whose environment is this and nothing else that concerns AWS. */
async function runWith (
  t: Test, environment: Readonly<Record<string, string>>, ...role: readonly string[]
): Promise<Report> {
  const { PATH = '' } = process.env
  const none = { AWS_EC2_METADATA_DISABLED: 'true', AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null' }
  const env = { PATH, ...none, ...environment }
  const { stdout } = await promisify(execFile)(process.execPath, [script, t.testdir(), ...role], { env })
  return JSON.parse(stdout) as Report
}

const keys = { AWS_ACCESS_KEY_ID: defaultAccount.accessKeyId, AWS_SECRET_ACCESS_KEY: defaultAccount.secretAccessKey }

t.test('with the variables that every SDK of AWS knows, both sinks find their way', async t => {
  const aws = await startStandIn(t)
  const report = await runWith(t, aws.environment)
  t.match(report, { logs: { reason: 'ok' }, s3: { reason: 'ok' } })
  t.equal(report.before, 0, 'nothing of the SDK is loaded before a sink of AWS is made')
  t.ok(report.after > 0)
  t.equal(aws.state.objects('box').length, 1)
  t.equal(aws.state.events('/app', 'access').length, 1)
  t.same(aws.state.violations, [])
})

t.test('a checksum that is not asked for is left out where the environment says so', async t => {
  const aws = await startStandIn(t)
  const report = await runWith(t, { ...aws.environment, AWS_REQUEST_CHECKSUM_CALCULATION: 'when_required' })
  t.match(report, { s3: { reason: 'ok' } })
  t.same(Object.keys(aws.state.objects('box')[0]?.checksums ?? {}), ['crc64nvme'], 'the one that S3 makes itself')
  t.same(aws.state.violations, [])
})

t.test('FIPS and dual stack endpoints are chosen by the environment', async t => {
  const script = `
    import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs'
    import { S3Client } from '@aws-sdk/client-s3'
    for (const Client of [CloudWatchLogsClient, S3Client]) {
      const { useFipsEndpoint, useDualstackEndpoint } = new Client({ region: 'us-east-1' }).config
      console.log(await useFipsEndpoint(), await useDualstackEndpoint())
    }`
  const env = { PATH: process.env['PATH'], AWS_USE_FIPS_ENDPOINT: 'true', AWS_USE_DUALSTACK_ENDPOINT: 'true' }
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], { env })
  t.equal(stdout, 'true true\ntrue true\n')
})

t.test('each service can have an endpoint of its own', async t => {
  const [logs, s3] = [await startStandIn(t), await startStandIn(t)]
  const report = await runWith(t, {
    ...keys,
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL_S3: s3.endpoint,
    AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: logs.endpoint,
  })
  t.match(report, { logs: { reason: 'ok' }, s3: { reason: 'ok' } })
  t.same([logs, s3].map(aws => [aws.state.requestCount('logs') > 0, aws.state.requestCount('s3') > 0]),
    [[true, false], [false, true]])
})

t.test('a missing region, missing credentials and an endpoint that is no URL are failures to retry slowly, in words', async t => {
  const aws = await startStandIn(t)
  const noRegion = await runWith(t, { ...keys, AWS_ENDPOINT_URL: aws.endpoint })
  const noCredentials = await runWith(t, { AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL: aws.endpoint })
  const noEndpoint = await runWith(t, { ...keys, AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL: 'minio:9000' })
  const slow = { code: 'ERR_SINK_UNAVAILABLE', retryAfterMs: 15_000 }
  for (const outcome of [noEndpoint.logs, noEndpoint.s3]) {
    t.match(outcome, { ...slow, reason: 'no_endpoint', message: /found 'minio:9000': write https/ })
  }
  for (const outcome of [noRegion.logs, noRegion.s3]) {
    t.match(outcome, { ...slow, reason: 'no_region', message: /set AWS_REGION/ })
  }
  for (const outcome of [noCredentials.logs, noCredentials.s3]) {
    t.match(outcome, { ...slow, reason: 'no_credentials', message: /taskRoleArn/ })
  }
})

t.test('a role is assumed with the credentials found, under the name of the task', async t => {
  const role = 'arn:aws:iam::123456789012:role/logs'
  const ofRole = { ...defaultAccount, sessionToken: 'token' }
  const aws = await startStandIn(t, { accounts: [ofRole] })
  const sts = await startRoleGiver(t, { answer: () => ({ keys: ofRole, endMs: Date.now() + 3_600_000 }) })
  const environment = {
    ...keys, AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL: aws.endpoint, AWS_ENDPOINT_URL_STS: sts.endpoint,
  }
  const report = await runWith(t, environment, role)
  t.match(report, { logs: { reason: 'ok' }, s3: { reason: 'ok' } })
  t.match(Object.fromEntries(sts.asked[0] ?? []), { Action: 'AssumeRole', RoleArn: role, RoleSessionName: 'sluice-task_1' })
  t.ok(report.expirySeconds.length === 2 && report.expirySeconds.every(seconds => seconds > 3500 && seconds <= 3600))
  t.notOk(sts.asked[0]?.has('ExternalId'))
  await runWith(t, environment, role, 'shop-4711')
  t.equal(sts.asked.at(-1)?.get('ExternalId'), 'shop-4711')
  const denied = await startRoleGiver(t, { answer: () => roleRefused })
  const refused = await runWith(t, { ...environment, AWS_ENDPOINT_URL_STS: denied.endpoint }, role, 'shop-4711')
  for (const outcome of [refused.logs, refused.s3]) {
    t.match(outcome, { code: 'ERR_SINK_UNAVAILABLE', reason: 'role_denied', retryAfterMs: 15_000, message: /sts:AssumeRole on arn.*with the external id of aws\.externalId/ })
  }
})

t.test('a store of one\'s own is asked by path, AWS by host name', async t => {
  const byPath = ['http://127.0.0.1:9000', 'https://minio.internal', 'http://localhost:4566/']
  const byHost = [undefined, 'https://s3.eu-west-1.amazonaws.com', 'https://bucket.vpce-1a2b.s3.us-east-1.vpce.amazonaws.com', 'https://s3.cn-north-1.amazonaws.com.cn', 'https://s3.eusc-de-east-1.amazonaws.eu', 'https://s3.us-iso-east-1.c2s.ic.gov', 'no address']
  t.same(byPath.filter(hasPathStyle), byPath)
  t.same(byHost.filter(hasPathStyle), [])
})

t.test('large objects go over one connection, without waiting to be asked for', async t => {
  const sockets = new Set<Socket>()
  const headers: (string | undefined)[][] = []
  const server = createServer((request, response) => {
    headers.push([request.headers.expect, request.headers['transfer-encoding'], request.headers['content-length']])
    request.resume().on('end', () => response.writeHead(200, { etag: '"x"' }).end())
  })
  server.on('connection', socket => sockets.add(socket))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => { server.close().closeAllConnections() })
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const held = createS3Client({ ...awsSettings(await startStandIn(t)), endpoint }, { hasChecksum: true })
  t.teardown(() => held.close())
  for (const Key of ['a', 'b', 'c']) {
    await held.use(({ client, sdk }) =>
      client.send(new sdk.PutObjectCommand({ Bucket: 'box', Key, Body: Buffer.alloc(4_000_000) })))
  }
  t.equal(sockets.size, 1)
  t.same(headers, Array(3).fill([undefined, undefined, '4000000']))
})
