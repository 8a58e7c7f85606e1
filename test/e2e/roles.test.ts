import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { defaultAccount } from '../support/aws/server.ts'
import type { Account } from '../support/aws/sigv4.ts'
import { startRoleGiver, roleRefused, type RoleAnswer } from '../support/role-giver.ts'
import { startScenario } from '../support/scenario.ts'
import { uniqueLines } from '../support/unique-lines.ts'

t.setTimeout(300_000)

const roleArn = 'arn:aws:iam::123456789012:role/logs'
const ofRole: Account = { ...defaultAccount, accessKeyId: 'AKIDROLE', sessionToken: 'of the role' }
const minuteMs = 60_000

/** The keys of the task itself, and whom it asks for those of the role. */
const asking = (endpoint: string) => ({
  AWS_ACCESS_KEY_ID: defaultAccount.accessKeyId,
  AWS_SECRET_ACCESS_KEY: defaultAccount.secretAccessKey,
  AWS_SESSION_TOKEN: '',
  AWS_ENDPOINT_URL_STS: endpoint,
})

for (const skewMinutes of [-20, 20]) {
  t.test(`a clock that STS finds ${skewMinutes} minutes wrong costs requests, no record`, async t => {
    const now = () => Date.now() + skewMinutes * minuteMs
    const keys = () => ({ keys: ofRole, endMs: now() + 60 * minuteMs })
    const sts = await startRoleGiver(t, { accounts: [defaultAccount], now, answer: keys })
    const scenario = await startScenario(t, { aws: { accounts: [ofRole], signingNow: now } })
    const sluice = await scenario.start({ ...asking(sts.endpoint), SLUICE_AWS_ROLE_ARN: roleArn })
    await scenario.send(sluice, uniqueLines('skewed', 5))
    await scenario.arrived(sluice, 15)
    t.match(sluice.output(), /"reason":"clock_skew"/)
    t.match(await scenario.stop(sluice), { delivered: 15, pending: 0 })
    scenario.balance(t)
  })
}

t.test('keys of a role that still hold are used while STS gives no new ones', async t => {
  let answer: RoleAnswer = { keys: ofRole, endMs: Date.now() + 4 * minuteMs }
  const sts = await startRoleGiver(t, { answer: () => answer })
  const scenario = await startScenario(t, { aws: { accounts: [ofRole] } })
  const sluice = await scenario.start({ ...asking(sts.endpoint), SLUICE_AWS_ROLE_ARN: roleArn })
  await scenario.send(sluice, uniqueLines('before', 5))
  await scenario.arrived(sluice, 15)

  answer = { status: 500, code: 'InternalFailure', message: 'not now' }
  const askedCount = sts.asked.length
  await scenario.send(sluice, uniqueLines('meanwhile', 5))
  await scenario.arrived(sluice, 30)
  t.match(await scenario.stop(sluice), { delivered: 30, pending: 0 })
  t.ok(sts.asked.length > askedCount, 'new ones are asked for')
  t.notMatch(sluice.output(), /delivery paused/)
  scenario.balance(t)
})

t.test('a role that is refused holds up its own container, and no other', async t => {
  let ofOther: RoleAnswer = roleRefused
  const keys: RoleAnswer = { keys: ofRole, endMs: Date.now() + 60 * minuteMs }
  const sts = await startRoleGiver(t, { answer: query => query.get('RoleArn') === roleArn ? keys : ofOther })
  const scenario = await startScenario(t, { aws: { accounts: [ofRole] } })
  const config = join(scenario.directory, 'sluice.yaml')
  writeFileSync(config, `
aws: { roleArn: '${roleArn}' }
containers:
  other: { logGroup: /ecs/shop/error, bucket: shop-logs, stream: other, roleArn: '${roleArn}-of-another' }
`)
  const sluice = await scenario.start({ ...asking(sts.endpoint), SLUICE_CONFIG: config })
  const other = uniqueLines('other', 5).map(({ fields, ...record }) => ({ ...record, fields: { ...fields, container_name: '/other' } }))
  await scenario.send(sluice, other)
  for (const route of ['access.other', 'app.other', 'error.other']) {
    await sluice.printed(new RegExp(`"route":"${route}".*"reason":"role_denied"`))
  }
  await scenario.send(sluice, uniqueLines('one', 5))
  await scenario.arrived(sluice, 15)
  ofOther = keys
  t.match(await scenario.stop(sluice), { delivered: 30, pending: 0 })
  t.notMatch(sluice.output(), /"route":"(?:access|app|error)".*delivery paused/)
  scenario.balance(t)
})
