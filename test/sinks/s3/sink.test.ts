import { appendFileSync, rmSync, truncateSync } from 'node:fs'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { CompressionMutex } from '../../../src/sinks/s3/compression-mutex.ts'
import type { ObjectOptions } from '../../../src/sinks/s3/put-input.ts'
import { startAnswering } from '../../support/answering.ts'
import type { StoredObject } from '../../support/aws/state.ts'
import { setEnvironment } from '../../support/environment.ts'
import { sinkContract } from '../../support/sink-contract.ts'
import { awsSettings, requestCounts, segmentOf, sendAll, startObjectSink, startStandIn } from '../aws/bench.ts'

const base = (id: string) => `production/error/dt=2026-11-23/hour=10/task1-${id}.ndjson`

sinkContract(t, 's3', async (t: Test) => {
  t.testdir()
  const aws = await startStandIn(t)
  const { sink } = startObjectSink(t, aws)
  return {
    sink,
    stored: async () => aws.state.objects('box')
      .flatMap(({ body }) => gunzipSync(body).toString().split('\n').slice(0, -1)),
    breakDestination: async () => {
      aws.faults.set('s3', { mode: '503' })
      return async () => aws.faults.clear()
    },
    line: text => JSON.stringify({ text }),
    isIdempotent: true,
  }
})

t.test('each segment becomes one object under its key, as a file to download and not as an encoding', async t => {
  t.testdir()
  const cases = [
    { compression: 'gzip', extension: '.gz', decode: gunzipSync },
    { compression: 'zstd', extension: '.zst', decode: zstdDecompressSync },
    { compression: 'none', extension: '', decode: (bytes: Buffer) => bytes },
  ] as const
  for (const { compression, extension, decode } of cases) {
    const aws = await startStandIn(t)
    const { sink, metrics } = startObjectSink(t, aws, { compression })
    const segment = segmentOf(t, ['{"a":1}', '{"b":2}'])
    t.same(await sendAll(sink, segment), [[]])
    const [object, ...others] = aws.state.objects('box')
    t.same(others, [])
    t.equal(object?.key, `${base(segment.id)}${extension}`)
    t.equal(decode(object?.body ?? Buffer.alloc(0)).toString(), '{"a":1}\n{"b":2}\n')
    t.same(object?.headers, { 'content-type': 'application/x-ndjson' })
    t.match(object, { storageClass: 'STANDARD', encryption: { algorithm: 'AES256', kmsKeyId: undefined } })
    t.same(Object.keys(object?.checksums ?? {}), ['crc32'], 'the client says what it sent')
    t.match([...metrics.series('sluice_sink_sent_bytes_total')], [{ value: object?.body.length }])
    t.match([...metrics.series('sluice_sink_batch_records')], [{ histogram: { sum: 2 } }])
    t.same(aws.state.violations, [])
  }
})

t.test('storage class, content type and KMS key are as set', async t => {
  t.testdir()
  const aws = await startStandIn(t, { kmsKeys: ['key-1'] })
  const { sink } = startObjectSink(t, aws, {
    storageClass: 'STANDARD_IA', contentType: 'application/json', encryption: 'aws:kms', kmsKeyId: 'key-1',
  })
  await sendAll(sink, segmentOf(t, ['{}']))
  t.match(aws.state.objects('box')[0], {
    storageClass: 'STANDARD_IA',
    headers: { 'content-type': 'application/json' },
    encryption: { algorithm: 'aws:kms', kmsKeyId: 'key-1', bucketKey: true },
  })
  t.same(aws.state.violations, [])
})

t.test('tags, ACL and the account that is expected arrive as they are set', async t => {
  t.testdir()
  const aws = await startStandIn(t, { buckets: [{ name: 'box', ownerId: '000000000001', acls: true }] })
  const { sink } = startObjectSink(t, aws, {
    tags: ['team=web', 'cost centre=a+b=c/é', 'empty='], acl: 'bucket-owner-read', expectedBucketOwner: '000000000001',
  })
  await sendAll(sink, segmentOf(t, ['{}']))
  t.match(aws.state.objects('box')[0], {
    tags: { team: 'web', 'cost centre': 'a+b=c/é', empty: '' },
    acl: 'bucket-owner-read',
    expectedBucketOwner: '000000000001',
  })
  t.same(aws.state.violations, [])
})

t.test('each encryption is asked for with what belongs to it, and with nothing else', async t => {
  t.testdir()
  const cases: readonly (readonly [Partial<ObjectOptions>, StoredObject['encryption']])[] = [
    [{}, { algorithm: 'AES256', kmsKeyId: undefined, bucketKey: false }],
    [{ encryption: 'AES256', bucketKey: true }, { algorithm: 'AES256', kmsKeyId: undefined, bucketKey: false }],
    [{ encryption: 'aws:kms' }, { algorithm: 'aws:kms', kmsKeyId: undefined, bucketKey: true }],
    [{ encryption: 'aws:kms', kmsKeyId: 'key-1', bucketKey: false }, { algorithm: 'aws:kms', kmsKeyId: 'key-1', bucketKey: false }],
    [{ encryption: 'aws:kms:dsse', kmsKeyId: 'key-1' }, { algorithm: 'aws:kms:dsse', kmsKeyId: 'key-1', bucketKey: false }],
  ]
  for (const [options, encryption] of cases) {
    const aws = await startStandIn(t, { kmsKeys: ['key-1'] })
    await sendAll(startObjectSink(t, aws, options).sink, segmentOf(t, ['{}']))
    t.same(aws.state.objects('box')[0]?.encryption, encryption, JSON.stringify(options))
    t.same(aws.state.violations, [])
  }
})

t.test('each checksum is the one that was set, and none is none', async t => {
  t.testdir()
  const cases = { CRC32: 'crc32', CRC32C: 'crc32c', CRC64NVME: 'crc64nvme', SHA1: 'sha1', SHA256: 'sha256' } as const
  for (const [checksum, kept] of Object.entries(cases)) {
    const aws = await startStandIn(t)
    const { sink } = startObjectSink(t, aws, { checksum: checksum as keyof typeof cases })
    await sendAll(sink, segmentOf(t, ['{}']))
    t.same(Object.keys(aws.state.objects('box')[0]?.checksums ?? {}), [kept])
    t.same(aws.state.violations, [])
  }
  const strict = await startStandIn(t, { buckets: [{ name: 'box', objectLock: true }] })
  await sendAll(startObjectSink(t, strict).sink, segmentOf(t, ['{}']))
  t.equal(strict.state.objects('box').length, 1, 'a bucket with Object Lock takes what has one')
  const { sink } = startObjectSink(t, strict, { checksum: 'none' })
  await t.rejects(sendAll(sink, segmentOf(t, ['{}'])), { code: 'ERR_SINK_UNAVAILABLE', reason: 'object_lock' })
})

t.test('an object that is there already counts as stored, and is not written again', async t => {
  t.testdir()
  const aws = await startStandIn(t)
  const { sink, metrics } = startObjectSink(t, aws)
  const segment = segmentOf(t, ['{}'])
  for (const attempt of ['first', 'second']) t.same(await sendAll(sink, segment), [[]], attempt)
  t.same(aws.state.puts('box').map(put => put.outcome), ['stored', 'PreconditionFailed'])
  t.same(requestCounts(metrics), { 'PutObject/ok': 1, 'PutObject/exists': 1 })
})

t.test('an object that S3 claims to have, and nobody can have stored, is asked for again, then under another name', async t => {
  t.testdir()
  for (const falseCount of [1, 2, 4]) {
    const aws = await startStandIn(t)
    const { sink, metrics } = startObjectSink(t, aws)
    const segment = segmentOf(t, ['{}'], { id: `s${falseCount}` })
    aws.faults.set('s3', { mode: 'untrue', count: falseCount })
    for (let attempt = 1; attempt <= falseCount; attempt++) {
      await t.rejects(sendAll(sink, segment), { code: 'ERR_SINK_UNAVAILABLE', disposition: 'retry', reason: 'untrue' })
    }
    await sendAll(sink, segment)
    const suffix = falseCount < 2 ? '' : `-${falseCount}`
    t.same(aws.state.objects('box').map(({ key }) => key), [`${base(`s${falseCount}${suffix}`)}.gz`])
    t.same(requestCounts(metrics), { 'PutObject/untrue': falseCount, 'PutObject/ok': 1 })
    t.same(aws.state.violations, [])
  }
})

t.test('what was refused in between makes no object believed; what had no answer does, and so does an earlier process', async t => {
  t.testdir()
  const cases = [
    { before: ['denied', 'invalid'], isBelieved: false },
    { before: ['reset'], isBelieved: true },
    { before: ['500'], isBelieved: true },
    { before: ['denied', 'lost', 'denied'], isBelieved: true },
    { before: ['lost', 'conflict'], isBelieved: true },
    { before: [], mayBeDelivered: true, isBelieved: true },
    { before: ['denied'], mayBeDelivered: true, isBelieved: true },
  ] as const
  for (const [index, { before, isBelieved, ...over }] of cases.entries()) {
    const aws = await startStandIn(t)
    const { sink } = startObjectSink(t, aws)
    const segment = segmentOf(t, ['{}'], { id: `s${index}`, ...over })
    for (const mode of before) {
      aws.faults.set('s3', { mode, count: 1 })
      await t.rejects(sendAll(sink, segment))
    }
    aws.faults.set('s3', { mode: 'untrue', count: 1 })
    if (isBelieved) await sendAll(sink, segment)
    else await t.rejects(sendAll(sink, segment), { code: 'ERR_SINK_UNAVAILABLE', reason: 'untrue' })
  }
})

t.test('a try that had no credentials sent nothing, however they failed to come: it makes no object believed', async t => {
  t.testdir()
  const sts = await startAnswering(t)
  setEnvironment(t, { AWS_ENDPOINT_URL_STS: sts.endpoint })
  const aws = await startAnswering(t)
  aws.say({ status: 412, headers: { 'x-amz-request-id': '1' }, body: '<Error><Code>PreconditionFailed</Code></Error>' })
  const segment = segmentOf(t, ['{}'])
  const { sink } = startObjectSink(t, aws, { aws: awsSettings(aws, { roleArn: 'arn:aws:iam::123456789012:role/logs' }) })
  sts.say({ status: 500 })
  await t.rejects(sendAll(sink, segment), { code: 'ERR_SINK_UNAVAILABLE', reason: 'unavailable' })
  const keys = { AccessKeyId: 'AKID', SecretAccessKey: 'secret', SessionToken: 'token', Expiration: '2099-01-01T00:00:00Z' }
  const members = Object.entries(keys).map(([name, value]) => `<${name}>${value}</${name}>`).join('')
  sts.say({ body: `<AssumeRoleResponse><AssumeRoleResult><Credentials>${members}</Credentials></AssumeRoleResult></AssumeRoleResponse>` })
  await t.rejects(sendAll(sink, segment), { code: 'ERR_SINK_UNAVAILABLE', reason: 'untrue' })
})

t.test('without the condition, for stores that do not know it, the same bytes are written again', async t => {
  t.testdir()
  const aws = await startStandIn(t)
  const { sink } = startObjectSink(t, aws, { ifNoneMatch: false })
  const segment = segmentOf(t, ['{}'])
  for (const attempt of ['first', 'second']) t.same(await sendAll(sink, segment), [[]], attempt)
  t.same(aws.state.puts('box').map(put => put.outcome), ['stored', 'stored'])
  t.equal(aws.state.objects('box').length, 1)
})

t.test('of a segment whose file was changed, its records are stored or nothing is', async t => {
  t.testdir()
  const lines = Array.from({ length: 9_000 }, (_, n) => `{"n":${n}}`)
  const cases = [
    { compression: 'gzip', level: 1, decode: gunzipSync },
    { compression: 'gzip', level: 9, decode: gunzipSync },
    { compression: 'zstd', level: 1, decode: zstdDecompressSync },
    { compression: 'none', level: 1, decode: (bytes: Buffer) => bytes },
  ] as const
  for (const { decode, ...options } of cases) {
    for (const count of [2, lines.length]) {
      const aws = await startStandIn(t)
      const { sink } = startObjectSink(t, aws, options)
      const longer = segmentOf(t, lines.slice(0, count))
      appendFileSync(longer.path, 'of somebody else\n')
      await sendAll(sink, longer)
      const [object] = aws.state.objects('box')
      t.equal(decode(object?.body ?? Buffer.alloc(0)).toString(), lines.slice(0, count).map(line => `${line}\n`).join(''))
      const cut = segmentOf(t, lines.slice(0, count), { id: `2026112310-${'cd'.repeat(16)}-1-${count}-00000000` })
      truncateSync(cut.path, cut.bytes - 8)
      await t.rejects(sendAll(sink, cut), { code: 'ERR_SPOOL_READ', message: /^segment ends at byte/ })
      t.equal(aws.state.objects('box').length, 1)
    }
  }
})

t.test('one segment is compressed at a time in the whole process, and a failure lets the next through', async t => {
  t.testdir()
  const aws = await startStandIn(t)
  const mutex = new CompressionMutex()
  const [first, second] = [startObjectSink(t, aws, { mutex }).sink, startObjectSink(t, aws, { mutex }).sink]
  const gone = segmentOf(t, ['{}'], { id: 'gone' })
  rmSync(gone.path)
  const failing = sendAll(first, gone)
  const going = sendAll(second, segmentOf(t, ['{}'], { id: 'there' }))
  await t.rejects(failing, { code: 'ERR_SPOOL_READ', disposition: 'retry' })
  await going
  t.same(aws.state.objects('box').map(({ key }) => key), [`${base('there')}.gz`])
})
