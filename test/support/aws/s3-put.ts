import type { Bucket, StoredObject } from './state.ts'
import { AwsError } from './wire.ts'
import type { AwsRequest } from './wire.ts'

/** Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html */
const storageClasses = [
  'STANDARD', 'REDUCED_REDUNDANCY', 'STANDARD_IA', 'ONEZONE_IA', 'INTELLIGENT_TIERING', 'GLACIER', 'DEEP_ARCHIVE', 'GLACIER_IR',
]
const cannedAcls = [
  'private', 'public-read', 'public-read-write', 'authenticated-read', 'aws-exec-read', 'bucket-owner-read',
  'bucket-owner-full-control',
]
/** What an object in a bucket without ACLs may still be sent with. */
const ownerAcl = 'bucket-owner-full-control'
const encryptions = ['AES256', 'aws:kms', 'aws:kms:dsse']
const keptHeaders = [
  'content-type', 'content-encoding', 'content-language', 'content-disposition', 'cache-control', 'expires',
]
const known = new Set([
  'x-amz-content-sha256', 'x-amz-date', 'x-amz-security-token', 'x-amz-user-agent', 'x-amz-acl', 'x-amz-storage-class',
  'x-amz-server-side-encryption', 'x-amz-server-side-encryption-aws-kms-key-id',
  'x-amz-server-side-encryption-bucket-key-enabled', 'x-amz-server-side-encryption-context', 'x-amz-tagging',
  'x-amz-expected-bucket-owner', 'x-amz-sdk-checksum-algorithm', 'x-amz-trailer', 'x-amz-decoded-content-length',
])
const maxKeyBytes = 1024
const maxMetadataBytes = 2048

export type PutSettings = Pick<StoredObject, 'headers' | 'metadata' | 'storageClass' | 'acl' | 'tags' | 'encryption' | 'expectedBucketOwner'>

const invalid = (message: string, rule: string, details: Record<string, string> = {}): AwsError =>
  new AwsError(400, 'InvalidArgument', message, { breach: rule, details })

/** @throws AwsError `KeyTooLongError` */
export function checkKey (key: string): void {
  const bytes = Buffer.byteLength(key)
  if (bytes <= maxKeyBytes) return
  throw new AwsError(400, 'KeyTooLongError', 'Your key is too long', {
    breach: 'key-bytes', details: { Size: String(bytes), MaxSizeAllowed: String(maxKeyBytes) },
  })
}

/**
 * Reads what a PutObject says about its object, each value against those that S3 allows.
 *
 * @param kmsKeys keys that exist; any key does when undefined
 * @throws AwsError
 */
export function readPutSettings (
  request: AwsRequest, bucket: Bucket, kmsKeys: readonly string[] | undefined
): PutSettings {
  const { headers } = request
  for (const name of headers.keys()) {
    const family = name.startsWith('x-amz-meta-') || name.startsWith('x-amz-checksum-')
    if (name.startsWith('x-amz-') && !family && !known.has(name)) {
      throw new AwsError(501, 'NotImplemented', 'A header you provided implies functionality that is not implemented', {
        breach: 'unknown-header', details: { Header: name },
      })
    }
  }
  return {
    headers: readKept(headers),
    metadata: readMetadata(headers),
    storageClass: readStorageClass(headers.get('x-amz-storage-class'), bucket),
    acl: readAcl(headers.get('x-amz-acl'), bucket),
    tags: readTags(headers.get('x-amz-tagging')),
    expectedBucketOwner: headers.get('x-amz-expected-bucket-owner'),
    encryption: readEncryption(headers, kmsKeys),
  }
}

function readKept (headers: ReadonlyMap<string, string>): Record<string, string> {
  const kept: Record<string, string> = { 'content-type': 'binary/octet-stream' }
  for (const name of keptHeaders) {
    const value = headers.get(name)
    if (value === undefined) continue
    const codings = value.split(',').map(part => part.trim()).filter(part => part !== 'aws-chunked')
    const stored = name === 'content-encoding' ? codings.join(',') : value
    if (stored !== '') kept[name] = stored
  }
  const contentType = kept['content-type'] ?? ''
  // S3 takes any text here; a sidecar that sends something else than a media type has a bug.
  if (!/^[\w.+-]+\/[\w.+-]+(\s*;.*)?$/.test(contentType)) throw invalid('Content-Type is not a media type', 'content-type')
  return kept
}

function readMetadata (headers: ReadonlyMap<string, string>): Record<string, string> {
  const metadata: Record<string, string> = {}
  let bytes = 0
  for (const [name, value] of headers) {
    if (!name.startsWith('x-amz-meta-')) continue
    const short = name.slice('x-amz-meta-'.length)
    metadata[short] = value
    bytes += Buffer.byteLength(short) + Buffer.byteLength(value)
  }
  if (bytes > maxMetadataBytes) {
    throw new AwsError(400, 'MetadataTooLarge', 'Your metadata headers exceed the maximum allowed metadata size', {
      breach: 'metadata-bytes', details: { Size: String(bytes), MaxSizeAllowed: String(maxMetadataBytes) },
    })
  }
  return metadata
}

function readStorageClass (sent: string | undefined, bucket: Bucket): string {
  if (sent === undefined) return 'STANDARD'
  const isKnown = storageClasses.includes(sent)
  if (isKnown && bucket.storageClasses?.includes(sent) !== false) return sent
  // What a store has is the operator's business, as ACLs are.
  throw new AwsError(400, 'InvalidStorageClass', 'The storage class you specified is not valid', isKnown
    ? {}
    : { breach: 'storage-class' })
}

function readAcl (sent: string | undefined, bucket: Bucket): string | undefined {
  if (sent === undefined) return undefined
  if (!cannedAcls.includes(sent)) throw invalid('', 'acl', { ArgumentName: 'x-amz-acl', ArgumentValue: sent })
  // Not a breach: whether a bucket has ACLs is the operator's business, and the client cannot know.
  if (!bucket.acls && sent !== ownerAcl) {
    throw new AwsError(400, 'AccessControlListNotSupported', 'The bucket does not allow ACLs')
  }
  return sent
}

/** Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html */
function readTags (sent: string | undefined): Record<string, string> {
  const tags: Record<string, string> = {}
  const pairs = [...new URLSearchParams(sent ?? '')]
  for (const [key, value] of pairs) {
    if (key === '' || [...key].length > 128 || [...value].length > 256 || /[^\p{L}\p{Z}\p{N}_.:/=+\-@]/u.test(key + value)) {
      throw new AwsError(400, 'InvalidTag', 'The tag provided was not a valid tag.', { breach: 'tagging' })
    }
    if (/^aws:/i.test(key)) {
      throw new AwsError(400, 'InvalidTag', 'System tags cannot be added/updated by requester', { breach: 'tagging' })
    }
    if (Object.hasOwn(tags, key)) {
      throw new AwsError(400, 'InvalidTag', 'Cannot provide multiple Tags with the same key', { breach: 'tagging' })
    }
    tags[key] = value
  }
  if (pairs.length > 10) throw new AwsError(400, 'BadRequest', 'Object tags cannot be greater than 10', { breach: 'tagging' })
  return tags
}

function readEncryption (
  headers: ReadonlyMap<string, string>, kmsKeys: readonly string[] | undefined
): StoredObject['encryption'] {
  const prefix = 'x-amz-server-side-encryption'
  const algorithm = headers.get(prefix)
  const kmsKeyId = headers.get(`${prefix}-aws-kms-key-id`)
  const bucketKey = headers.get(`${prefix}-bucket-key-enabled`)
  if (algorithm !== undefined && !encryptions.includes(algorithm)) {
    throw new AwsError(400, 'InvalidEncryptionAlgorithmError', 'The encryption request that you specified is not valid. Supported value: AES256.', { breach: 'encryption' })
  }
  if (kmsKeyId !== undefined && !algorithm?.startsWith('aws:kms')) {
    throw invalid('Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms', 'encryption')
  }
  if (bucketKey !== undefined && bucketKey !== 'true' && bucketKey !== 'false') {
    throw invalid('x-amz-server-side-encryption-bucket-key-enabled must be true or false', 'encryption')
  }
  // "Not supported", says the guide, and not how that is answered.
  // Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingDSSEncryption.html
  if (bucketKey !== undefined && algorithm === 'aws:kms:dsse') throw invalid('DSSE-KMS has no bucket key', 'encryption')
  if (kmsKeyId !== undefined && kmsKeys !== undefined && !kmsKeys.includes(kmsKeyId)) {
    throw new AwsError(400, 'KMS.NotFoundException', `Key '${kmsKeyId}' does not exist`)
  }
  return { algorithm: algorithm ?? 'AES256', kmsKeyId, bucketKey: bucketKey === 'true' }
}
