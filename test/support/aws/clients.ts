import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs'
import { S3Client } from '@aws-sdk/client-s3'
import { defaultAccount, startAws } from './server.ts'
import type { Aws, AwsOptions } from './server.ts'
import type { Account } from './sigv4.ts'

export interface Bench {
  readonly aws: Aws
  readonly s3: S3Client
  readonly logs: CloudWatchLogsClient
}

export interface ClientOptions {
  readonly region?: string
  readonly credentials?: Pick<Account, 'accessKeyId' | 'secretAccessKey' | 'sessionToken'>
  readonly maxAttempts?: number
  readonly requestTimeoutMs?: number
}

/** Real clients that try once, so that every answer is seen. */
export function createClients (endpoint: string, options: ClientOptions = {}): Omit<Bench, 'aws'> {
  const settings = {
    endpoint,
    region: options.region ?? 'us-east-1',
    credentials: options.credentials ?? defaultAccount,
    maxAttempts: options.maxAttempts ?? 1,
    requestHandler: { requestTimeout: options.requestTimeoutMs ?? 300_000, throwOnRequestTimeout: true },
  }
  return { s3: new S3Client({ ...settings, forcePathStyle: true }), logs: new CloudWatchLogsClient(settings) }
}

/** As much of a tap test as is needed here. */
export interface Teardown {
  teardown (handler: () => void | Promise<void>): unknown
}

/** Starts a stand-in with bucket `box` and group `/app`, and ends both with the test. */
export async function startBench (
  t: Teardown, options: AwsOptions = {}, clientOptions: ClientOptions = {}
): Promise<Bench> {
  const aws = await startAws({ buckets: ['box'], groups: ['/app'], ...options })
  const clients = createClients(aws.endpoint, clientOptions)
  t.teardown(async () => {
    clients.s3.destroy()
    clients.logs.destroy()
    await aws.close()
  })
  return { aws, ...clients }
}

/** The name of the error that a promise rejects with, which is how the SDK names AWS errors; `ok` if it does not. */
export async function nameOf (attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt
    return 'ok'
  } catch (error) {
    return error instanceof Error ? error.name : String(error)
  }
}

/** A request as the SDK is about to send it. */
export interface Outgoing {
  path: string
  headers: Record<string, string>
  query: Record<string, string>
  body: unknown
}

/**
 * Changes what a client sends: `unsigned` before the signature is made over it (a client with a mistake), `signed`
 * after (somebody on the way).
 */
export function tamper (
  { middlewareStack }: S3Client | CloudWatchLogsClient, when: 'unsigned' | 'signed', change: (sent: Outgoing) => void
): void {
  // The stacks of the two clients differ in nothing that matters here, but their union cannot be called.
  const stack = middlewareStack as S3Client['middlewareStack']
  const apply = (request: unknown): void => {
    const sent = request as Outgoing
    const before = sent.body
    change(sent)
    // A body of another length under the old one would only keep the server waiting for the rest.
    if (sent.body === before || !(typeof sent.body === 'string' || Buffer.isBuffer(sent.body))) return
    if (when === 'unsigned') sent.headers['content-length'] = String(Buffer.byteLength(sent.body))
  }
  if (when === 'unsigned') {
    stack.add(next => args => {
      apply(args.request)
      return next(args)
    }, { step: 'build', priority: 'low' })
  } else {
    stack.add(next => args => {
      apply(args.request)
      return next(args)
    }, { step: 'deserialize', priority: 'high' })
  }
}
