import type { fromTemporaryCredentials } from '@aws-sdk/credential-providers'
import { SluiceError } from '../../contracts/errors.ts'
import type { Instruments } from '../../telemetry/instruments.ts'
import { collectAnswer } from './collect-answer.ts'
import { noCredentials } from './credentials-search.ts'
import { commonFailure, failureWithoutAnswer, faultOf, quoted, slow, unavailable } from './errors.ts'
import { renewalMs, renewedInTime } from './renewed-in-time.ts'

type RoleProvider = ReturnType<typeof fromTemporaryCredentials>

/**
 * Has the SDK read the shared files anew each time it looks for credentials: it would otherwise keep, as long as the
 * process lives, what it read first, and a file that was not there then would never be found. It asks seldom: when it
 * has none, or when those that it has end. The types of a client do not know it, its default provider does.
 *
 * Source: https://github.com/aws/aws-sdk-js-v3, packages/credential-provider-node and @smithy/core/config
 */
export const freshFiles = { ignoreCache: true } as const

export interface RoleOptions {
  readonly region: string
  /** What the role's trust policy asks for. Empty: nothing. */
  readonly externalId: string
  /** How the role's sessions are named in CloudTrail: the task, for one. */
  readonly sessionName: string
  /** undefined: as every SDK of AWS finds them. */
  readonly credentials?: { readonly accessKeyId: string, readonly secretAccessKey: string } | undefined
}

/**
 * Credentials of a role, taken with those given or found, and again before they end.
 *
 * The provider throws SluiceError `ERR_SINK_UNAVAILABLE` with reason `role_denied` when the role is refused, so that
 * it is not taken for a refusal by the service that the credentials are for.
 */
export async function roleCredentials (roleArn: string, options: RoleOptions): Promise<RoleProvider> {
  const { fromNodeProviderChain, fromTemporaryCredentials } = await import('@aws-sdk/credential-providers')
  const { region, externalId, credentials } = options
  const find = fromNodeProviderChain(freshFiles)
  const provide = fromTemporaryCredentials({
    params: {
      RoleArn: roleArn,
      RoleSessionName: sessionName(options.sessionName),
      ...(externalId === '' ? {} : { ExternalId: externalId }),
    },
    masterCredentials: credentials ?? (async properties => {
      try {
        return await find(properties)
      } catch (error) {
        throw noCredentials(error)
      }
    }),
    clientConfig: { maxAttempts: 1, streamCollector: collectAnswer, ...(region === '' ? {} : { region }) },
  })
  const renewed = renewedInTime(provide)
  return async identityProperties => {
    try {
      return await renewed(identityProperties)
    } catch (error) {
      throw roleError(error, roleArn, options)
    }
  }
}

function roleError (error: unknown, roleArn: string, { region, externalId }: RoleOptions): SluiceError {
  if (error instanceof SluiceError) return error
  const fault = faultOf(error)
  if (withoutKeys.test(fault.message)) {
    return unavailable(slow('not_aws', 'expected the keys of a role from STS, found none in the answer: is a proxy in between?'), error)
  }
  const permission = `sts:AssumeRole on ${roleArn} to the task's role, and the task's role in the trust policy of it` +
    (externalId === '' ? '' : ', with the external id of aws.externalId')
  const failure = commonFailure(fault, { service: 'STS', region, permission }) ??
    (fault.status === 0
      ? failureWithoutAnswer('AssumeRole', fault)
      : slow('denied', `STS does not give the role ${roleArn} (${fault.name})${quoted(fault.message)}`))
  return unavailable(failure.reason === 'denied' ? { ...failure, reason: 'role_denied' } : failure, error)
}

/** What the SDK says of it. Source: https://github.com/aws/aws-sdk-js-v3, packages/credential-providers */
const withoutKeys = /^Invalid response from STS/

/** Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html, 2 to 64 of `[\w+=,.@-]` */
function sessionName (name: string): string {
  return name.replace(/[^\w+=,.@-]/g, '_').slice(0, 64)
}

/** How often the credentials of a client that sends nothing are asked for then, ms. */
const askAgainMs = 60_000

interface Credentialed { readonly expiryMs: () => Promise<number | undefined> }

/**
 * Tells metrics when the credentials of a sink end, once that is known: of all its clients, of the one used last.
 *
 * @returns what asks the client in use; the series begins when there is an end. Never rejects
 */
export function createExpiryNote (
  { metrics, sink, clock }: Pick<Instruments, 'metrics' | 'clock'> & { readonly sink: string }
): (client: Credentialed) => Promise<void> {
  let askedMs = 0
  const note = async (client: Credentialed): Promise<void> => {
    askedMs = clock.monotonicMs()
    const endMs = await client.expiryMs()
    if (endMs === undefined) return
    metrics.gauge('sluice_credentials_expiry_seconds', [sink], () => {
      // AWS says a time of day, so the time left is told by the wall clock.
      const leftMs = endMs - clock.wallMs()
      // While no line comes nobody else asks, and they would seem to end.
      if (leftMs < renewalMs && clock.monotonicMs() - askedMs >= askAgainMs) void note(client)
      return leftMs / 1000
    })
  }
  return note
}
