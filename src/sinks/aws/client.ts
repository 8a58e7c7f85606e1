import { inspect } from 'node:util'
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs'
import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3'
import { SluiceError } from '../../contracts/errors.ts'
import { collectAnswer } from './collect-answer.ts'
import { slowRetryMs } from './errors.ts'
import { HeldClient } from './held-client.ts'
import { isHostOfAws } from './partitions.ts'
import { freshFiles, roleCredentials, type RoleOptions } from './credentials.ts'

/** What both clients are made of. Empty text: as every SDK of AWS finds it. */
export interface AwsSettings extends RoleOptions {
  /** Of this one service. Empty: AWS's own, or what the environment or AWS's configuration file say. */
  readonly endpoint: string
  /** A role to assume with the credentials found. Empty: none. */
  readonly roleArn: string
  readonly connectionTimeoutMs: number
  /** Longest wait for an answer, ms. */
  readonly requestTimeoutMs: number
}

/** The keys and values of a setting's `key=value` items; the first `=` is where the value begins. */
export function pairsOf (items: readonly string[]): Record<string, string> {
  return Object.fromEntries(items.map(item => {
    const at = item.indexOf('=')
    return [item.slice(0, at), item.slice(at + 1)]
  }))
}

type LogsModule = typeof import('./logs-sdk.ts')
type S3Module = typeof import('./s3-sdk.ts')

/** A client with the module that its commands come from. */
export interface AwsClient<Client, Module> {
  readonly client: Client
  readonly sdk: Module
  readonly region: string
  /** Those that the next request is signed with. Whoever gives them may never answer. */
  credentials (): Promise<unknown>
  /** When the credentials in use end, ms since the epoch; undefined when that is not known. Never rejects. */
  expiryMs (): Promise<number | undefined>
  destroy (): void
}

export type LogsClient = AwsClient<CloudWatchLogsClient, LogsModule>

/** Makes the client when it is first used: without it, nothing of the SDK is ever loaded. */
export function createLogsClient (settings: AwsSettings): HeldClient<LogsClient> {
  return new HeldClient(async () => {
    const sdk = await import('./logs-sdk.ts')
    const client = new sdk.CloudWatchLogsClient(await clientConfig(settings))
    return { client, sdk, ...await about(client) }
  })
}

/**
 * As `createLogsClient`. Without `hasChecksum` none is sent, whatever the environment says: there are stores that know
 * none of the headers.
 */
export function createS3Client (
  settings: AwsSettings, { hasChecksum }: { readonly hasChecksum: boolean }
): HeldClient<AwsClient<S3Client, S3Module>> {
  return new HeldClient(async () => {
    const sdk = await import('./s3-sdk.ts')
    const config: S3ClientConfig = {
      ...await clientConfig(settings),
      // Waiting for `100 Continue` costs every larger upload a connection of its own.
      // Source: https://github.com/smithy-lang/smithy-typescript, packages/node-http-handler
      expectContinueHeader: false,
      ...(hasChecksum ? {} : { requestChecksumCalculation: 'WHEN_REQUIRED' as const }),
    }
    const first = new sdk.S3Client(config)
    const endpoint = settings.endpoint === '' ? await first.config.serviceConfiguredEndpoint?.() : settings.endpoint
    // The first has opened no connection, and is let go when it is not wanted.
    const client = hasPathStyle(endpoint) ? new sdk.S3Client({ ...config, forcePathStyle: true }) : first
    return { client, sdk, ...await about(client) }
  })
}

/** A store that is not AWS's seldom answers to a host name for each bucket. */
export function hasPathStyle (endpoint: string | undefined): boolean {
  if (endpoint === undefined || !URL.canParse(endpoint)) return false
  return !isHostOfAws(new URL(endpoint).hostname)
}

/** What a client of any service of AWS is made of. */
export async function clientConfig (settings: AwsSettings) {
  const { region, endpoint, credentials } = settings
  const own = settings.roleArn === '' ? credentials : await roleCredentials(settings.roleArn, settings)
  return {
    ...(region === '' ? {} : { region }),
    ...(endpoint === '' ? {} : { endpoint }),
    ...(own === undefined ? freshFiles : { credentials: own }),
    // Delivery tries again, and counts; the client's own tries would hide from both.
    maxAttempts: 1,
    userAgentAppId: 'sluice',
    streamCollector: collectAnswer,
    requestHandler: {
      connectionTimeout: settings.connectionTimeoutMs,
      requestTimeout: settings.requestTimeoutMs,
      // Without it a timeout is a warning on the console, and the request goes on.
      throwOnRequestTimeout: true,
    },
  }
}

async function about (client: CloudWatchLogsClient | S3Client) {
  await requireUrl(client)
  return {
    region: await regionOf(client),
    credentials: async () => await client.config.credentials(),
    expiryMs: async () => {
      try {
        return (await client.config.credentials()).expiration?.getTime()
      } catch {
        // Whether there are credentials at all is for the next request to find out.
        return undefined
      }
    },
    destroy: () => client.destroy(),
  }
}

/**
 * The client would take `minio:9000` for the scheme of a URL, and ask whatever address comes of the rest.
 *
 * @throws SluiceError `ERR_SINK_UNAVAILABLE` with reason `no_endpoint`
 */
async function requireUrl ({ config }: CloudWatchLogsClient | S3Client): Promise<void> {
  const endpoint = await config.serviceConfiguredEndpoint?.()
  if (endpoint === undefined || /^https?:$/.test(URL.parse(endpoint)?.protocol ?? '')) return
  throw new SluiceError('ERR_SINK_UNAVAILABLE', `expected a URL as the endpoint of AWS (AWS_ENDPOINT_URL), found ${inspect(endpoint)}: ` +
    'write https://host or http://host:port', { reason: 'no_endpoint', retryAfterMs: slowRetryMs })
}

/** @throws SluiceError `ERR_SINK_UNAVAILABLE` with reason `no_region` */
async function regionOf (client: CloudWatchLogsClient | S3Client): Promise<string> {
  try {
    return await client.config.region()
  } catch (error) {
    throw new SluiceError('ERR_SINK_UNAVAILABLE', 'no region for AWS: set AWS_REGION (a task on ECS has it by itself, or by its ARN)',
      { reason: 'no_region', retryAfterMs: slowRetryMs, cause: error })
  }
}

// Tested in test/e2e/aws-client.test.ts
