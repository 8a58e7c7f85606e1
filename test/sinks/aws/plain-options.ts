import type { ObjectOptions } from '../../../src/sinks/s3/put-input.ts'

/** Objects as they are stored when nothing is set. */
export const plainObjects: ObjectOptions = {
  contentType: 'application/x-ndjson',
  ifNoneMatch: true,
  storageClass: 'bucket',
  acl: 'bucket',
  tags: [],
  expectedBucketOwner: '',
  encryption: 'bucket',
  kmsKeyId: '',
  bucketKey: true,
  checksum: 'CRC32',
}
