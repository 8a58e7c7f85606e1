import { createServer } from 'node:http'
import type { Server } from 'node:http'
import { receive } from './exchange.ts'
import { createFaults, createRandom } from './faults.ts'
import type { Faults } from './faults.ts'
import { createLogs } from './logs.ts'
import { logsLimits } from './logs-limits.ts'
import { createS3 } from './s3.ts'
import { createSts } from './sts.ts'
import { createRates } from './rates.ts'
import type { Account } from './sigv4.ts'
import { AwsState } from './state.ts'
import type { BucketOptions } from './state.ts'
import { createStore } from './store.ts'

/** Who calls when nothing else is said. */
export const defaultAccount: Account = {
  accessKeyId: 'AKIDSLUICE',
  secretAccessKey: 'a-secret-of-the-stand-in',
  accountId: '123456789012',
}

export interface AwsOptions {
  /** 0, the default, takes any free port. */
  readonly port?: number
  readonly host?: string
  /** The region this endpoint stands in; `us-east-1` when absent. */
  readonly region?: string
  readonly accounts?: readonly Account[]
  readonly buckets?: ReadonlyArray<string | BucketOptions>
  readonly groups?: readonly string[]
  /** KMS keys that exist; any does when absent. */
  readonly kmsKeys?: readonly string[]
  /** A directory to keep copies in for a person to look at; see `createStore`. */
  readonly store?: string
  /** The time that judges log events and dates objects, ms since the epoch. */
  readonly now?: () => number
  /** The time that judges signatures, and the `Date` header; the machine's when absent, as the SDK signs by it. */
  readonly signingNow?: () => number
  /** Seed of the faults that have a rate. */
  readonly seed?: number
  /** Requests a second by operation of Logs, `documentedRates` for one; no limit when absent. */
  readonly rates?: Readonly<Record<string, number>>
  /** Most UTF-8 bytes of one log message; see `logsLimits`. */
  readonly messageBytes?: number
  /** Most bytes of one request body; S3 itself takes 5 GiB, this process would not. */
  readonly requestBytes?: number
}

export interface Aws {
  /** All services answer here. */
  readonly endpoint: string
  readonly region: string
  readonly state: AwsState
  readonly faults: Faults
  /** What a process needs in its environment to call the stand-in with the first account. */
  readonly environment: Readonly<Record<string, string>>
  /** Lets hanging requests go, destroys all connections, and resolves when the port is free. Safe twice. */
  close (): Promise<void>
}

/**
 * Starts a strict stand-in of S3 and CloudWatch Logs, and of STS for who is asking: signatures, checksums and limits
 * are judged as AWS judges them.
 *
 * Resolves when it listens.
 */
export async function startAws (options: AwsOptions = {}): Promise<Aws> {
  const region = options.region ?? 'us-east-1'
  const host = options.host ?? '127.0.0.1'
  const accounts = options.accounts ?? [defaultAccount]
  const account = accounts[0] ?? defaultAccount
  const now = options.now ?? Date.now
  const store = options.store === undefined ? undefined : createStore(options.store)
  const state = new AwsState({ region, ownerId: account.accountId, store })
  const faults = createFaults(createRandom(options.seed ?? 1))
  for (const bucket of options.buckets ?? []) state.createBucket(typeof bucket === 'string' ? { name: bucket } : bucket)
  for (const group of options.groups ?? []) state.createGroup(group, { creationTime: now() })
  const { kmsKeys } = options
  const shared = {
    state,
    faults,
    accounts,
    s3: createS3({ state, region, now, kmsKeys }),
    logs: createLogs({ state, region, now, kmsKeys, messageBytes: options.messageBytes ?? logsLimits.messageBytes }),
    sts: createSts(),
    signingNow: options.signingNow ?? Date.now,
    requestBytes: options.requestBytes ?? 128 * 1_048_576,
    withinRate: createRates(options.rates ?? {}, now),
    timers: new Set<NodeJS.Timeout>(),
  }
  const server = createServer((incoming, outgoing) => { receive(incoming, outgoing, shared) })
  server.on('clientError', (_error, socket) => { socket.destroy() })
  const port = await listen(server, options.port ?? 0, host)
  const endpoint = `http://${host}:${port}`
  let closing: Promise<void> | undefined
  return {
    endpoint,
    region,
    state,
    faults,
    environment: {
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: account.accessKeyId,
      AWS_SECRET_ACCESS_KEY: account.secretAccessKey,
      ...(account.sessionToken === undefined ? {} : { AWS_SESSION_TOKEN: account.sessionToken }),
    },
    close () {
      closing ??= new Promise<void>(resolve => {
        for (const timer of shared.timers) clearTimeout(timer)
        server.close(() => { resolve() })
        server.closeAllConnections()
      })
      return closing
    },
  }
}

function listen (server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}
