import type { CloudWatchOptions } from '../../../src/sinks/cloudwatch/sink.ts'
import type { ObjectOptions } from '../../../src/sinks/s3/put-input.ts'

/** The group and the events as they are when nothing is set. */
export const plainEvents = {
  createGroup: false,
  retentionDays: 0,
  groupClass: 'STANDARD',
  groupTags: [],
  kmsKeyId: '',
  entity: { keyAttributes: [], attributes: [] },
} as const satisfies Partial<CloudWatchOptions>

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
