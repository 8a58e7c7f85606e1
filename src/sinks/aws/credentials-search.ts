import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe } from 'node:diagnostics_channel'
import { addAbortListener } from 'node:events'
import type { ClientRequest } from 'node:http'
import type { Clock } from '../../contracts/clock.ts'
import { SluiceError } from '../../contracts/errors.ts'
import { commonFailure, credentialsTimeout, credentialsUnread, faultOf, quoted, slow, unavailable } from './errors.ts'

/** Whoever gives credentials takes a moment, and some seconds where a program or STS has to be asked first, ms. */
const patienceMs = 10_000

/** What a request that is made for a search ends with. */
const searches = new AsyncLocalStorage<AbortSignal>()
let isListening = false

/**
 * Waits for the credentials that the next request is signed with. The SDK asks for them once, and all requests of its
 * client wait for that answer: where it never comes they would do so until somebody makes another client.
 *
 * @throws what the SDK throws, or `CredentialsProviderError`; SluiceError `ERR_SINK_UNAVAILABLE` with reason
 * `credentials_timeout`
 */
export async function requireCredentials (
  { credentials }: { readonly credentials: () => Promise<unknown> }, clock: Clock
): Promise<void> {
  const answered = new AbortController()
  const gaveUp = new AbortController()
  const late = clock.sleep(patienceMs, answered.signal).then(() => {
    if (answered.signal.aborted) return
    gaveUp.abort()
    throw credentialsTimeout(patienceMs)
  })
  endRequestsLate()
  try {
    await Promise.race([searches.run(gaveUp.signal, credentials), late])
  } catch (error) {
    throw noCredentials(error)
  } finally {
    answered.abort()
  }
}

/**
 * What a search has failed with. What could not be reached says itself what failed. Anything else must not be taken for
 * an answer of the service that the credentials are for, which may refuse lines for good.
 */
export function noCredentials (error: unknown): unknown {
  const { status, syscall } = faultOf(error)
  if (error instanceof SluiceError) return error
  if (status > 0) return refusedBySts(error)
  if (isOfFile(error)) return credentialsUnread(error)
  if (syscall !== undefined) return error
  return Object.assign(new Error('no credentials', { cause: error }), { name: 'CredentialsProviderError' })
}

/** Of those who give credentials STS answers as AWS does: where AWS's configuration names a role, or a token's file. */
function refusedBySts (error: unknown): SluiceError {
  const fault = faultOf(error)
  const permission = 'sts:AssumeRole or sts:AssumeRoleWithWebIdentity in the trust policy of the role'
  const failure = commonFailure(fault, { service: 'STS', region: '', permission }) ??
    slow('no_credentials', `STS gives no credentials (${fault.name})${quoted(fault.message)}`)
  return unavailable(failure.reason === 'denied' ? { ...failure, reason: 'role_denied' } : failure, error)
}

/** Source: https://nodejs.org/api/errors.html#errorpath */
function isOfFile (error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'path' in error && 'syscall' in error
}

/**
 * Has each search take its requests with it, those that it makes later too: the SDK's own for credentials have no end,
 * and every try would leave a connection open.
 *
 * Source: https://nodejs.org/api/diagnostics_channel.html#http
 */
function endRequestsLate (): void {
  if (isListening) return
  isListening = true
  subscribe('http.client.request.created', message => {
    const { request } = message as { readonly request: ClientRequest }
    const gaveUp = searches.getStore()
    if (gaveUp !== undefined) addAbortListener(gaveUp, () => request.destroy())
  })
}

// Tested in test/sinks/aws/credentials.test.ts
