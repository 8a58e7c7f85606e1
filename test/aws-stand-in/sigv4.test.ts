import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { DescribeLogGroupsCommand, PutLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import t from 'tap'
import { createClients, nameOf, startBench, tamper } from '../support/aws/clients.ts'
import type { ClientOptions, Teardown } from '../support/aws/clients.ts'
import { defaultAccount } from '../support/aws/server.ts'
import type { AwsOptions } from '../support/aws/server.ts'
import { verifySignature } from '../support/aws/sigv4.ts'

const object = { Bucket: 'box', Key: 'a b/ü+(1)!*\'.gz', Body: Buffer.from('one line\n') }

async function ask (
  t: Teardown, options: AwsOptions, clientOptions: ClientOptions
): Promise<readonly [s3: string, logs: string]> {
  const { s3, logs } = await startBench(t, options, clientOptions)
  const stored = await nameOf(s3.send(new PutObjectCommand(object)))
  return [stored, await nameOf(logs.send(new DescribeLogGroupsCommand({})))]
}

// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html (GET object, PUT object)
t.test('the signatures of the AWS manual are good, and with one digit changed are not', async t => {
  const account = {
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', accountId: '1',
  }
  const credential = 'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request'
  const nowMs = Date.parse('2013-05-24T00:00:00Z')
  const examples = [{
    method: 'GET',
    path: '/test.txt',
    body: '',
    signature: 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    names: 'host;range;x-amz-content-sha256;x-amz-date',
    headers: {
      range: 'bytes=0-9',
      'x-amz-content-sha256': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    },
  }, {
    method: 'PUT',
    path: '/test%24file.text',
    body: 'Welcome to Amazon S3.',
    signature: '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
    names: 'date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class',
    headers: {
      date: 'Fri, 24 May 2013 00:00:00 GMT',
      'x-amz-storage-class': 'REDUCED_REDUNDANCY',
      'x-amz-content-sha256': '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072',
    },
  }]
  for (const { method, path, body, signature, names, headers } of examples) {
    for (const [sent, kind] of [[signature, 'verified'], [signature.replace(/.$/, 'f'), 'refused']] as const) {
      const request = {
        id: '',
        method,
        path,
        query: [],
        overlong: false,
        body: Buffer.from(body),
        headers: new Map(Object.entries({
          ...headers,
          host: 'examplebucket.s3.amazonaws.com',
          'x-amz-date': '20130524T000000Z',
          authorization: `${credential},SignedHeaders=${names},Signature=${sent}`,
        })),
      }
      t.equal(verifySignature(request, 's3', [account], nowMs).kind, kind, `${method} ${kind}`)
    }
  }
})

t.test('the real clients are let in, whatever their keys look like', async t => {
  t.same(await ask(t, {}, {}), ['ok', 'ok'])
})

t.test('a wrong secret is refused', async t => {
  const credentials = { ...defaultAccount, secretAccessKey: 'another' }
  t.same(await ask(t, {}, { credentials }), ['SignatureDoesNotMatch', 'InvalidSignatureException'])
})

t.test('an unknown key is refused', async t => {
  const credentials = { accessKeyId: 'AKIDNOBODY', secretAccessKey: 'x' }
  t.same(await ask(t, {}, { credentials }), ['InvalidAccessKeyId', 'UnrecognizedClientException'])
})

t.test('a session token is demanded, compared and expires', async t => {
  const account = { ...defaultAccount, sessionToken: 'token' }
  t.same(await ask(t, { accounts: [account] }, { credentials: account }), ['ok', 'ok'])
  t.same(await ask(t, { accounts: [account] }, { credentials: { ...account, sessionToken: 'other' } }),
    ['InvalidToken', 'UnrecognizedClientException'])
  t.same(await ask(t, { accounts: [account] }, {}), ['InvalidToken', 'UnrecognizedClientException'])
  t.same(await ask(t, { accounts: [{ ...account, expiresAtMs: Date.now() - 1 }] }, { credentials: account }),
    ['ExpiredToken', 'ExpiredTokenException'])
})

t.test('a clock off by more than 15 minutes is refused, either way', async t => {
  for (const [minutes, s3, logs] of [
    [16, 'RequestTimeTooSkewed', 'InvalidSignatureException'],
    [-16, 'RequestTimeTooSkewed', 'InvalidSignatureException'],
    [14, 'ok', 'ok'],
  ] as const) {
    t.same(await ask(t, { signingNow: () => Date.now() + minutes * 60_000 }, {}), [s3, logs], `${minutes} min`)
  }
})

t.test('a client that corrects its clock by the Date header gets through at its second attempt', async t => {
  const options = { signingNow: () => Date.now() + 3_600_000 }
  t.same(await ask(t, options, { maxAttempts: 2 }), ['ok', 'ok'])
})

t.test('a body changed on the way is refused by both services and stored by none', async t => {
  const { aws, s3, logs } = await startBench(t)
  const event = { logGroupName: '/app', logStreamName: 's', logEvents: [{ timestamp: Date.now(), message: 'one' }] }
  tamper(s3, 'signed', sent => { sent.body = Buffer.from('two line\n') })
  tamper(logs, 'signed', sent => { sent.body = new TextDecoder().decode(sent.body as Uint8Array).replace('one', 'two') })
  t.equal(await nameOf(s3.send(new PutObjectCommand(object))), 'XAmzContentSHA256Mismatch')
  t.equal(await nameOf(logs.send(new PutLogEventsCommand(event))), 'InvalidSignatureException')
  t.equal(aws.state.objects('box').length, 0)
})

t.test('a header added, a path or a query changed on the way is refused', async t => {
  const { aws } = await startBench(t)
  const changes = {
    AccessDenied: (sent: { headers: Record<string, string> }) => { sent.headers['x-amz-acl'] = 'private' },
    SignatureDoesNotMatch: (sent: { path: string }) => { sent.path += 'x' },
  }
  for (const [name, change] of Object.entries(changes)) {
    const { s3 } = createClients(aws.endpoint)
    t.teardown(() => { s3.destroy() })
    tamper(s3, 'signed', change)
    t.equal(await nameOf(s3.send(new PutObjectCommand(object))), name)
  }
  const { s3 } = createClients(aws.endpoint)
  t.teardown(() => { s3.destroy() })
  tamper(s3, 'signed', sent => { sent.query['extra'] = '1' })
  t.not(await nameOf(s3.send(new GetObjectCommand(object))), 'ok')
})

t.test('a body that is not covered by the signature is taken when it says so', async t => {
  const { aws, s3 } = await startBench(t)
  tamper(s3, 'unsigned', sent => { sent.headers['x-amz-content-sha256'] = 'UNSIGNED-PAYLOAD' })
  t.equal(await nameOf(s3.send(new PutObjectCommand(object))), 'ok')
  t.same(aws.state.object('box', object.Key)?.body, object.Body)
  t.same(aws.state.violations, [])
})

t.test('a request without a signature is refused', async t => {
  const { aws } = await startBench(t)
  const s3 = await fetch(`${aws.endpoint}/box/key`)
  t.equal(s3.status, 403)
  t.match(await s3.text(), '<Code>AccessDenied</Code>')
  const target = 'Logs_20140328.DescribeLogGroups'
  const logs = await fetch(aws.endpoint, { method: 'POST', headers: { 'x-amz-target': target }, body: '{}' })
  t.equal(logs.status, 400)
  t.match(await logs.text(), 'MissingAuthenticationTokenException')
})
