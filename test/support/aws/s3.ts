import { createHash } from 'node:crypto'
import { isRefused } from './bucket-policy.ts'
import { verifyBody } from './s3-body.ts'
import { failureS3, noSuchBucket, permanentRedirect, refusalS3, wrongSigningRegion } from './s3-errors.ts'
import { listObjects } from './s3-list.ts'
import { checkKey, readPutSettings } from './s3-put.ts'
import { errorXml } from './s3-xml.ts'
import type { Caller, Service } from './service.ts'
import type { AwsState, Bucket, StoredObject } from './state.ts'
import { AwsError } from './wire.ts'
import type { Answer, AwsRequest } from './wire.ts'

export interface S3Options {
  readonly state: AwsState
  /** The region this endpoint stands in; buckets may live in others. */
  readonly region: string
  readonly now: () => number
  /** KMS keys that exist; any does when undefined. */
  readonly kmsKeys: readonly string[] | undefined
}

interface Target {
  readonly bucket: string
  readonly key: string
}

const xml = { 'content-type': 'application/xml' }

/** S3 as far as a sidecar writes to it: objects put whole, read back and listed; no multipart, no versions. */
export function createS3 ({ state, region, now, kmsKeys }: S3Options): Service {
  function openBucket (request: AwsRequest, name: string, caller: Caller): Bucket {
    checkBucketName(name)
    const bucket = state.buckets.get(name)
    if (bucket === undefined) throw noSuchBucket(name)
    if (bucket.region !== caller.region) {
      throw caller.region === region
        ? permanentRedirect(name, bucket.region)
        : wrongSigningRegion(caller.region, bucket.region)
    }
    const owner = request.headers.get('x-amz-expected-bucket-owner')
    if (owner !== undefined && !/^\d{12}$/.test(owner)) {
      throw new AwsError(400, 'InvalidArgument', 'The value specified in the x-amz-expected-bucket-owner header must be an AWS account ID', { breach: 'expected-bucket-owner' })
    }
    if ((owner ?? bucket.ownerId) !== bucket.ownerId) throw new AwsError(403, 'AccessDenied', 'Access Denied')
    checkPolicy(request, bucket)
    return bucket
  }

  function putObject (request: AwsRequest, { bucket: name, key }: Target, caller: Caller): Answer {
    const bucket = openBucket(request, name, caller)
    checkKey(key)
    const { payload, checksums } = verifyBody(request, caller.payload, bucket.objectLock)
    const settings = readPutSettings(request, bucket, kmsKeys)
    checkCondition(request, bucket.objects.has(key))
    // Under KMS an ETag is no MD5 of the object; anything else will do.
    const etagOf = settings.encryption.algorithm === 'AES256' ? payload : Buffer.from(request.id)
    const object: StoredObject = {
      ...settings,
      bucket: name,
      key,
      body: payload,
      etag: `"${createHash('md5').update(etagOf).digest('hex')}"`,
      lastModifiedMs: now(),
      checksums,
      requestId: request.id,
    }
    state.keepObject(object)
    state.keepPut({ bucket: name, key, requestId: request.id, outcome: 'stored', bodyBytes: payload.length })
    return { status: 200, headers: { etag: object.etag, ...aboutChecksums(object), ...aboutEncryption(object) }, body: '' }
  }

  function getObject (request: AwsRequest, { bucket: name, key }: Target, caller: Caller): Answer {
    const bucket = openBucket(request, name, caller)
    if (request.headers.has('range')) throw new AwsError(501, 'NotImplemented', 'The stand-in serves whole objects only')
    const object = bucket.objects.get(key)
    if (object === undefined) throw new AwsError(404, 'NoSuchKey', 'The specified key does not exist.', { details: { Key: key } })
    const asked = request.headers.get('x-amz-checksum-mode') === 'ENABLED'
    return {
      status: 200,
      headers: {
        ...object.headers,
        etag: object.etag,
        'last-modified': new Date(object.lastModifiedMs).toUTCString(),
        'accept-ranges': 'bytes',
        ...(object.storageClass === 'STANDARD' ? {} : { 'x-amz-storage-class': object.storageClass }),
        ...prefixed('x-amz-meta-', object.metadata),
        ...(asked ? aboutChecksums(object) : {}),
        ...aboutEncryption(object),
      },
      body: object.body,
    }
  }

  function createBucket (request: AwsRequest, name: string, caller: Caller): Answer {
    checkBucketName(name)
    const constraint = /<LocationConstraint[^>]*>([^<]*)<\/LocationConstraint>/.exec(request.body.toString())?.[1]
    const wanted = constraint ?? 'us-east-1'
    if (wanted !== caller.region) {
      throw new AwsError(400, 'IllegalLocationConstraintException', `The ${wanted} location constraint is incompatible for the region specific endpoint this request was sent to.`)
    }
    if (state.buckets.has(name)) {
      throw new AwsError(409, 'BucketAlreadyOwnedByYou', 'Your previous request to create the named bucket succeeded and you already own it.')
    }
    const acls = request.headers.get('x-amz-object-ownership') === 'ObjectWriter'
    state.createBucket({ name, region: wanted, ownerId: caller.account.accountId, acls })
    return { status: 200, headers: { location: `/${name}` }, body: '' }
  }

  function perform (operation: string, request: AwsRequest, caller: Caller): Answer {
    const target = targetOf(request)
    switch (operation) {
      case 'PutObject': return putObject(request, target, caller)
      case 'GetObject':
      case 'HeadObject': return getObject(request, target, caller)
      case 'ListObjectsV2': {
        const bucket = openBucket(request, target.bucket, caller)
        return { status: 200, headers: xml, body: listObjects(request, bucket, state.objects(bucket.name)) }
      }
      case 'CreateBucket': return createBucket(request, target.bucket, caller)
      case 'HeadBucket': {
        const bucket = openBucket(request, target.bucket, caller)
        return { status: 200, headers: { 'x-amz-bucket-region': bucket.region }, body: '' }
      }
      default:
        throw new AwsError(501, 'NotImplemented', 'The stand-in does not know this operation of S3', { breach: 'operation' })
    }
  }

  return {
    name: 's3',
    operationOf,
    refusal: refusalS3,
    failure: (fault, _operation, request) =>
      failureS3(fault, targetOf(request).bucket, region === 'eu-west-1' ? 'us-west-2' : 'eu-west-1'),
    answer: (operation, request, caller) => withIds(perform(operation, request, caller), request),
    errorAnswer (error, request) {
      const details = { ...error.details, RequestId: request.id, HostId: hostId(request) }
      const body = errorXml(error.code, error.message, details)
      return withIds({ status: error.status, headers: { ...xml, ...error.headers }, body }, request)
    },
    note (operation, request, outcome) {
      if (operation !== 'PutObject') return
      state.keepPut({ ...targetOf(request), requestId: request.id, outcome, bodyBytes: request.body.length })
    },
  }
}

function operationOf (request: AwsRequest): string {
  const { bucket, key } = targetOf(request)
  const asked = request.query.map(([name]) => name).filter(name => name !== 'x-id')
  if (asked.includes('list-type') && request.method === 'GET' && key === '' && bucket !== '') return 'ListObjectsV2'
  if (asked.length > 0 || bucket === '' || request.headers.has('x-amz-copy-source')) return 'Unsupported'
  const names: Readonly<Record<string, string>> = key === ''
    ? { PUT: 'CreateBucket', HEAD: 'HeadBucket' }
    : { PUT: 'PutObject', GET: 'GetObject', HEAD: 'HeadObject' }
  return names[request.method] ?? 'Unsupported'
}

const actions: Readonly<Record<string, string>> = {
  PutObject: 's3:PutObject',
  GetObject: 's3:GetObject',
  HeadObject: 's3:GetObject',
  ListObjectsV2: 's3:ListBucket',
  HeadBucket: 's3:ListBucket',
}

/** Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html */
function checkPolicy (request: AwsRequest, { name, policy }: Bucket): void {
  if (policy === undefined) return
  const operation = operationOf(request)
  const action = actions[operation] ?? 's3:Unknown'
  const { key } = targetOf(request)
  const resource = `arn:aws:s3:::${name}${key === '' ? '' : `/${key}`}`
  const keys = {
    // The stand-in takes the place of an endpoint with TLS.
    'aws:SecureTransport': 'true',
    's3:if-none-match': request.headers.get('if-none-match'),
    's3:ObjectCreationOperation': operation === 'PutObject' ? 'true' : undefined,
  }
  if (!isRefused(policy, { action, resource, keys })) return
  throw new AwsError(403, 'AccessDenied', `User is not authorized to perform: ${action} on resource: "${resource}" with an explicit deny in a resource-based policy`)
}

/** The bucket from the host name (`bucket.s3.…amazonaws.com`, `bucket.localhost`), otherwise from the path. */
function targetOf (request: AwsRequest): Target {
  const host = (request.headers.get('host') ?? '').replace(/:\d+$/, '')
  const virtual = /^(.+)\.(?:localhost|s3[.-][a-z0-9.-]*amazonaws\.com)$/.exec(host)?.[1]
  const path = decodeURIComponent(request.path.slice(1))
  if (virtual !== undefined) return { bucket: virtual, key: path }
  const slash = path.indexOf('/')
  return slash === -1 ? { bucket: path, key: '' } : { bucket: path.slice(0, slash), key: path.slice(slash + 1) }
}

/** Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
function checkBucketName (name: string): void {
  if (/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) && !name.includes('..') && !/^\d+\.\d+\.\d+\.\d+$/.test(name)) return
  throw new AwsError(400, 'InvalidBucketName', 'The specified bucket is not valid.', { breach: 'bucket-name', details: { BucketName: name } })
}

function checkCondition (request: AwsRequest, exists: boolean): void {
  const condition = request.headers.get('if-none-match')
  if (request.headers.has('if-match') || (condition !== undefined && condition !== '*')) {
    throw new AwsError(501, 'NotImplemented', 'A header you provided implies functionality that is not implemented', { breach: 'if-none-match' })
  }
  if (condition === undefined || !exists) return
  throw new AwsError(412, 'PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', {
    details: { Condition: 'If-None-Match' },
  })
}

function aboutChecksums (object: StoredObject): Record<string, string> {
  return { ...prefixed('x-amz-checksum-', object.checksums), 'x-amz-checksum-type': 'FULL_OBJECT' }
}

function aboutEncryption ({ encryption }: StoredObject): Record<string, string> {
  const name = 'x-amz-server-side-encryption'
  return {
    [name]: encryption.algorithm,
    ...(encryption.kmsKeyId === undefined ? {} : { [`${name}-aws-kms-key-id`]: encryption.kmsKeyId }),
    ...(encryption.bucketKey ? { [`${name}-bucket-key-enabled`]: 'true' } : {}),
  }
}

function prefixed (prefix: string, values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [prefix + name, value]))
}

function withIds (answer: Answer, request: AwsRequest): Answer {
  const ids = { 'x-amz-request-id': request.id, 'x-amz-id-2': hostId(request), server: 'AmazonS3' }
  return { ...answer, headers: { ...answer.headers, ...ids } }
}

function hostId (request: AwsRequest): string {
  return createHash('sha256').update(`host ${request.id}`).digest('base64')
}
