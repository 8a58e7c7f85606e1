import type { Clock } from '../../contracts/clock.ts'
import { SluiceError } from '../../contracts/errors.ts'
import type { Batch, Sink } from '../../contracts/sink.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import type { RequestMetrics } from '../../telemetry/requests.ts'
import { createS3Client, type AwsSettings } from '../aws/client.ts'
import { CredentialsExpiry } from '../aws/credentials.ts'
import { wantsFreshCredentials } from '../aws/errors.ts'
import { extensionOf, type Compression } from '../compression.ts'
import type { Mutex } from '../../contracts/mutex.ts'
import { objectKey } from '../names.ts'
import { isStored, notS3, s3Error } from './errors.ts'
import { createObjectBody } from './object-body.ts'
import { putSettings, type ObjectOptions } from './put-input.ts'

export interface S3Options extends ObjectOptions {
  readonly aws: AwsSettings
  readonly bucket: string
  /** What keys begin with, as in `keyTemplate`; for words only. */
  readonly prefix: string
  readonly keyTemplate: string
  /** Values for the template's placeholders besides the segment's own. */
  readonly values: Readonly<Record<string, string>>
  readonly compression: Compression
  readonly level: number
  /** One compression at a time. */
  readonly mutex: Mutex
  readonly clock: Clock
  readonly metrics: Metrics
  readonly requests: RequestMetrics
}

/**
 * Stores each segment as one object. The key says what is in it, so sending a batch twice stores the same object: the
 * second request finds it there, or writes the same bytes again.
 */
export function createS3Sink (options: S3Options): Sink {
  const { bucket, compression, level, metrics, requests, clock, mutex } = options
  const held = createS3Client(options.aws, { hasChecksum: options.checksum !== 'none' })
  const settings = putSettings(options)
  const expiry = new CredentialsExpiry({ metrics, sink: 's3', clock })
  const prefix = options.prefix.slice(0, options.prefix.lastIndexOf('/') + 1)
  // Loading the SDK keeps the process busy for a while: better before the first log line than between.
  held.warm()

  function errorOf (error: unknown, region: string): SluiceError {
    return s3Error(error, { bucket, prefix, region, object: options })
  }

  async function send ({ segment, records }: Batch, signal: AbortSignal, onRequest: () => void): Promise<void> {
    const key = objectKey(segment, options.keyTemplate, extensionOf[compression], options.values)
    // Ended by the compressions before it, each of which ends with its file. What was given up by then does nothing.
    const body = await mutex.run(async () => {
      signal.throwIfAborted()
      return await createObjectBody(segment.path, compression, level, signal)
    })
    await held.use(async aws => {
      const command = new aws.sdk.PutObjectCommand({ ...settings, Bucket: bucket, Key: key, Body: body })
      onRequest()
      await requests.operation('PutObject', async () => {
        try {
          const answer = await aws.client.send(command, { abortSignal: signal })
          if (answer.ETag === undefined) throw notS3(bucket)
          return { result: undefined }
        } catch (error) {
          if (options.ifNoneMatch && isStored(error)) return { result: undefined, outcome: 'exists' }
          throw errorOf(error, aws.region)
        }
      })
      void expiry.note(aws)
    })
    requests.sent(body.length, records)
  }

  return {
    name: 's3',
    cutting: undefined,
    send: async (batch, signal, onRequest = () => undefined) => {
      try {
        await send(batch, signal, onRequest)
        return []
      } catch (cause) {
        const error = errorOf(cause, options.aws.region)
        if (wantsFreshCredentials(error)) held.forget()
        throw error
      }
    },
    reconnect: () => held.reconnect(),
    close: async () => held.close(),
  }
}
