import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import t from 'tap'
import { nameOf } from '../support/aws/clients.ts'
import { defaultAccount, startAws } from '../support/aws/server.ts'

t.test('it says whose credentials they are, refuses others, and fails as it is told', async t => {
  const aws = await startAws()
  const clientWith = (credentials: { readonly accessKeyId: string, readonly secretAccessKey: string }) =>
    new STSClient({ endpoint: aws.endpoint, region: 'us-east-1', credentials, maxAttempts: 1 })
  const client = clientWith(defaultAccount)
  const stranger = clientWith({ accessKeyId: 'AKIDNOBODY', secretAccessKey: 'x' })
  t.teardown(async () => {
    client.destroy()
    stranger.destroy()
    await aws.close()
  })
  const ask = new GetCallerIdentityCommand({})
  t.match(await client.send(ask), { Account: '123456789012', Arn: 'arn:aws:sts::123456789012:assumed-role/stand-in/AKIDSLUICE' })
  t.equal(await nameOf(stranger.send(ask)), 'InvalidClientTokenId')
  const modes = [['denied', 'AccessDenied'], ['throttle', 'Throttling'], ['expired', 'ExpiredToken']] as const
  for (const [mode, name] of modes) {
    aws.faults.set('sts', { mode })
    t.equal(await nameOf(client.send(ask)), name)
  }
  aws.faults.clear('sts')
  t.same(aws.state.violations, [])
  t.equal(await nameOf(client.send(new AssumeRoleCommand({ RoleArn: 'arn:aws:iam::123456789012:role/x', RoleSessionName: 'xx' }))), 'InvalidAction')
})
