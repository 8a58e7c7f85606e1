import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { faultModes, type Fault, type FaultMode } from '../support/aws/faults.ts'
import { defaultAccount, type Aws } from '../support/aws/server.ts'
import type { Account } from '../support/aws/sigv4.ts'
import { askAt } from '../support/operator.ts'
import { bucket, group, linesInAws, startScenario } from '../support/scenario.ts'
import { uniqueLines } from '../support/unique-lines.ts'
import { until } from '../support/until.ts'

t.setTimeout(1_800_000)

/** The events are stored although the answer says nothing of it: they come again. */
const repeating: readonly string[] = ['lost', 'cut', 'slow']
/** No answer in time. What comes late only because the machine is busy may come again then, too. */
const late: readonly string[] = ['hang', 'slow']
const slowMs = 4_000
const timeout = { SLUICE_DELIVERY_REQUEST_TIMEOUT: '2s' }
const rejectedCount = 20

/** Has the next PutLogEvents, and the next PutObject of both routes, meet the fault; resolves when they have. */
async function meetFault (aws: Aws, mode: FaultMode): Promise<void> {
  const { operations = [] }: { readonly help: string, readonly operations?: readonly string[] } = faultModes[mode]
  const isOf = (operation: string) => operations.length === 0 || operations.includes(operation)
  const rejected = { tooOldLogEventEndIndex: rejectedCount }
  const fault: Fault = { mode, ...(mode === 'slow' && { ms: slowMs }), ...(mode === 'rejected' && { rejected }) }
  if (isOf('PutObject')) aws.faults.set('s3', { ...fault, operation: 'PutObject', count: 2 })
  if (isOf('PutLogEvents')) aws.faults.set('logs', { ...fault, operation: 'PutLogEvents', count: 1 })
  await aws.state.until(() => aws.faults.list('s3').length === 0 && aws.faults.list('logs').length === 0)
}

for (const mode of Object.keys(faultModes) as FaultMode[]) {
  const title = `${mode}, then recovery: no record unaccounted for, no object stored twice, no event lost`
  t.test(title, async t => {
    const scenario = await startScenario(t, { env: late.includes(mode) ? timeout : {} })
    const { aws } = scenario
    // One batch takes all the errors of a step, so that half of it can be rejected.
    const sluice = await scenario.start({ SLUICE_EVENTS_MAX_AGE: '300ms' })
    await scenario.send(sluice, uniqueLines('before', 10))
    await scenario.arrived(sluice, 30)

    const met = meetFault(aws, mode)
    await scenario.send(sluice, uniqueLines('during', 40))
    await met
    await aws.state.until(() => mode !== 'missing' || !aws.state.groups.has(group))
    if (mode === 'missing') aws.state.createGroup(group)
    await scenario.send(sluice, uniqueLines('after', 10))
    const report = await scenario.stop(sluice)

    t.match(report, { received: 180, pending: 0, dropped: 0 })
    t.equal(report.rejected > 0, mode === 'rejected', `${report.rejected} events rejected`)
    if (repeating.includes(mode)) await aws.state.until(() => linesInAws(aws).length > 180)
    t.equal(aws.state.puts(bucket).filter(({ outcome }) => outcome === 'stored').length, aws.state.objects(bucket).length)
    scenario.balance(t, { mayRepeat: repeating.includes(mode) || late.includes(mode) })
  })
}

t.test('bucket and group that are missing at the start are waited for, and used when somebody makes them', async t => {
  const scenario = await startScenario(t, { aws: { buckets: [], groups: [] } })
  const { aws } = scenario
  const sluice = await scenario.start()
  await scenario.send(sluice, uniqueLines('early', 20))
  await aws.state.until(() => (aws.state.outcomes('PutObject')['NoSuchBucket'] ?? 0) > 0 &&
    (aws.state.outcomes('logs')['ResourceNotFoundException'] ?? 0) > 0)
  aws.state.createBucket({ name: bucket })
  aws.state.createGroup(group)
  await scenario.send(sluice, uniqueLines('late', 20))
  t.match(await scenario.stop(sluice), { delivered: 120, pending: 0 })
  scenario.balance(t)
})

for (const skewMinutes of [-20, 20]) {
  t.test(`a clock that AWS finds ${skewMinutes} minutes wrong costs a request, no record`, async t => {
    const scenario = await startScenario(t, { aws: { signingNow: () => Date.now() + skewMinutes * 60_000 } })
    const sluice = await scenario.start()
    await scenario.send(sluice, uniqueLines('skewed', 20))
    await scenario.arrived(sluice, 60)
    t.match(await scenario.stop(sluice), { delivered: 60, pending: 0 })
    scenario.balance(t)
  })
}

t.test('a name that nobody resolves is asked for again, and is used once it has an address', async t => {
  const scenario = await startScenario(t)
  const { aws, directory } = scenario
  const broken = join(directory, 'dns-is-broken')
  writeFileSync(broken, '')
  const sluice = await scenario.start({
    AWS_ENDPOINT_URL: aws.endpoint.replace('127.0.0.1', 'aws.test'),
    BROKEN_DNS: broken,
    NODE_OPTIONS: `--import ${join(import.meta.dirname, '../support/broken-dns.ts')}`,
  })
  const operator = await askAt(sluice)
  await scenario.send(sluice, uniqueLines('nameless', 20))
  const { routes } = await until('all routes are paused', () => operator.health(), health =>
    ['access', 'error', 'app'].every(name => health.routes[name]?.state === 'paused'))
  for (const name of ['access', 'error']) t.match(routes[name]?.summary, /ENOTFOUND/)
  t.equal(aws.state.requestCount(), 0)
  rmSync(broken)
  await scenario.arrived(sluice, 60)
  t.match(await scenario.stop(sluice), { delivered: 60, pending: 0 })
  scenario.balance(t)
})

/** Keys that end, one after the other, as those of a task do. */
function keysThatEnd () {
  const accounts: Account[] = [{ ...defaultAccount, accessKeyId: 'AKIDFIRST', sessionToken: 'first' }]
  return {
    accounts,
    current: () => accounts.at(-1) ?? defaultAccount,
    rotate: () => {
      const before = accounts.pop() ?? defaultAccount
      accounts.push({ ...before, expiresAtMs: 0 }, { ...defaultAccount, accessKeyId: 'AKIDSECOND', sessionToken: 'second' })
    },
  }
}

/** As the agent of a task answers: the keys of its role. Nothing is ever said to the first `silentCount` requests. */
async function startKeyEndpoint (t: Test, current: () => Account, silentCount = 0): Promise<string> {
  let askedCount = 0
  const server = createServer((_, answer) => {
    if (++askedCount <= silentCount) return
    const { accessKeyId, secretAccessKey, sessionToken } = current()
    answer.setHeader('content-type', 'application/json')
    answer.end(JSON.stringify({
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey,
      Token: sessionToken,
      Expiration: new Date(Date.now() + 3_600_000).toISOString(),
    }))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => { server.close().closeAllConnections() })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`
}

t.test('keys of a role that end are fetched anew, and only then used again', async t => {
  const keys = keysThatEnd()
  const scenario = await startScenario(t, { aws: { accounts: keys.accounts } })
  const { aws } = scenario
  const sluice = await scenario.start({
    AWS_ACCESS_KEY_ID: '',
    AWS_SECRET_ACCESS_KEY: '',
    AWS_SESSION_TOKEN: '',
    AWS_CONTAINER_CREDENTIALS_FULL_URI: await startKeyEndpoint(t, keys.current),
  })
  await scenario.send(sluice, uniqueLines('first', 10))
  await scenario.arrived(sluice, 30)
  keys.rotate()
  await scenario.send(sluice, uniqueLines('second', 10))
  await scenario.arrived(sluice, 60)
  t.match(await scenario.stop(sluice), { delivered: 60, pending: 0 })
  t.ok((aws.state.outcomes('s3')['ExpiredToken'] ?? 0) > 0)
  scenario.balance(t)
})

t.test('one who gives credentials and does not answer is asked anew, however long nothing reconnects', async t => {
  const scenario = await startScenario(t, { aws: { accounts: [{ ...defaultAccount, sessionToken: 'token' }] } })
  const sluice = await scenario.start({
    AWS_ACCESS_KEY_ID: '',
    AWS_SECRET_ACCESS_KEY: '',
    AWS_SESSION_TOKEN: '',
    AWS_CONTAINER_CREDENTIALS_FULL_URI: await startKeyEndpoint(
      t, () => ({ ...defaultAccount, sessionToken: 'token' }), 3),
    SLUICE_DELIVERY_RECONNECT_AFTER: '1d',
  })
  await scenario.send(sluice, uniqueLines('silent', 10))
  await scenario.arrived(sluice, 30)
  t.match(await scenario.stop(sluice), { delivered: 30, pending: 0 })
  t.match(sluice.output(), /"reason":"credentials_timeout"/)
  t.same(sluice.output().split('\n').filter(line => line !== '' && !line.startsWith('{')), [], 'its log is its own')
  scenario.balance(t)
})
