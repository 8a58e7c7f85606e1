import { quoted, slow, type AwsFault, type Failure } from '../aws/errors.ts'
import { partitionOf } from '../aws/partitions.ts'
import type { ObjectOptions } from './put-input.ts'

/**
 * What a bucket says to a setting that does not suit it; undefined for any other answer.
 *
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
export function settingFailure (fault: AwsFault, bucket: string, object: ObjectOptions): Failure | undefined {
  const { name, message } = fault
  switch (name) {
    case 'AccessControlListNotSupported':
      return slow('acl', `bucket ${bucket} has ACLs disabled and does not take ${object.acl} (${name}): set s3.acl to bucket`)
    case 'InvalidTag':
      return slow('tags', `S3 does not take the tags of s3.tags (${name}): correct them${quoted(message)}`)
    case 'InvalidStorageClass':
      return slow('storage_class', `bucket ${bucket} does not take storage class ${object.storageClass} (${name}): ` +
        'set s3.storageClass to one that it has, or to bucket')
    case 'InvalidEncryptionAlgorithmError':
      return slow('encryption', `bucket ${bucket} does not encrypt by ${object.encryption} (${name}): set s3.encryption ` +
        `to bucket${quoted(message)}`)
  }
  // The name is that of many refusals: this one is told by its words.
  if (name === 'InvalidRequest' && /object.?lock/i.test(message)) {
    return slow('object_lock', `bucket ${bucket} has Object Lock, which needs a checksum with every object (${name}): ` +
      `set s3.checksum to CRC32${quoted(message)}`)
  }
  return name.startsWith('KMS.') ? kmsFailure(fault, bucket, object) : undefined
}

function kmsFailure ({ name, message }: AwsFault, bucket: string, { encryption, kmsKeyId }: ObjectOptions): Failure {
  const own = encryption === 'bucket' ? `the default key of bucket ${bucket}` : 'key aws/s3 of the account'
  return slow('kms', `KMS does not encrypt with ${kmsKeyId === '' ? own : `key ${kmsKeyId}`} (${name}): the key must be ` +
    `there, be enabled, and allow kms:GenerateDataKey to this role${quoted(message)}`)
}

export interface ObjectsAddress {
  /** Its name; or the ARN of an access point. */
  readonly bucket: string
  /** What keys begin with. */
  readonly prefix: string
  /** Empty when it is not known. */
  readonly region: string
}

/**
 * As a policy names them, up to the last slash of the prefix.
 *
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html
 */
function arnOfObjects ({ bucket, prefix, region }: ObjectsAddress): string {
  const keys = `${prefix.slice(0, prefix.lastIndexOf('/') + 1)}*`
  const [, start, point] = /^(arn:(?:[^:]*:){4})(.*)$/.exec(bucket) ?? []
  // A client may write `accesspoint:NAME`, a policy may not.
  return point === undefined ? `arn:${partitionOf(region)}:s3:::${bucket}/${keys}` : `${start}${point.replaceAll(':', '/')}/object/${keys}`
}

/** What a role must be allowed to do, with what else S3 answers a 403 for. */
export function permissionsFor (address: ObjectsAddress, object: ObjectOptions): string {
  const { acl, tags, kmsKeyId, expectedBucketOwner: owner, ifNoneMatch } = object
  const actions = [
    's3:PutObject',
    ...(tags.length === 0 ? [] : ['s3:PutObjectTagging']),
    ...(acl === 'bucket' ? [] : ['s3:PutObjectAcl']),
  ]
  const kms = kmsKeyId === '' ? '' : ` and kms:GenerateDataKey on ${kmsKeyId}`
  const hint = owner === '' ? '' : `, and see that the bucket is of account ${owner} (s3.expectedBucketOwner)`
  // A bucket's policy can refuse what might replace an object.
  const condition = ifNoneMatch ? '' : ', or set s3.ifNoneMatch to on, which the policy of the bucket may ask for'
  return `${actions.join(', ')} on ${arnOfObjects(address)}${kms}${hint}${condition}`
}

/** The settings that keep a store from being sent what it may not know; empty when it is sent no such thing. */
export function unknownHeaderHint (object: ObjectOptions): string {
  const { ifNoneMatch, checksum, acl, tags, storageClass, encryption, expectedBucketOwner } = object
  const hints = [
    ...(ifNoneMatch ? ['s3.ifNoneMatch to off'] : []),
    ...(checksum === 'none' ? [] : ['s3.checksum to none']),
    ...(acl === 'bucket' ? [] : ['s3.acl to bucket']),
    ...(tags.length === 0 ? [] : ['s3.tags to none']),
    ...(storageClass === 'bucket' ? [] : ['s3.storageClass to bucket']),
    ...(encryption === 'bucket' ? [] : ['s3.encryption to bucket']),
    ...(expectedBucketOwner === '' ? [] : ['s3.expectedBucketOwner to nothing']),
  ]
  return hints.length === 0 ? '' : `: with a store that is not AWS's, set ${hints.join(' or ')}`
}

// Tested in test/sinks/s3/faults.test.ts
