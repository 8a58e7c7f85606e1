import type { Fault } from './faults.ts'
import type { RefusalReason } from './sigv4.ts'
import { AwsError } from './wire.ts'

/**
 * How CloudWatch Logs words a signature that is not good.
 *
 * Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/CommonErrors.html
 */
export function refusalLogs (reason: RefusalReason, found: string): AwsError {
  switch (reason) {
    case 'missing':
      return new AwsError(400, 'MissingAuthenticationTokenException', 'Missing Authentication Token')
    case 'malformed':
    case 'unsigned-headers':
      return new AwsError(400, 'IncompleteSignatureException', `the signature does not cover or have: ${found}`, { breach: 'signature' })
    case 'unknown-key':
    case 'bad-token':
      return new AwsError(400, 'UnrecognizedClientException', 'The security token included in the request is invalid.')
    case 'expired':
      return new AwsError(400, 'ExpiredTokenException', 'The security token included in the request is expired')
    case 'skewed':
      return new AwsError(400, 'InvalidSignatureException', `Signature expired: ${found} is more than 15 min away from now`)
    case 'wrong-service':
      return new AwsError(400, 'InvalidSignatureException', 'Credential should be scoped to correct service: \'logs\'.', { breach: 'signature' })
    case 'mismatch':
    case 'payload-missing':
    case 'payload-unsupported':
    case 'payload-mismatch':
      return new AwsError(400, 'InvalidSignatureException', 'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.')
  }
}

/** How CloudWatch Logs words a fault; undefined for those that are not an error answer. */
export function failureLogs (fault: Fault, operation: string): AwsError | undefined {
  switch (fault.mode) {
    case 'throttle':
      return new AwsError(400, 'ThrottlingException', 'Rate exceeded')
    case '500':
      return new AwsError(500, 'InternalFailure', 'The request processing has failed because of an unknown error, exception or failure.')
    case '503':
      return new AwsError(503, 'ServiceUnavailableException', 'The service cannot complete the request.')
    case 'denied':
      return new AwsError(400, 'AccessDeniedException', `User is not authorized to perform: logs:${operation} because no identity-based policy allows it`)
    case 'expired':
      return new AwsError(400, 'ExpiredTokenException', 'The security token included in the request is expired')
    case 'invalid':
      return new AwsError(400, 'InvalidParameterException', 'The request is not valid.')
    case 'region':
      return new AwsError(400, 'InvalidSignatureException', 'Credential should be scoped to a valid region.')
    case 'kms':
      return operation === 'CreateLogGroup'
        ? new AwsError(400, 'InvalidParameterException', 'The specified KMS key does not exist or is not allowed to be used with log group')
        : new AwsError(400, 'AccessDeniedException', 'The KMS key of the log group is disabled or its policy does not allow its use')
    case 'missing':
    case 'reset':
    case 'hang':
    case 'slow':
    case 'lost':
    case 'cut':
    case 'page':
    case 'conflict':
    case 'untrue':
    case 'rejected':
      return undefined
  }
}

export function noSuchGroup (): AwsError {
  return new AwsError(400, 'ResourceNotFoundException', 'The specified log group does not exist.')
}

export function noSuchStream (): AwsError {
  return new AwsError(400, 'ResourceNotFoundException', 'The specified log stream does not exist.')
}
