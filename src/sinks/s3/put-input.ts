import type { ObjectCannedACL, PutObjectCommandInput, ServerSideEncryption, StorageClass } from '@aws-sdk/client-s3'
import { pairsOf } from '../aws/client.ts'

/** How objects are stored. `bucket`: nothing is sent, so it is as the bucket has it. */
export interface ObjectOptions {
  readonly contentType: string
  /** Whether an object that is there is left alone, with `If-None-Match: *`; off for stores that do not know it. */
  readonly ifNoneMatch: boolean
  /** Names that AWS adds to are text: one that this version does not know is sent as it is. */
  readonly storageClass: string
  readonly acl: ObjectCannedACL | 'bucket'
  /** `key=value`, within the limits of S3. */
  readonly tags: readonly string[]
  /** The account that the bucket must be of. Empty: any. */
  readonly expectedBucketOwner: string
  readonly encryption: string
  /** KMS key, with an `encryption` by KMS. Empty: that of the account, `aws/s3`. */
  readonly kmsKeyId: string
  /** Whether KMS is asked once for many objects, with `aws:kms`. */
  readonly bucketKey: boolean
  readonly checksum: 'CRC32' | 'CRC32C' | 'CRC64NVME' | 'SHA1' | 'SHA256' | 'none'
}

/** What every object of a sink is sent with: made once. */
export type PutSettings = Omit<PutObjectCommandInput, 'Bucket' | 'Key' | 'Body'>

/**
 * No Content-Encoding: what is stored is a compressed file, and stays one for whoever downloads it.
 *
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
 */
export function putSettings (options: ObjectOptions): PutSettings {
  const { storageClass, acl, tags, expectedBucketOwner, checksum } = options
  return {
    ContentType: options.contentType,
    ...(options.ifNoneMatch ? { IfNoneMatch: '*' } : {}),
    ...(storageClass === 'bucket' ? {} : { StorageClass: storageClass as StorageClass }),
    ...(acl === 'bucket' ? {} : { ACL: acl }),
    ...(tags.length === 0 ? {} : { Tagging: tagging(tags) }),
    ...(expectedBucketOwner === '' ? {} : { ExpectedBucketOwner: expectedBucketOwner }),
    ...encryptionOf(options),
    // CRC32 is what the client sends by itself, unless AWS_REQUEST_CHECKSUM_CALCULATION says that it may not.
    ...(checksum === 'none' || checksum === 'CRC32' ? {} : { ChecksumAlgorithm: checksum }),
  }
}

function encryptionOf ({ encryption, kmsKeyId, bucketKey }: ObjectOptions): PutSettings {
  if (encryption === 'bucket') return {}
  if (encryption === 'AES256') return { ServerSideEncryption: encryption }
  return {
    ServerSideEncryption: encryption as ServerSideEncryption,
    ...(kmsKeyId === '' ? {} : { SSEKMSKeyId: kmsKeyId }),
    // There is no bucket key for two layers. Without a word, the bucket's own default would decide.
    ...(encryption === 'aws:kms' ? { BucketKeyEnabled: bucketKey } : {}),
  }
}

/** As a query, where a space is `%20`: `+` would be read as one. */
function tagging (tags: readonly string[]): string {
  return Object.entries(pairsOf(tags))
    .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`).join('&')
}

// Tested in test/sinks/s3/sink.test.ts
