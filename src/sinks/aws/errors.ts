import { diskProblem } from '../../contracts/disk-errors.ts'
import { SluiceError } from '../../contracts/errors.ts'
import { credentialsAdvice, proxyHint, renewal } from './environment-advice.ts'

/**
 * Least pause before the next try of what waiting alone does not mend (a missing permission, bucket or region), ms: an
 * operator has to act, and trying often only costs.
 */
export const slowRetryMs = 15_000

/** What happened, in a word for metrics and in a sentence for people: what to fix, where that is known. */
export interface Failure {
  readonly reason: string
  readonly words: string
  readonly retryAfterMs: number
}

/** What anybody needs to know of an exception of the SDK, or of Node below it. */
export interface AwsFault {
  /** AWS's own name of the error, `ThrottlingException`; Node's code where no answer came, `ECONNRESET`. */
  readonly name: string
  /** HTTP status; 0 when no answer came. */
  readonly status: number
  readonly message: string
  readonly headers: Readonly<Record<string, string>>
  /** What of the system failed: `connect`, before anything was sent. */
  readonly syscall?: string | undefined
}

interface SdkException {
  readonly name?: string
  readonly code?: string
  readonly message?: string
  readonly syscall?: string
  /** Of each address of a name, none of which could be reached. */
  readonly errors?: readonly SdkException[]
  readonly $metadata?: { readonly httpStatusCode?: number }
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> }
}

/** Whoever is in the place of AWS may say names and sentences of megabytes, which words for people would repeat. */
const maxNameLength = 100
const maxMessageLength = 8_192

export function faultOf (error: unknown): AwsFault {
  const thrown = (error ?? {}) as SdkException
  const { name, code, message, syscall, $metadata, $response } = thrown.errors?.[0] ?? thrown
  return {
    // The SDK calls a reset connection a TimeoutError; the code knows better.
    name: ((typeof code === 'string' ? code : name) ?? 'unknown').slice(0, maxNameLength),
    status: $metadata?.httpStatusCode ?? 0,
    message: (message ?? '').slice(0, maxMessageLength),
    headers: $response?.headers ?? {},
    syscall,
  }
}

/**
 * The failures that every AWS service can answer with, and those on the way to it.
 *
 * Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/CommonErrors.html and
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
const reasonOf: ReadonlyMap<string, string> = new Map(Object.entries({
  ...each('throttled', 'ThrottlingException', 'Throttling', 'ThrottledException', 'RequestThrottled',
    'RequestThrottledException', 'RequestLimitExceeded', 'TooManyRequestsException', 'TooManyRequests', 'SlowDown',
    'BandwidthLimitExceeded'),
  ...each('unavailable', 'ServiceUnavailableException', 'ServiceUnavailable', 'InternalFailure', 'InternalError',
    'InternalServerError', 'InternalServerException'),
  ...each('timeout', 'TimeoutError', 'RequestTimeout', 'RequestTimeoutException', 'ETIMEDOUT'),
  ...each('aborted', 'AbortError'),
  ...each('network', 'ECONNRESET', 'ECONNREFUSED', 'ECONNABORTED', 'EPIPE', 'EHOSTUNREACH', 'ENETUNREACH', 'ENETDOWN',
    'EADDRNOTAVAIL', 'ERR_STREAM_PREMATURE_CLOSE'),
  ...each('dns', 'ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL'),
  ...each('too_many_files', 'EMFILE', 'ENFILE'),
  ...each('no_credentials', 'CredentialsProviderError', 'TokenProviderError', 'MissingAuthenticationToken',
    'MissingAuthenticationTokenException', 'MissingSecurityHeader'),
  ...each('credentials_expired', 'ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired', 'RequestExpired'),
  ...each('credentials_invalid', 'UnrecognizedClientException', 'InvalidClientTokenId', 'InvalidAccessKeyId',
    'InvalidToken', 'SignatureDoesNotMatch', 'InvalidSignatureException', 'IncompleteSignature',
    'IncompleteSignatureException', 'AuthFailure', 'InvalidSecurity', 'NotSignedUp'),
  ...each('clock_skew', 'RequestTimeTooSkewed', 'RequestInTheFuture'),
  ...each('denied', 'AccessDeniedException', 'AccessDenied', 'UnauthorizedOperation', 'NotAuthorized',
    'AccountProblem', 'AllAccessDisabled', 'OptInRequired'),
  ...each('not_aws', 'AnswerTooLong'),
}))

/**
 * CloudWatch Logs and STS have no name of their own for a wrong clock. The client corrects itself by the date of the
 * answer; another in its place would begin anew.
 *
 * Source: https://github.com/aws/aws-cli/issues/6676
 */
const skewedSignature = /^Signature (?:expired|not yet current)/

/** Node's codes for a certificate that it does not trust, or a peer that speaks no TLS. Source: node:tls */
const tlsCode = /^(?:CERT_|ERR_TLS_|ERR_SSL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH)|^EPROTO$/

/** What Node's codes begin with for an answer that is no HTTP. Source: https://github.com/nodejs/llhttp */
const noHttpCode = 'HPE_'

/** What the SDK calls an answer that gives no code, or is a page. Source: https://github.com/aws/aws-sdk-js-v3, packages/core */
const codeless = new Set(['Unknown', 'NotFound', 'Error', 'SyntaxError'])

/**
 * No code and no id of the request: that is no answer of AWS but one of a proxy or a portal, whatever its status says.
 */
export function isOfSomebodyElse ({ name, status, headers }: AwsFault): boolean {
  return status > 0 && codeless.has(name) &&
    headers['x-amz-request-id'] === undefined && headers['x-amzn-requestid'] === undefined
}

/** Of those that waiting can mend, or the next request does; the others need somebody. */
const passing = new Set(['throttled', 'unavailable', 'timeout', 'aborted', 'network', 'dns', 'too_many_files', 'clock_skew'])

export interface CommonContext {
  /** `CloudWatch Logs` */
  readonly service: string
  /** Empty when it is not known. */
  readonly region: string
  /** What is missing when it is denied: `logs:PutLogEvents on arn:aws:…`. */
  readonly permission: string
}

/** undefined for an answer that only the service itself can explain. `env` says whether somebody gives credentials. */
export function commonFailure (
  fault: AwsFault, context: CommonContext, env: Readonly<NodeJS.ProcessEnv> = process.env
): Failure | undefined {
  const isSkewed = reasonOf.get(fault.name) === 'credentials_invalid' && skewedSignature.test(fault.message)
  // What came with a good status was not what AWS says; any other says by its status whether it may pass.
  const isNotSaid = fault.name === 'SyntaxError' && fault.status < 300
  const reason = (isSkewed ? 'clock_skew' : isNotSaid ? 'not_aws' : reasonOf.get(fault.name)) ??
    (fault.syscall === 'connect' ? 'network' : undefined) ??
    (tlsCode.test(fault.name) ? 'tls' : undefined) ??
    (fault.name.startsWith(noHttpCode) ? 'not_aws' : undefined) ??
    (fault.status === 429 ? 'throttled' : undefined) ??
    (fault.status >= 500 && fault.status !== 501 ? 'unavailable' : undefined) ??
    (isOfSomebodyElse(fault) ? 'not_aws' : undefined) ??
    (fault.status === 401 || fault.status === 403 ? 'denied' : undefined)
  if (reason === undefined) return undefined
  const leastMs = passing.has(reason) ? 0 : slowRetryMs
  return { reason, words: wordsFor(reason, fault, context, env), retryAfterMs: Math.max(leastMs, retryAfterMs(fault)) }
}

function wordsFor (
  reason: string, fault: AwsFault, { service, region, permission }: CommonContext, env: Readonly<NodeJS.ProcessEnv>
): string {
  const place = region === '' ? service : `${service} in ${region}`
  switch (reason) {
    case 'throttled': return `${place} asks for fewer requests (${fault.name})${throttleAdvice.get(service) ?? ''}`
    case 'unavailable': return `${place} failed inside (${fault.name}, HTTP ${fault.status})`
    case 'timeout': return `no answer from ${place} in time (${fault.name}): if it lasts, ${wayAdvice}${slowHint(fault)}${proxyHint(env)}`
    case 'aborted': return 'the request was cancelled'
    case 'network': return `no connection to ${place} (${systemWords(fault)}): ${wayAdvice}${proxyHint(env)}`
    case 'dns': return `the name of ${place} is not found (${systemWords(fault)}): check region, endpoint and DNS${proxyHint(env)}`
    // Nobody was asked, so that nothing on the way is to be looked at.
    case 'too_many_files': return `no connection to ${place}: ${diskProblem(fault.name, 'dataDir') ?? fault.name}`
    case 'tls': return `no trusted TLS with ${place} (${fault.name}): ${tlsAdvice(fault.name)}`
    case 'no_credentials': return `no credentials for ${place}: ${credentialsAdvice(env)}`
    case 'credentials_expired': return `the credentials for ${place} have expired (${fault.name}): ${renewal(env)}`
    case 'credentials_invalid': return `${place} does not accept the credentials (${fault.name}): check key, secret, ` +
      `region and clock; ${renewal(env)}`
    case 'clock_skew': return `${place} says that the clock of this machine is wrong (${fault.name}): correct it; ` +
      'requests go by the clock of AWS from now on, lines and names of objects do not'
    case 'denied': return `${place} denies access (${fault.name}): ${deniedAdvice(fault, permission)}${quoted(fault.message)}`
    default: return `expected an answer from ${place}, found something else (${fault.name}` +
      `${fault.status === 0 ? '' : `, HTTP ${fault.status}`}): is a proxy in between?`
  }
}

const wayAdvice = 'check the security group, the route to the internet or to a VPC endpoint, and AWS_ENDPOINT_URL where it is set'

/** The client has a name of its own for a connection that takes too long; anything else came after that. */
function slowHint ({ name, syscall }: AwsFault): string {
  return name === 'TimeoutError' || syscall === 'connect' ? '' : ', or raise delivery.requestTimeout where the way is slow'
}

function tlsAdvice (code: string): string {
  return code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID'
    ? 'check the clock of this machine, and the certificate of whoever answers at the endpoint'
    : 'check the endpoint, and for a proxy in between; or set NODE_EXTRA_CA_CERTS'
}

/**
 * The action that AWS names may be another than was asked for, as that of a key is; and where a policy denies it,
 * another that allows it changes nothing.
 *
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
function deniedAdvice ({ message }: AwsFault, permission: string): string {
  const [, action, resource] = /not authorized to perform: ([\w-]+:\w+)(?: on resource: "?([^\s"]+))?/.exec(message) ?? []
  const isOther = action !== undefined && !permission.includes(action)
  const wanted = isOther ? `${action}${resource === undefined ? '' : ` on ${resource}`}` : permission
  return `${message.includes('explicit deny') ? 'end the explicit deny of' : 'allow'} ${wanted}`
}

/** What was asked is in the system's own words: an address or a name. `connect ECONNREFUSED 10.0.0.1:443` */
function systemWords ({ name, message }: AwsFault): string {
  return message.length < 200 && message.includes(name) ? message : name
}

/**
 * What to do where throttling lasts; a while of it ends by itself.
 *
 * Sources: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html and
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html
 */
const throttleAdvice: ReadonlyMap<string, string> = new Map([
  ['CloudWatch Logs', ': if it lasts, ask for a higher quota of PutLogEvents requests per second at Service Quotas, which all that ' +
    'write logs in the account share, or send fewer: storms.divert, a longer events.maxAge'],
  ['S3', ': S3 takes more as a prefix is used; if it lasts, make fewer and larger objects (objects.maxAge), or spread them over ' +
    'more prefixes (objects.key)'],
])

/** A failure that waits for somebody. */
export function slow (reason: string, words: string): Failure {
  return { reason, words, retryAfterMs: slowRetryMs }
}

/** What failed before anything was asked of AWS, for no reason known here: a package missing, a defect of ours. */
export function failureWithoutAnswer (operation: string, { name, message }: AwsFault): Failure {
  return slow('unknown', `${operation} failed on this side (${name}): ${message}`)
}

/**
 * AWS's own sentence, for errors whose words hold names only, never what was sent. It begins with who was refused, and
 * ends with why.
 */
export function quoted (message: string): string {
  const clean = message.replace(/\s+/g, ' ').trim()
  const short = clean.length > 300 ? `${clean.slice(0, 180)} … ${clean.slice(-117)}` : clean
  return short === '' ? '' : `; AWS says: ${short}`
}

/**
 * The pause that an answer asks for, ms; 0 when it asks for none. Never more than five minutes.
 *
 * Source: https://httpwg.org/specs/rfc9110.html#field.retry-after (seconds here: AWS sends no dates)
 */
export function retryAfterMs ({ headers }: AwsFault): number {
  const own = Number(headers['x-amz-retry-after'] ?? Number.NaN)
  const seconds = Number(headers['retry-after'] ?? Number.NaN)
  const askedMs = Number.isFinite(own) ? own : seconds * 1000
  return Number.isFinite(askedMs) && askedMs > 0 ? Math.min(askedMs, 300_000) : 0
}

/** Whoever gives the credentials does not answer. */
export function credentialsTimeout (afterMs: number): SluiceError {
  return unavailable({
    reason: 'credentials_timeout',
    words: `no credentials for AWS within ${afterMs} ms: whoever gives them (on ECS the agent of the task; STS, where a role ` +
      'is assumed) does not answer, and is asked anew',
    retryAfterMs: 0,
  }, undefined)
}

/** A file with a token, which whoever gives the credentials asks for. */
export function credentialsUnread (error: Error): SluiceError {
  return unavailable(slow('no_credentials', `no credentials for AWS: a file that they come with cannot be read (${error.message}): ` +
    'see to it that it is there, or correct AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE or AWS_WEB_IDENTITY_TOKEN_FILE'), undefined)
}

/** Credentials that a service refused, or that never came: another client asks for new ones. */
export function wantsFreshCredentials ({ reason }: SluiceError): boolean {
  return ['credentials_expired', 'credentials_invalid', 'credentials_timeout'].includes(reason)
}

export function unavailable ({ reason, words, retryAfterMs }: Failure, cause: unknown): SluiceError {
  return new SluiceError('ERR_SINK_UNAVAILABLE', words, { reason, retryAfterMs, cause: isFromAnswer(cause) ? undefined : cause })
}

/** How many causes of an error are looked at. */
const maxCauses = 4

/**
 * What was made of an answer is no cause to tell: its message may repeat a line that was sent, or a credential that
 * could not be read. The words have the error's name, and AWS's sentence where that can hold neither.
 */
function isFromAnswer (error: unknown, depth = 0): boolean {
  if (!(error instanceof Error) || depth > maxCauses) return false
  return error instanceof SyntaxError || faultOf(error).status > 0 || isFromAnswer(error.cause, depth + 1)
}

function each (reason: string, ...names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map(name => [name, reason]))
}
