import type { PutObjectCommandInput, StorageClass } from '@aws-sdk/client-s3'
import type { Clock } from '../../clock.ts'
import { SluiceError } from '../../errors.ts'
import type { Batch, Sink } from '../../send.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import { createS3Client, type AwsSettings } from '../aws/client.ts'
import { wantsFreshCredentials } from '../aws/errors.ts'
import { Requests } from '../aws/requests.ts'
import { extensionOf, type Compression } from '../compression.ts'
import type { Gate } from '../gate.ts'
import { objectKey } from '../object-key.ts'
import { isStored, notS3, s3Error } from './errors.ts'
import { createObjectBody } from './object-body.ts'

export interface S3Options {
  readonly aws: AwsSettings
  readonly bucket: string
  /** What keys begin with, as in `keyTemplate`; for words only. */
  readonly prefix: string
  readonly keyTemplate: string
  /** Values for the template's placeholders besides the segment's own. */
  readonly values: Readonly<Record<string, string>>
  readonly compression: Compression
  readonly level: number
  readonly contentType: string
  /** Whether an object that is there is left alone, with `If-None-Match: *`; off for stores that do not know it. */
  readonly ifNoneMatch: boolean
  /** Empty: that of the bucket. */
  readonly storageClass: StorageClass | ''
  /** KMS key to encrypt with, under a key of the bucket's own. Empty: as the bucket has it. */
  readonly kmsKeyId: string
  /** One compression at a time in the whole process. */
  readonly gate: Gate
  readonly clock: Clock
  readonly metrics: Metrics
}

/**
 * Stores each segment as one object. The key says what is in it, so sending a batch twice stores the same object: the
 * second request finds it there, or writes the same bytes again.
 */
export function createS3Sink (options: S3Options): Sink {
  const { bucket, compression, level, metrics, clock, gate } = options
  const held = createS3Client(options.aws)
  const requests = new Requests({ metrics, sink: 's3', clock })
  const prefix = options.prefix.slice(0, options.prefix.lastIndexOf('/') + 1)
  // Loading the SDK keeps the process busy for a while: better before the first log line than between.
  held.warm()

  function errorOf (error: unknown, region: string): SluiceError {
    return s3Error(error, { bucket, prefix, region, kmsKeyId: options.kmsKeyId })
  }

  async function send ({ segment, records }: Batch, signal: AbortSignal): Promise<void> {
    const key = objectKey(segment, options.keyTemplate, extensionOf[compression], options.values)
    const body = await gate.through(() => createObjectBody(segment.path, compression, level, signal))
    await held.use(async aws => {
      const command = new aws.sdk.PutObjectCommand(inputFor(options, key, body))
      await requests.run('PutObject', async () => {
        try {
          const answer = await aws.client.send(command, { abortSignal: signal })
          if (answer.ETag === undefined) throw notS3(bucket)
          return { result: undefined }
        } catch (error) {
          if (options.ifNoneMatch && isStored(error)) return { result: undefined, outcome: 'exists' }
          throw errorOf(error, aws.region)
        }
      })
      void requests.noteExpiry(aws)
    })
    requests.sent(body.length, records)
  }

  return {
    name: 's3',
    cutting: undefined,
    send: async (batch, signal) => {
      try {
        await send(batch, signal)
        return []
      } catch (cause) {
        const error = errorOf(cause, options.aws.region)
        if (wantsFreshCredentials(error)) held.forget()
        throw error
      }
    },
    rebuild: () => held.rebuild(),
    close: async () => held.close(),
  }
}

/** No Content-Encoding: what is stored is a compressed file, and stays one for whoever downloads it. */
function inputFor (options: S3Options, key: string, body: Buffer): PutObjectCommandInput {
  const { bucket, contentType, ifNoneMatch, storageClass, kmsKeyId } = options
  return {
    Bucket: bucket,
    Key: key,
    Body: body,
    ContentType: contentType,
    ...(ifNoneMatch ? { IfNoneMatch: '*' } : {}),
    ...(storageClass === '' ? {} : { StorageClass: storageClass }),
    ...(kmsKeyId === '' ? {} : { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: kmsKeyId, BucketKeyEnabled: true }),
  }
}
