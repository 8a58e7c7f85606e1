import type { Fault } from './faults.ts'
import type { RefusalReason } from './sigv4.ts'
import { AwsError } from './wire.ts'

/**
 * How S3 words a signature that is not good.
 *
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
export function refusalS3 (reason: RefusalReason, found: string): AwsError {
  switch (reason) {
    case 'missing':
      return new AwsError(403, 'AccessDenied', 'Access Denied')
    case 'malformed':
      return new AwsError(400, 'AuthorizationHeaderMalformed', 'The authorization header you provided is invalid.', { breach: 'signature' })
    case 'unknown-key':
      return new AwsError(403, 'InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.', {
        details: { AWSAccessKeyId: found },
      })
    case 'bad-token':
      return new AwsError(400, 'InvalidToken', 'The provided token is malformed or otherwise invalid.')
    case 'expired':
      return new AwsError(400, 'ExpiredToken', 'The provided token has expired.')
    case 'skewed':
      return new AwsError(403, 'RequestTimeTooSkewed', 'The difference between the request time and the current time is too large.', {
        details: { RequestTime: found, MaxAllowedSkewMilliseconds: '900000' },
      })
    case 'wrong-service':
      return new AwsError(400, 'AuthorizationHeaderMalformed', `The authorization header is malformed; incorrect service "${found}". This endpoint belongs to "s3".`, { breach: 'signature' })
    case 'unsigned-headers':
      return new AwsError(403, 'AccessDenied', 'There were headers present in the request which were not signed', {
        details: { HeadersNotSigned: found }, breach: 'signature',
      })
    case 'mismatch':
      return new AwsError(403, 'SignatureDoesNotMatch', 'The request signature we calculated does not match the signature you provided. Check your key and signing method.')
    case 'payload-missing':
      return new AwsError(400, 'InvalidRequest', 'Missing required header for this request: x-amz-content-sha256', { breach: 'signature' })
    case 'payload-unsupported':
      return new AwsError(501, 'NotImplemented', `The stand-in does not know x-amz-content-sha256 ${found}`, { breach: 'signature' })
    case 'payload-mismatch':
      return new AwsError(400, 'XAmzContentSHA256Mismatch', 'The provided \'x-amz-content-sha256\' header does not match what was computed.', {
        details: { ClientComputedContentSHA256: found },
      })
  }
}

/** How S3 words a fault; undefined for those that are not an error answer. */
export function failureS3 (fault: Fault, bucket: string, elsewhere: string): AwsError | undefined {
  switch (fault.mode) {
    case 'throttle':
    case '503':
      return new AwsError(503, 'SlowDown', 'Please reduce your request rate.')
    case '500':
      return new AwsError(500, 'InternalError', 'We encountered an internal error. Please try again.')
    case 'denied':
      return new AwsError(403, 'AccessDenied', 'User is not authorized to perform this action on the resource because no identity-based policy allows it')
    case 'expired':
      return new AwsError(400, 'ExpiredToken', 'The provided token has expired.')
    case 'invalid':
      return new AwsError(400, 'InvalidRequest', 'The request is not valid.')
    case 'missing':
      return noSuchBucket(bucket)
    case 'region':
      return permanentRedirect(bucket, elsewhere)
    case 'kms':
      return new AwsError(400, 'KMS.DisabledException', 'The request was rejected because the specified KMS key is not enabled.')
    case 'conflict':
      return new AwsError(409, 'ConditionalRequestConflict', 'The conditional request cannot succeed due to a conflicting operation against this resource.', {
        details: { Condition: 'If-None-Match' },
      })
    case 'untrue':
      return new AwsError(412, 'PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', {
        details: { Condition: 'If-None-Match' },
      })
    case 'reset':
    case 'hang':
    case 'slow':
    case 'lost':
    case 'cut':
    case 'page':
    case 'rejected':
      return undefined
  }
}

export function noSuchBucket (bucket: string): AwsError {
  return new AwsError(404, 'NoSuchBucket', 'The specified bucket does not exist', { details: { BucketName: bucket } })
}

/** The bucket lives elsewhere and the request was signed for the region of this endpoint. */
export function permanentRedirect (bucket: string, region: string): AwsError {
  return new AwsError(301, 'PermanentRedirect', 'The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.', {
    details: { Endpoint: `${bucket}.s3.${region}.amazonaws.com`, Bucket: bucket },
    headers: { 'x-amz-bucket-region': region },
  })
}

/** The request was signed for a region that is neither that of the bucket nor that of this endpoint. */
export function wrongSigningRegion (signed: string, region: string): AwsError {
  return new AwsError(400, 'AuthorizationHeaderMalformed', `The authorization header is malformed; the region '${signed}' is wrong; expecting '${region}'`, {
    details: { Region: region },
    headers: { 'x-amz-bucket-region': region },
  })
}
