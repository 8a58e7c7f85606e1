import type { Fault } from './faults.ts'
import type { RefusalReason } from './sigv4.ts'
import type { Service } from './service.ts'
import { AwsError } from './wire.ts'
import type { Answer, AwsRequest } from './wire.ts'

const namespace = 'https://sts.amazonaws.com/doc/2011-06-15/'
export const stsContentType = 'application/x-www-form-urlencoded'

/**
 * STS as far as somebody asks who he is, over awsQuery.
 *
 * Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
 */
export function createSts (): Service {
  return {
    name: 'sts',
    operationOf: ({ body }) => {
      // Before the body has arrived, and for whatever else is asked.
      if (body.length === 0) return 'GetCallerIdentity'
      const query = new URLSearchParams(body.toString())
      return query.get('Action') === 'GetCallerIdentity' && query.get('Version') === '2011-06-15' ? 'GetCallerIdentity' : 'Unsupported'
    },
    refusal: refusalSts,
    failure: failureSts,
    answer: (operation, request, { account }) => {
      if (operation === 'Unsupported') {
        throw new AwsError(400, 'InvalidAction', 'The stand-in does not know this operation of STS', { breach: 'operation' })
      }
      const { accountId, accessKeyId } = account
      return answerXml(200, request, `<GetCallerIdentityResponse xmlns="${namespace}"><GetCallerIdentityResult>` +
        `<Arn>arn:aws:sts::${accountId}:assumed-role/stand-in/${accessKeyId}</Arn><UserId>AROASTANDIN:${accessKeyId}</UserId>` +
        `<Account>${accountId}</Account></GetCallerIdentityResult><ResponseMetadata><RequestId>${request.id}</RequestId>` +
        '</ResponseMetadata></GetCallerIdentityResponse>')
    },
    errorAnswer: ({ status, code, message }, request) => answerXml(status, request,
      `<ErrorResponse xmlns="${namespace}"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error>` +
      `<RequestId>${request.id}</RequestId></ErrorResponse>`),
  }
}

/** Source: https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html */
function refusalSts (reason: RefusalReason, found: string): AwsError {
  if (reason === 'missing') return new AwsError(403, 'MissingAuthenticationToken', 'Request is missing Authentication Token')
  if (reason === 'unknown-key' || reason === 'bad-token') {
    return new AwsError(403, 'InvalidClientTokenId', 'The security token included in the request is invalid.')
  }
  if (reason === 'expired') return new AwsError(403, 'ExpiredToken', 'The security token included in the request is expired')
  return new AwsError(403, 'SignatureDoesNotMatch', `the signature is not good: ${reason} ${found}`, { breach: 'signature' })
}

function failureSts ({ mode }: Fault): AwsError | undefined {
  if (mode === 'denied') return new AwsError(403, 'AccessDenied', 'User is not authorized to perform: sts:GetCallerIdentity')
  if (mode === 'throttle') return new AwsError(400, 'Throttling', 'Rate exceeded')
  if (mode === '500') return new AwsError(500, 'InternalFailure', 'The request processing has failed.')
  if (mode === '503') return new AwsError(503, 'ServiceUnavailable', 'The request has failed.')
  if (mode === 'expired') return new AwsError(403, 'ExpiredToken', 'The security token included in the request is expired')
  return undefined
}

function answerXml (status: number, request: AwsRequest, body: string): Answer {
  return { status, headers: { 'content-type': 'text/xml', 'x-amzn-requestid': request.id }, body }
}

// Tested in test/aws-stand-in/sts.test.ts
