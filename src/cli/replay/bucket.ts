import type { Readable } from 'node:stream'
import { createS3Client, type AwsSettings } from '../../sinks/aws/client.ts'
import type { ReplayInput } from './input.ts'
import { readLetter } from './line.ts'

export interface BucketAddress { readonly bucket: string, readonly prefix: string }

/** `s3://bucket/prefix`; undefined for any other text. */
export function parseBucketAddress (text: string): BucketAddress | undefined {
  const [, bucket, prefix = ''] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(text) ?? []
  return bucket === undefined ? undefined : { bucket, prefix }
}

export interface BucketInputs {
  readonly inputs: readonly ReplayInput[]
  close (): void
}

const letterKey = /(?:^|\/)dead-letter\/.*\.ndjson(?:\.gz|\.zst)?$/

/**
 * The dead letters below a prefix of a bucket, in the order of their keys. Other objects were delivered, and are left
 * alone.
 *
 * @throws what the SDK says when the bucket cannot be listed
 */
export async function bucketInputs (aws: AwsSettings, { bucket, prefix }: BucketAddress): Promise<BucketInputs> {
  const held = createS3Client(aws, { hasChecksum: true })
  try {
    const inputs: ReplayInput[] = []
    await held.use(async client => {
      for (let token: string | undefined; ;) {
        const page = await client.client.send(new client.sdk.ListObjectsV2Command({
          Bucket: bucket, Prefix: prefix, ...(token === undefined ? {} : { ContinuationToken: token }),
        }))
        for (const { Key: key = '', Size: bytes = 0 } of page.Contents ?? []) {
          if (!letterKey.test(key)) continue
          inputs.push({
            name: `s3://${bucket}/${key}`,
            bytes,
            deliveredBytes: 0,
            readLine: readLetter,
            open: async () => await held.use(async ({ client, sdk }) => {
              const { Body: body } = await client.send(new sdk.GetObjectCommand({ Bucket: bucket, Key: key }))
              if (body === undefined) throw new Error('expected the bytes of the object, found none')
              return body as Readable
            }),
          })
        }
        token = page.NextContinuationToken
        if (token === undefined) return
      }
    })
    return { inputs, close: () => held.close() }
  } catch (error) {
    held.close()
    throw error
  }
}

// Tested in test/e2e/replay.test.ts
