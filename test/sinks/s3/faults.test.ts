import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { CompressionMutex } from '../../../src/sinks/s3/compression-mutex.ts'
import { withTimeout } from '../../../src/delivery/timeout.ts'
import { s3Error } from '../../../src/sinks/s3/errors.ts'
import type { ObjectOptions } from '../../../src/sinks/s3/put-input.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { awsSettings, errorOf, never, requestCounts, segmentOf, sendAll, startObjectSink, startStandIn } from '../aws/bench.ts'
import { plainObjects } from '../aws/plain-options.ts'

async function startReady (t: Test) {
  t.testdir()
  const aws = await startStandIn(t)
  return { aws, ...startObjectSink(t, aws), segment: segmentOf(t, ['{"precious":true}']) }
}

t.test('no failure is final: each keeps the segment, says what to fix, and ends when the fault does', async t => {
  const cases = [
    { mode: 'throttle', reason: 'throttled', words: /S3 in us-east-1 asks for fewer requests \(SlowDown\): .* fewer and larger objects \(objects\.maxAge\)/, isSlow: false },
    { mode: '500', reason: 'unavailable', words: /InternalError, HTTP 500/, isSlow: false },
    { mode: 'reset', reason: 'network', words: /ECONNRESET/, isSlow: false },
    { mode: 'conflict', reason: 'conflict', words: /another request writes the same object/, isSlow: false },
    { mode: 'denied', reason: 'denied', words: /allow s3:PutObject on arn:aws:s3:::box\/production\/\*/, isSlow: true },
    { mode: 'expired', reason: 'credentials_expired', words: /expired/, isSlow: true },
    { mode: 'invalid', reason: 'refused', words: /InvalidRequest, HTTP 400/, isSlow: true },
    { mode: 'region', reason: 'wrong_region', words: /box is not in us-east-1, S3 says it is in eu-west-1/, isSlow: true },
    { mode: 'kms', reason: 'kms', words: /KMS\.DisabledException.*kms:GenerateDataKey/, isSlow: true },
    { mode: 'missing', reason: 'no_bucket', words: /bucket box does not exist: create it/, isSlow: true },
  ] as const
  for (const { mode, reason, words, isSlow } of cases) {
    const { aws, sink, segment, metrics } = await startReady(t)
    aws.faults.set('s3', { mode, count: 1 })
    const error = await errorOf(sendAll(sink, segment))
    t.match(error, { code: 'ERR_SINK_UNAVAILABLE', reason, message: words }, mode)
    t.equal(error.retryAfterMs >= 15_000, isSlow, `${mode} is tried again slowly: ${isSlow}`)
    t.equal(aws.state.objects('box').length, 0)
    await sendAll(sink, segment)
    t.equal(aws.state.objects('box').length, 1, `${mode} is over`)
    t.same(requestCounts(metrics), { [`PutObject/${reason}`]: 1, 'PutObject/ok': 1 })
    t.same(aws.state.violations, [])
  }
})

t.test('what a proxy answers is told as its own: no permission, region or bucket is missing', async t => {
  t.testdir()
  for (const status of [302, 307, 403, 404, 407]) {
    const server = createServer((request, answer) => {
      request.resume()
      answer.writeHead(status, { 'content-type': 'text/html' }).end('<html><p>no</html>')
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    t.teardown(() => { server.close() })
    const { sink } = startObjectSink(t, { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, region: 'us-east-1' })
    const error = await errorOf(sendAll(sink, segmentOf(t, ['{"precious":true}'])))
    t.match(error, { code: 'ERR_SINK_UNAVAILABLE', reason: 'not_aws', message: /is a proxy in between/ }, `HTTP ${status}`)
  }
})

t.test('an answer that is lost after the object was stored leaves one object', async t => {
  const { aws, sink, segment } = await startReady(t)
  aws.faults.set('s3', { mode: 'lost', count: 1 })
  await t.rejects(sendAll(sink, segment), { code: 'ERR_SINK_UNAVAILABLE', reason: 'network' })
  await sendAll(sink, segment)
  t.same(aws.state.puts('box').map(put => put.outcome), ['stored', 'PreconditionFailed'])
  t.equal(aws.state.objects('box').length, 1)
})

t.test('a request that hangs ends when it is given up, at its timeout, or when the sink is reconnected', async t => {
  const { aws, sink, segment } = await startReady(t)
  aws.faults.set('s3', { mode: 'hang' })
  const giveUp = new AbortController()
  const first = sendAll(sink, segment, giveUp.signal)
  await Promise.race([aws.state.until(() => aws.state.requestCount('PutObject') === 1), first])
  giveUp.abort()
  await t.rejects(first, { code: 'ERR_SINK_UNAVAILABLE', reason: 'aborted' })
  const second = sendAll(sink, segment)
  await Promise.race([aws.state.until(() => aws.state.requestCount('PutObject') === 2), second])
  sink.reconnect()
  await t.rejects(second, { code: 'ERR_SINK_UNAVAILABLE' })
  const impatient = startObjectSink(t, aws, { aws: awsSettings(aws, { requestTimeoutMs: 50 }) })
  await t.rejects(sendAll(impatient.sink, segment), { code: 'ERR_SINK_UNAVAILABLE', reason: 'timeout' })
  aws.faults.clear()
  await sendAll(sink, segment)
  t.equal(aws.state.objects('box').length, 1)
})

t.test('a bucket in another region is told by name, however the region is wrong', async t => {
  t.testdir()
  const aws = await startStandIn(t, { buckets: [{ name: 'box', region: 'ap-northeast-1' }] })
  for (const region of ['us-east-1', 'eu-west-1']) {
    const { sink } = startObjectSink(t, aws, { aws: awsSettings(aws, { region }) })
    const error = await errorOf(sendAll(sink, segmentOf(t, ['{}'])))
    t.match(error, { reason: 'wrong_region', message: /set the region of S3 to ap-northeast-1/ }, region)
  }
  const { sink } = startObjectSink(t, aws, { aws: awsSettings(aws, { region: 'ap-northeast-1' }) })
  await sendAll(sink, segmentOf(t, ['{}']))
  t.equal(aws.state.objects('box').length, 1)
})

t.test('a key of KMS that is not there is told by its name', async t => {
  t.testdir()
  const aws = await startStandIn(t, { kmsKeys: ['key-1'] })
  const { sink } = startObjectSink(t, aws, { encryption: 'aws:kms', kmsKeyId: 'key-2' })
  await t.rejects(sendAll(sink, segmentOf(t, ['{}'])), { reason: 'kms', message: /key key-2 \(KMS\.NotFoundException\)/ })
  aws.faults.set('s3', { mode: 'denied', count: 1 })
  await t.rejects(sendAll(sink, segmentOf(t, ['{}'])),
    { reason: 'denied', message: /s3:PutObject on arn.* and kms:GenerateDataKey on key-2/ })
})

t.test('a setting that does not suit the bucket is told with what to set instead, and keeps the segment', async t => {
  t.testdir()
  const aws = await startStandIn(t, {
    buckets: [{ name: 'box', objectLock: true, storageClasses: ['STANDARD'], ownerId: '000000000001' }],
  })
  const cases: readonly (readonly [Partial<ObjectOptions>, string, RegExp])[] = [
    [{ acl: 'private' }, 'acl', /box has ACLs disabled and does not take private.*set s3\.acl to bucket/],
    [{ tags: ['aws:x=1'] }, 'tags', /does not take the tags of s3\.tags \(InvalidTag\).*System tags/],
    [{ storageClass: 'GLACIER' }, 'storage_class', /does not take storage class GLACIER.*set s3\.storageClass/],
    [{ checksum: 'none' }, 'object_lock', /box has Object Lock.*set s3\.checksum to CRC32/],
    [{ expectedBucketOwner: '000000000002' }, 'denied',
      /allow s3:PutObject on arn:aws:s3:::box\/production\/\*, and see that the bucket is of account 000000000002 \(s3\.expectedBucketOwner\)/],
  ]
  for (const [options, reason, words] of cases) {
    const { sink } = startObjectSink(t, aws, options)
    const error = await errorOf(sendAll(sink, segmentOf(t, ['{}'])))
    t.match(error, { code: 'ERR_SINK_UNAVAILABLE', reason, message: words })
    t.ok(error.retryAfterMs >= 15_000, `${reason} waits for somebody`)
  }
  t.equal(aws.state.objects('box').length, 0)
  await sendAll(startObjectSink(t, aws).sink, segmentOf(t, ['{}']))
  t.equal(aws.state.objects('box').length, 1)
})

t.test('the permission that may be missing is named with what the settings need besides', async t => {
  const { aws, segment } = await startReady(t)
  aws.faults.set('s3', { mode: 'denied' })
  const cases: readonly (readonly [Partial<ObjectOptions>, string])[] = [
    [{ tags: ['team=web'] }, 'allow s3:PutObject, s3:PutObjectTagging on arn:aws:s3:::box/production/*;'],
    [{ acl: 'private' }, 'allow s3:PutObject, s3:PutObjectAcl on arn:aws:s3:::box/production/*;'],
    [{ tags: ['team=web'], acl: 'private', encryption: 'aws:kms', kmsKeyId: 'key-1' },
      'allow s3:PutObject, s3:PutObjectTagging, s3:PutObjectAcl on arn:aws:s3:::box/production/* and kms:GenerateDataKey on key-1;'],
  ]
  for (const [options, words] of cases) {
    const { message } = await errorOf(sendAll(startObjectSink(t, aws, options).sink, segment))
    t.ok(message.includes(words), message)
  }
})

t.test('the permission for an access point is that of its objects, as a policy names them', async t => {
  const said = { name: 'AccessDenied', message: 'no', $metadata: { httpStatusCode: 403 } }
  const ownArn = 'arn:aws:s3:us-west-2:123456789012:accesspoint'
  for (const bucket of [`${ownArn}/logs`, `${ownArn}:logs`]) {
    const { message } = s3Error(said, { bucket, prefix: 'production/a', region: 'us-east-1', object: plainObjects })
    t.ok(message.includes(`allow s3:PutObject on ${ownArn}/logs/object/production/*;`), message)
  }
})

t.test('what only other stores answer, or other keys of KMS, has words too', async t => {
  const words = (name: string, message: string, object: Partial<ObjectOptions> = {}) => {
    const context = { bucket: 'box', prefix: '', region: 'us-east-1', object: { ...plainObjects, ...object } }
    const { reason, message: found } = s3Error({ name, message, $metadata: { httpStatusCode: 400 } }, context)
    return `${reason}: ${found}`
  }
  t.match(words('InvalidRequest', 'Content-MD5 HTTP header is required for Put Object requests with Object Lock parameters'),
    /^object_lock: .*set s3\.checksum to CRC32/)
  t.match(words('InvalidRequest', 'something else'), /^refused: /)
  t.match(words('InvalidBucketName', 'no'), /^no_bucket: no bucket can have the name box: set SLUICE_BUCKET/)
  t.match(words('InvalidEncryptionAlgorithmError', 'no', { encryption: 'aws:kms:dsse' }),
    /^encryption: bucket box does not encrypt by aws:kms:dsse.*set s3\.encryption to bucket/)
  t.match(words('KMS.DisabledException', 'off'), /^kms: .*the default key of bucket box/)
  t.match(words('KMS.DisabledException', 'off', { encryption: 'aws:kms' }), /^kms: .*with key aws\/s3 of the account/)
})

t.test('a store that does not know a header is told with the settings that send one', async t => {
  t.testdir()
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(501, { 'content-type': 'application/xml' })
      .end('<Error><Code>NotImplemented</Code><Message>a header</Message></Error>'))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => { server.close().closeAllConnections() })
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const aws = await startStandIn(t)
  const cases: readonly (readonly [Partial<ObjectOptions>, string])[] = [
    [{}, 'set s3.ifNoneMatch to off or s3.checksum to none; AWS says: a header'],
    [{ ifNoneMatch: false, checksum: 'none' }, 'a header that is sent; AWS says: a header'],
    [{ ifNoneMatch: false, checksum: 'none', acl: 'private', tags: ['a=b'], storageClass: 'STANDARD', encryption: 'aws:kms', expectedBucketOwner: '000000000001' },
      'set s3.acl to bucket or s3.tags to none or s3.storageClass to bucket or s3.encryption to bucket or s3.expectedBucketOwner to nothing;'],
  ]
  for (const [options, words] of cases) {
    const error = await errorOf(sendAll(startObjectSink(t, aws, { ...options, aws: awsSettings(aws, { endpoint }) }).sink, segmentOf(t, ['{}'])))
    t.equal(error.reason, 'not_implemented')
    t.ok(error.message.includes(words), error.message)
  }
})

t.test('a destination that is not there at all is a failure to retry', async t => {
  const { aws, sink, segment } = await startReady(t)
  await aws.close()
  await t.rejects(sendAll(sink, segment), { code: 'ERR_SINK_UNAVAILABLE', reason: 'network', message: /ECONNREFUSED/ })
})

t.test('an object that takes long to compress is stored, as long as that goes on', async t => {
  const { aws, sink } = await startReady(t)
  const clock = new ManualClock()
  const limited = withTimeout({ timeoutMs: 30_000, draining: never, drainingTimeoutMs: 30_000, clock })(sink.send)
  const segment = segmentOf(t, Array.from({ length: 4 }, () => 'x'.repeat(1024 * 1024)), {
    runRead: async read => {
      await clock.advance(14_000)
      return await read()
    },
  })
  await sendAll({ ...sink, send: limited }, segment)
  t.equal(aws.state.objects('box').length, 1)
})

t.test('an object that waits for the compression of another is stored, as long as that goes on', async t => {
  const { aws } = await startReady(t)
  const clock = new ManualClock()
  const mutex = new CompressionMutex()
  const limit = withTimeout({ timeoutMs: 30_000, draining: never, drainingTimeoutMs: 30_000, clock })
  const large = Array.from({ length: 4 }, () => 'x'.repeat(1024 * 1024))
  const slow = segmentOf(t, large, {
    id: 'slow',
    runRead: async read => {
      await clock.advance(14_000)
      return await read()
    },
  })
  await Promise.all([slow, segmentOf(t, large, { id: 'waiting' })].map(async segment => {
    const { sink } = startObjectSink(t, aws, { mutex })
    await sendAll({ ...sink, send: limit(sink.send) }, segment)
  }))
  t.equal(aws.state.objects('box').length, 2)
})
