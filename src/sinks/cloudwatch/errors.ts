import { SluiceError } from '../../contracts/errors.ts'
import { commonFailure, failureWithoutAnswer, faultOf, quoted, slow, unavailable, type AwsFault, type Failure } from '../aws/errors.ts'
import { groupArn } from '../aws/partitions.ts'

export type LogsOperation = 'PutLogEvents' | 'CreateLogStream' | 'CreateLogGroup' | 'PutRetentionPolicy'

export interface LogsContext {
  readonly operation: LogsOperation
  readonly group: string
  /** Empty when it is not known. */
  readonly region: string
  /** What a group that is made is given besides its name. */
  readonly hasTags?: boolean
  readonly kmsKeyId?: string
}

/** Answers which say that the batch itself cannot be stored, by anyone, at any time. */
const refusals = new Set([
  'InvalidParameterException', 'SerializationException', 'ValidationException', 'RequestEntityTooLargeException',
])

/**
 * What an exception of the SDK means: the one place that knows their names. All but a refused batch are to be retried,
 * since nothing that may pass, and nothing unknown, is worth a line.
 *
 * Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html#API_PutLogEvents_Errors
 */
export function logsError (error: unknown, context: LogsContext): SluiceError {
  if (error instanceof SluiceError) return error
  const { operation, group, region } = context
  const fault = faultOf(error)
  // What is too large for a proxy, of whatever words, may come through in halves.
  if (operation === 'PutLogEvents' && (refusals.has(fault.name) || fault.status === 413)) {
    // Without the cause: AWS may repeat in its words what it was sent.
    return new SluiceError('ERR_SINK_REJECTED', `CloudWatch Logs refuses the batch for good (${fault.name})`,
      { reason: 'invalid' })
  }
  const common = commonFailure(fault, { service: 'CloudWatch Logs', region, permission: permissionFor(context) })
  const mayBeKey = operation === 'CreateLogGroup' ? context.kmsKeyId !== '' : common?.reason === 'denied'
  if (mayBeKey && /\bKMS\b/i.test(fault.message)) return unavailable(kmsFailure(fault, context), error)
  if (common !== undefined) return unavailable(common, error)
  switch (fault.name) {
    case 'ResourceNotFoundException':
      return operation === 'PutLogEvents' ? noStream(group, error) : noGroup(group, region, error)
    case 'LimitExceededException':
      return unavailable(slow('limit_exceeded',
        `the account is at its limit for ${operation} (${fault.name}): raise its quota of CloudWatch Logs`), error)
    default:
      if (fault.status === 0) return unavailable(failureWithoutAnswer(operation, fault), error)
      return unavailable(slow('refused',
        `CloudWatch Logs refuses ${operation} for group ${group} (${fault.name}, HTTP ${fault.status})` +
        (operation === 'PutLogEvents' ? '' : quoted(fault.message))), error)
  }
}

/** The group or the stream is not there: which one, the attempt to make the stream will tell. */
export function isMissing (error: SluiceError): boolean {
  return error.reason === 'no_stream' || error.reason === 'no_group'
}

/** Somebody else has made it, or is about to: as good as having made it. */
export function isMadeAlready (error: unknown): boolean {
  return ['ResourceAlreadyExistsException', 'OperationAbortedException'].includes(faultOf(error).name)
}

/** An answer without what CloudWatch Logs always gives came from somebody else, who has not stored anything. */
export function notAws (region: string): SluiceError {
  return unavailable(slow('not_aws',
    `expected an answer from CloudWatch Logs in ${region}, found one without a request id: is a proxy in between?`), undefined)
}

/** It was made, and is not seen yet by all of CloudWatch Logs: soon it will be. */
export function noStream (group: string, cause: unknown): SluiceError {
  const words = `the log stream, or group ${group}, is not there (yet)`
  return unavailable({ reason: 'no_stream', words, retryAfterMs: 0 }, cause)
}

function noGroup (group: string, region: string, cause: unknown): SluiceError {
  return unavailable(slow('no_group', `log group ${group} does not exist in ${region}: create it there, or set ` +
    'cloudwatch.createGroup; where it is in another region, set cloudwatch.region (SLUICE_CLOUDWATCH_REGION) to that'), cause)
}

/** The key is that of the group: the role of whoever writes has no part in it. */
function kmsFailure ({ name, message }: AwsFault, { group, region, kmsKeyId = '' }: LogsContext): Failure {
  return slow('kms', `log group ${group} cannot be encrypted with ${kmsKeyId === '' ? 'its key' : `key ${kmsKeyId}`} (${name}): the ` +
    `key must be there, be symmetric and enabled, and its policy must let CloudWatch Logs of ${region} use it${quoted(message)}`)
}

/** What the role must be allowed to do. */
export function permissionFor ({ operation, group, region, hasTags }: Pick<LogsContext, 'operation' | 'group' | 'region' | 'hasTags'>): string {
  const arn = groupArn(region, group)
  // The one action whose resource has no `:*` behind it.
  // Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_LogGroup.html (logGroupArn)
  const tags = operation === 'CreateLogGroup' && hasTags === true ? ` and logs:TagResource on ${arn}` : ''
  return `logs:${operation} on ${arn}:*${tags}`
}

// Tested in test/sinks/cloudwatch/faults.test.ts
