import { SluiceError } from '../../contracts/errors.ts'
import { commonFailure, failureWithoutAnswer, faultOf, isOfSomebodyElse, quoted, slow, unavailable, type AwsFault, type Failure } from '../aws/errors.ts'
import type { ObjectOptions } from './put-input.ts'
import { permissionsFor, settingFailure, unknownHeaderHint, type ObjectsAddress } from './setting-errors.ts'

export interface S3Context extends ObjectsAddress {
  readonly object: ObjectOptions
}

/** What S3 puts beside the message of some errors. */
interface Details {
  readonly Region?: unknown
  readonly Endpoint?: unknown
}

const wrongRegion = new Set([
  'PermanentRedirect', 'TemporaryRedirect', 'AuthorizationHeaderMalformed', 'IllegalLocationConstraintException',
])
/** The body did not arrive as it was sent. */
const damaged = new Set(['BadDigest', 'IncompleteBody', 'InvalidDigest', 'XAmzContentSHA256Mismatch'])

/**
 * What an exception of the SDK means: the one place that knows their names. No error is final: a segment waits in the
 * spool until somebody has mended what was wrong.
 *
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
export function s3Error (error: unknown, context: S3Context): SluiceError {
  if (error instanceof SluiceError) return error
  const fault = faultOf(error)
  return unavailable(ownFailure(error, fault, context) ?? common(fault, context) ?? otherFailure(fault, context), error)
}

/** S3 says that the object is there. */
export function isThere (error: unknown): boolean {
  const { name, status } = faultOf(error)
  return name === 'PreconditionFailed' || status === 412
}

/** It was said, although nobody can have stored it. */
export function untrue (bucket: string, key: string): SluiceError {
  return unavailable({
    reason: 'untrue',
    words: `S3 says that ${key} is in bucket ${bucket} already, where nobody can have stored it: it is asked again, ` +
      'then under another name',
    retryAfterMs: 0,
  }, undefined)
}

const neverSent = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'CredentialsProviderError'])

/** True when the request has stored nothing: it was refused, or never sent. */
export function isRefused (error: unknown): boolean {
  const { name, status, syscall } = faultOf(error)
  return (status >= 300 && status < 500) || neverSent.has(name) || syscall === 'connect'
}

/** An answer without what S3 always gives came from somebody else, who has not stored anything. */
export function notS3 (bucket: string): SluiceError {
  return unavailable(
    slow('not_aws', `expected an answer from S3 for bucket ${bucket}, found one without an ETag: is a proxy in between?`), undefined)
}

function ownFailure (error: unknown, fault: AwsFault, { bucket, region, object }: S3Context): Failure | undefined {
  const { name, status } = fault
  if (name === 'NoSuchBucket') {
    return slow('no_bucket', `bucket ${bucket} does not exist: create it, or set SLUICE_BUCKET to one that does`)
  }
  if (name === 'InvalidBucketName') {
    return slow('no_bucket', `no bucket can have the name ${bucket}: set SLUICE_BUCKET to the name of one (${name})`)
  }
  if (wrongRegion.has(name) || ((status === 301 || status === 307) && !isOfSomebodyElse(fault))) {
    const found = regionSaid(error as Details, fault)
    const isElsewhere = found !== undefined && found !== region
    if (isElsewhere || name !== 'AuthorizationHeaderMalformed') {
      return slow('wrong_region', `bucket ${bucket} is not in ${region}` +
        (isElsewhere ? `, S3 says it is in ${found}: set the region of S3 to ${found}` : ': set its region') +
        ` (s3.region, SLUICE_S3_REGION, or region of its container or route; ${name})`)
    }
  }
  const ofSetting = settingFailure(fault, bucket, object)
  if (ofSetting !== undefined) return ofSetting
  if (name === 'ConditionalRequestConflict' || status === 409) {
    return { reason: 'conflict', words: `another request writes the same object to bucket ${bucket}`, retryAfterMs: 0 }
  }
  if (damaged.has(name)) {
    return { reason: 'damaged', words: `S3 received other bytes than were sent (${name})`, retryAfterMs: 0 }
  }
  if (name === 'NotImplemented' || status === 501) {
    return slow('not_implemented', `the store of bucket ${bucket} does not know a header that is sent` +
      `${unknownHeaderHint(object)}${quoted(fault.message)}`)
  }
  return undefined
}

function common (fault: AwsFault, context: S3Context): Failure | undefined {
  return commonFailure(fault, { service: 'S3', region: context.region, permission: permissionsFor(context, context.object) })
}

function otherFailure (fault: AwsFault, { bucket }: S3Context): Failure {
  if (fault.status === 0) return failureWithoutAnswer('PutObject', fault)
  return slow('refused',
    `S3 refuses the object for bucket ${bucket} (${fault.name}, HTTP ${fault.status})${quoted(fault.message)}`)
}

/** The region that an answer names: in a header, in its XML, or in the name of an endpoint. */
function regionSaid ({ Region, Endpoint }: Details, { headers }: AwsFault): string | undefined {
  const said = headers['x-amz-bucket-region'] ?? (typeof Region === 'string' ? Region : undefined)
  if (said !== undefined) return said
  return typeof Endpoint === 'string' ? /\.s3[.-]([a-z]+(?:-[a-z]+)+-\d+)\./.exec(Endpoint)?.[1] : undefined
}

// Tested in test/sinks/s3/faults.test.ts
