import { SluiceError } from '../../contracts/errors.ts'
import type { Instruments } from '../../telemetry/instruments.ts'
import type { RequestMetrics } from '../../telemetry/requests.ts'
import { createS3Client, type AwsSettings } from '../aws/client.ts'
import { createExpiryNote } from '../aws/credentials.ts'
import { requireCredentials } from '../aws/credentials-search.ts'
import { wantsFreshCredentials } from '../aws/errors.ts'
import { noteSentWhole } from '../aws/sent-whole.ts'
import type { Attempts } from './attempts.ts'
import { isRefused, isThere, notS3, s3Error, untrue } from './errors.ts'
import { putSettings, type ObjectOptions } from './put-input.ts'

export interface S3ObjectsOptions extends ObjectOptions, Pick<Instruments, 'clock' | 'metrics'> {
  readonly aws: AwsSettings
  readonly bucket: string
  /** What keys begin with; for words only. */
  readonly prefix: string
  readonly requests: RequestMetrics
}

/** The objects of one bucket, as they are stored: one request each, and its error mapping. */
export interface S3Objects {
  /**
   * Stores an object. The key says what is in it: one that is there already is as good as stored, where an earlier
   * request of `attempts` may have stored it.
   *
   * @param onRequest called as the request begins
   * @returns true when nobody reads the body any more: S3 has all of it
   * @throws SluiceError `ERR_SINK_UNAVAILABLE`
   */
  put (key: string, body: Buffer, attempts: Attempts, signal: AbortSignal, onRequest: () => void): Promise<boolean>
  /** Any failure on the way to an object, as `put` throws it. */
  errorOf (error: unknown): SluiceError
  /** Ends what is under way, and the connections. A `put` after it makes others. */
  close (): void
}

export function createS3Objects (options: S3ObjectsOptions): S3Objects {
  const { bucket, prefix, metrics, requests, clock } = options
  const held = createS3Client(options.aws, { hasChecksum: options.checksum !== 'none' })
  const settings = putSettings(options)
  const noteExpiry = createExpiryNote({ metrics, sink: 's3', clock })
  // Loading the SDK keeps the process busy for a while: better before the first log line than between.
  held.warm()

  function errorIn (error: unknown, region: string): SluiceError {
    return s3Error(error, { bucket, prefix, region, object: options })
  }

  async function put (
    key: string, body: Buffer, attempts: Attempts, signal: AbortSignal, onRequest: () => void
  ): Promise<boolean> {
    return await held.use(async aws => {
      const command = new aws.sdk.PutObjectCommand({ ...settings, Bucket: bucket, Key: key, Body: body })
      const isSentWhole = noteSentWhole(command)
      onRequest()
      let attempt: ReturnType<Attempts['begin']> | undefined
      const isStored = await requests.operation('PutObject', async () => {
        try {
          await requireCredentials(aws, clock)
          attempt = attempts.begin()
          const answer = await aws.client.send(command, { abortSignal: signal })
          if (answer.ETag === undefined) throw notS3(bucket)
          return { result: true }
        } catch (error) {
          if (attempt !== undefined && options.ifNoneMatch && isThere(error)) {
            if (attempt.isBelieved()) return { result: false, outcome: 'exists' }
            throw untrue(bucket, key)
          }
          if (isRefused(error)) attempt?.refused()
          throw errorIn(error, aws.region)
        }
      })
      void noteExpiry(aws)
      return isStored && isSentWhole()
    })
  }

  return {
    put: async (key, body, attempts, signal, onRequest) => {
      try {
        return await put(key, body, attempts, signal, onRequest)
      } catch (cause) {
        const error = errorIn(cause, options.aws.region)
        if (wantsFreshCredentials(error)) held.forget()
        throw error
      }
    },
    errorOf: error => errorIn(error, options.aws.region),
    close: () => held.close(),
  }
}

// Tested in test/sinks/s3/sink.test.ts
