import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import {
  CreateBucketCommand, DeleteObjectCommand, GetObjectCommand, HeadBucketCommand, HeadObjectCommand,
  ListObjectsV2Command, PutObjectCommand, S3Client,
} from '@aws-sdk/client-s3'
import type { PutObjectCommandInput } from '@aws-sdk/client-s3'
import t from 'tap'
import { createClients, nameOf, startBench, tamper } from '../support/aws/clients.ts'
import type { Bench, Outgoing, Teardown } from '../support/aws/clients.ts'
import { defaultAccount } from '../support/aws/server.ts'

const body = Buffer.from('one line\n')
const put = (more: Partial<PutObjectCommandInput> = {}): PutObjectCommand =>
  new PutObjectCommand({ Bucket: 'box', Key: 'key', Body: body, ...more })

/** Sends one put whose request is changed before it is signed, by a client of its own. */
async function putChanged (
  t: Teardown, { aws }: Bench, change: (sent: Outgoing) => void, more: Partial<PutObjectCommandInput> = {}
): Promise<string> {
  const { s3, logs } = createClients(aws.endpoint)
  t.teardown(async () => {
    s3.destroy()
    logs.destroy()
  })
  tamper(s3, 'unsigned', change)
  return nameOf(s3.send(put(more)))
}

t.test('what is put is read back, with all that was said about it', async t => {
  const { aws, s3 } = await startBench(t)
  const key = 'access/dt=2026-11-23/hour=21/a b+ü(1)!.ndjson.gz'
  await s3.send(put({
    Key: key,
    ContentType: 'application/x-ndjson',
    ContentEncoding: 'gzip',
    CacheControl: 'no-store',
    StorageClass: 'STANDARD_IA',
    ServerSideEncryption: 'aws:kms',
    SSEKMSKeyId: 'arn:aws:kms:us-east-1:123456789012:key/k',
    BucketKeyEnabled: true,
    Tagging: 'team=web&class=a%20b',
    ACL: 'bucket-owner-full-control',
    ExpectedBucketOwner: '123456789012',
    Metadata: { records: '1' },
  }))
  const read = await s3.send(new GetObjectCommand({ Bucket: 'box', Key: key, ChecksumMode: 'ENABLED' }))
  t.same(await read.Body?.transformToByteArray(), new Uint8Array(body))
  t.match(read, {
    ContentType: 'application/x-ndjson',
    ContentEncoding: 'gzip',
    CacheControl: 'no-store',
    StorageClass: 'STANDARD_IA',
    ServerSideEncryption: 'aws:kms',
    BucketKeyEnabled: true,
    Metadata: { records: '1' },
  })
  t.match(await s3.send(new HeadObjectCommand({ Bucket: 'box', Key: key })), { ContentLength: 9, ETag: read.ETag })
  t.match(aws.state.object('box', key), {
    body,
    tags: { team: 'web', class: 'a b' },
    acl: 'bucket-owner-full-control',
    expectedBucketOwner: '123456789012',
    encryption: { bucketKey: true },
  })
  t.same(aws.state.violations, [])
})

t.test('If-None-Match stores once, then answers 412; every attempt is remembered', async t => {
  const { aws, s3 } = await startBench(t)
  t.equal(await nameOf(s3.send(put({ IfNoneMatch: '*' }))), 'ok')
  t.equal(await nameOf(s3.send(put({ IfNoneMatch: '*', Body: 'other' }))), 'PreconditionFailed')
  t.same(aws.state.object('box', 'key')?.body, body)
  t.equal(await nameOf(s3.send(put({ Body: 'other' }))), 'ok')
  t.same(aws.state.puts('box', 'key').map(attempt => attempt.outcome), ['stored', 'PreconditionFailed', 'stored'])
  t.same(aws.state.violations, [])
  t.equal(await nameOf(s3.send(put({ IfNoneMatch: '"etag"' }))), 'NotImplemented')
})

t.test('every checksum that the SDK can send is verified', async t => {
  const bench = await startBench(t)
  for (const algorithm of ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const) {
    const more = { Key: algorithm, ChecksumAlgorithm: algorithm }
    t.equal(await nameOf(bench.s3.send(put(more))), 'ok', algorithm)
    t.same(Object.keys(bench.aws.state.object('box', algorithm)?.checksums ?? {}), [algorithm.toLowerCase()])
  }
  t.same(bench.aws.state.violations, [])
  for (const algorithm of ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const) {
    const name = `x-amz-checksum-${algorithm.toLowerCase()}`
    const change = (sent: Outgoing): void => {
      const bytes = Buffer.from(sent.headers[name] ?? '', 'base64')
      bytes.writeUInt8((bytes[0] ?? 0) ^ 1, 0)
      sent.headers[name] = bytes.toString('base64')
    }
    t.equal(await putChanged(t, bench, change, { Key: 'bad', ChecksumAlgorithm: algorithm }), 'BadDigest', algorithm)
  }
  t.equal(bench.aws.state.object('box', 'bad'), undefined)
  t.equal(bench.aws.state.violations.length, 5)
})

t.test('checksum headers that contradict each other or themselves are refused', async t => {
  const bench = await startBench(t)
  const cases: ReadonlyArray<readonly [string, (sent: Outgoing) => void]> = [
    ['InvalidRequest', sent => { sent.headers['x-amz-checksum-sha1'] = 'AAAA' }],
    ['InvalidRequest', sent => { sent.headers['x-amz-checksum-crc32'] = 'AA==' }],
    ['InvalidRequest', sent => { delete sent.headers['x-amz-checksum-crc32'] }],
    ['InvalidRequest', sent => { sent.headers['x-amz-sdk-checksum-algorithm'] = 'SHA1' }],
    ['InvalidDigest', sent => { sent.headers['content-md5'] = 'AAAA' }],
    ['BadDigest', sent => { sent.headers['content-md5'] = 'AAAAAAAAAAAAAAAAAAAAAA==' }],
  ]
  for (const [name, change] of cases) t.equal(await putChanged(t, bench, change), name)
  t.equal(bench.aws.state.objects('box').length, 0)
})

t.test('an aws-chunked stream is stored without its framing, and its trailer is verified', async t => {
  const bench = await startBench(t)
  const { aws, s3 } = bench
  const parts = [Buffer.alloc(70_000, 1), Buffer.alloc(9_000, 2), Buffer.alloc(10, 3)]
  await s3.send(put({ Body: Readable.from(parts), ContentLength: 79_010 }))
  t.same(aws.state.object('box', 'key')?.body, Buffer.concat(parts))
  t.equal(aws.state.object('box', 'key')?.headers['content-encoding'], undefined)
  t.same(aws.state.violations, [])

  const small = { Body: Readable.from([Buffer.alloc(10), Buffer.alloc(20)]), ContentLength: 30 }
  t.equal(await nameOf(s3.send(put(small))), 'InvalidChunkSizeError')
  const chunk = (trailer: string) => (sent: Outgoing): void => {
    sent.body = Buffer.from(`9\r\none line\n\r\n0\r\n${trailer}\r\n`)
    sent.headers = {
      ...sent.headers,
      'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
      'content-encoding': 'aws-chunked',
      'content-length': String(Buffer.byteLength(String(sent.body))),
      'x-amz-decoded-content-length': '9',
      'x-amz-trailer': 'x-amz-checksum-crc32',
    }
    delete sent.headers['x-amz-checksum-crc32']
  }
  const good = aws.state.violations.length
  t.equal(await putChanged(t, bench, chunk(await crcTrailer(bench))), 'ok')
  t.equal(aws.state.violations.length, good)
  t.equal(await putChanged(t, bench, chunk('x-amz-checksum-crc32:AAAAAA==\r\n')), 'BadDigest')
  t.equal(await putChanged(t, bench, chunk('')), 'MalformedTrailerError')
  const short = (sent: Outgoing): void => {
    chunk('x-amz-checksum-crc32:AAAAAA==\r\n')(sent)
    sent.headers['x-amz-decoded-content-length'] = '10'
  }
  t.equal(await putChanged(t, bench, short), 'IncompleteBody')
})

async function crcTrailer ({ s3 }: Bench): Promise<string> {
  const { ChecksumCRC32 } = await s3.send(put({ Key: 'plain' }))
  return `x-amz-checksum-crc32:${ChecksumCRC32}\r\n`
}

t.test('a key of 1,024 bytes is taken, one of 1,025 is not', async t => {
  const { aws, s3 } = await startBench(t)
  t.equal(await nameOf(s3.send(put({ Key: 'ü'.repeat(512) }))), 'ok')
  t.same(aws.state.violations, [])
  t.equal(await nameOf(s3.send(put({ Key: 'ü'.repeat(512) + 'a' }))), 'KeyTooLongError')
  t.match(aws.state.violations, [{ rule: 'key-bytes', operation: 'PutObject' }])
})

t.test('values that S3 does not allow are refused and are violations', async t => {
  const bench = await startBench(t, { kmsKeys: ['known'] })
  const cases: ReadonlyArray<readonly [string, Record<string, string>]> = [
    ['InvalidStorageClass', { 'x-amz-storage-class': 'COLD' }],
    ['InvalidEncryptionAlgorithmError', { 'x-amz-server-side-encryption': 'aes' }],
    ['InvalidArgument', { 'x-amz-server-side-encryption-aws-kms-key-id': 'known' }],
    ['InvalidArgument', { 'x-amz-server-side-encryption-bucket-key-enabled': 'yes' }],
    ['InvalidArgument', { 'x-amz-acl': 'mine' }],
    ['InvalidArgument', { 'x-amz-expected-bucket-owner': 'me' }],
    ['InvalidArgument', { 'content-type': 'ndjson' }],
    ['InvalidTag', { 'x-amz-tagging': 'a=1&a=2' }],
    ['InvalidTag', { 'x-amz-tagging': 'aws:a=1' }],
    ['InvalidArgument', {
      'x-amz-server-side-encryption': 'aws:kms:dsse', 'x-amz-server-side-encryption-bucket-key-enabled': 'true',
    }],
    ['InvalidTag', { 'x-amz-tagging': `${'a'.repeat(129)}=1` }],
    ['BadRequest', { 'x-amz-tagging': Array.from({ length: 11 }, (_, index) => `k${index}=v`).join('&') }],
    ['MetadataTooLarge', { 'x-amz-meta-a': 'b'.repeat(2048) }],
    ['NotImplemented', { 'x-amz-website-redirect-location': '/x' }],
    ['InvalidRequest', { 'content-encoding': 'aws-chunked' }],
  ]
  for (const [name, headers] of cases) {
    const found = await putChanged(t, bench, sent => { Object.assign(sent.headers, headers) })
    t.equal(found, name, JSON.stringify(headers).slice(0, 80))
  }
  t.equal(bench.aws.state.violations.length, cases.length)
  t.equal(await putChanged(t, bench, sent => { sent.headers['x-amz-meta-a'] = 'b'.repeat(2047) }), 'ok')
})

t.test('what only the operator can put right is refused without a violation', async t => {
  const { aws, s3 } = await startBench(t, {
    kmsKeys: ['known'],
    buckets: [
      'box', { name: 'open', acls: true }, { name: 'locked', objectLock: true },
      { name: 'plain', storageClasses: ['STANDARD'] },
    ],
  })
  const kms = { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: 'other' } as const
  t.equal(await nameOf(s3.send(put(kms))), 'KMS.NotFoundException')
  t.equal(await nameOf(s3.send(put({ ACL: 'private' }))), 'AccessControlListNotSupported')
  t.equal(await nameOf(s3.send(put({ ACL: 'private', Bucket: 'open' }))), 'ok')
  t.equal(await nameOf(s3.send(put({ ExpectedBucketOwner: '000000000000' }))), 'AccessDenied')
  t.equal(await nameOf(s3.send(put({ Bucket: 'gone' }))), 'NoSuchBucket')
  t.equal(await nameOf(s3.send(put({ Bucket: 'plain', StorageClass: 'GLACIER' }))), 'InvalidStorageClass')
  t.equal(await nameOf(s3.send(put({ Bucket: 'locked' }))), 'ok')
  const bare = new S3Client({
    endpoint: aws.endpoint,
    region: aws.region,
    credentials: defaultAccount,
    forcePathStyle: true,
    maxAttempts: 1,
    requestChecksumCalculation: 'WHEN_REQUIRED',
  })
  t.teardown(async () => bare.destroy())
  t.equal(await nameOf(bare.send(put({ Bucket: 'locked' }))), 'InvalidRequest')
  const ContentMD5 = createHash('md5').update(body).digest('base64')
  t.equal(await nameOf(bare.send(put({ Bucket: 'locked', ContentMD5 }))), 'ok')
  t.same(aws.state.violations, [])
})

t.test('a bucket of another region answers as S3 does, by what the request was signed for', async t => {
  const { aws, s3 } = await startBench(t, { buckets: [{ name: 'far', region: 'eu-west-1' }] })
  t.equal(await nameOf(s3.send(put({ Bucket: 'far' }))), 'PermanentRedirect')
  for (const [region, name] of [['eu-west-1', 'ok'], ['ap-northeast-1', 'AuthorizationHeaderMalformed']] as const) {
    const clients = createClients(aws.endpoint, { region })
    t.equal(await nameOf(clients.s3.send(put({ Bucket: 'far' }))), name, region)
    clients.s3.destroy()
    clients.logs.destroy()
  }
})

t.test('a put without a length is refused', async t => {
  const bench = await startBench(t)
  const change = (sent: Outgoing): void => {
    sent.headers['x-amz-content-sha256'] = 'UNSIGNED-PAYLOAD'
    sent.headers['transfer-encoding'] = 'chunked'
    delete sent.headers['content-length']
  }
  t.equal(await putChanged(t, bench, change), 'NotImplemented')
  t.match(bench.aws.state.violations, [{ rule: 'transfer-encoding' }])
})

t.test('a body over the limit is refused after it was read, one at the limit is taken', async t => {
  const { s3 } = await startBench(t, { requestBytes: 1000 })
  t.equal(await nameOf(s3.send(put({ Body: Buffer.alloc(1000) }))), 'ok')
  t.equal(await nameOf(s3.send(put({ Body: Buffer.alloc(1001) }))), 'EntityTooLarge')
})

t.test('buckets are created once and found by their names', async t => {
  const { s3 } = await startBench(t)
  t.equal(await nameOf(s3.send(new CreateBucketCommand({ Bucket: 'new' }))), 'ok')
  t.equal(await nameOf(s3.send(new CreateBucketCommand({ Bucket: 'new' }))), 'BucketAlreadyOwnedByYou')
  t.equal(await nameOf(s3.send(new CreateBucketCommand({ Bucket: 'Not_A_Name' }))), 'InvalidBucketName')
  t.equal((await s3.send(new HeadBucketCommand({ Bucket: 'new' }))).BucketRegion, 'us-east-1')
  t.equal(await nameOf(s3.send(new HeadBucketCommand({ Bucket: 'gone' }))), 'NotFound')
  t.equal(await nameOf(s3.send(new HeadObjectCommand({ Bucket: 'new', Key: 'gone' }))), 'NotFound')
  t.equal(await nameOf(s3.send(new GetObjectCommand({ Bucket: 'new', Key: 'gone' }))), 'NoSuchKey')
  t.equal(await nameOf(s3.send(new DeleteObjectCommand({ Bucket: 'new', Key: 'gone' }))), 'NotImplemented')
})

t.test('a listing gives every key once, in order, over any number of pages', async t => {
  const { s3 } = await startBench(t)
  const keys = ['a/1', 'a/2', 'b', 'c/1', 'c/2', 'd&<é'].sort()
  for (const key of keys) await s3.send(put({ Key: key }))
  for (const MaxKeys of [1, 2, 1000]) {
    const found: string[] = []
    const grouped: string[] = []
    const page = async (Delimiter: string, token?: string): Promise<string | undefined> => {
      const asked = { Bucket: 'box', MaxKeys, Delimiter, ...(token === undefined ? {} : { ContinuationToken: token }) }
      const listed = await s3.send(new ListObjectsV2Command(asked))
      const into = Delimiter === '' ? found : grouped
      into.push(...(listed.Contents ?? []).map(object => object.Key ?? ''))
      into.push(...(listed.CommonPrefixes ?? []).map(prefix => prefix.Prefix ?? ''))
      return listed.NextContinuationToken
    }
    for (const delimiter of ['', '/']) {
      let token = await page(delimiter)
      for (let count = 0; token !== undefined && count < 10; count++) token = await page(delimiter, token)
    }
    t.same(found, keys, `${MaxKeys} a page`)
    t.same(grouped.sort(), ['a/', 'b', 'c/', 'd&<é'], `${MaxKeys} a page, grouped`)
  }
  const after = await s3.send(new ListObjectsV2Command({ Bucket: 'box', StartAfter: 'a/2', Prefix: '' }))
  t.same(after.Contents?.map(object => object.Key), keys.slice(2))
})

t.test('the bucket may be in the host name', async t => {
  const { aws, s3 } = await startBench(t)
  tamper(s3, 'unsigned', sent => {
    sent.headers['host'] = 'box.s3.us-east-1.amazonaws.com'
    sent.path = sent.path.replace('/box', '')
  })
  t.equal(await nameOf(s3.send(put())), 'ok')
  t.same(aws.state.object('box', 'key')?.body, body)
})
