import { randomUUID } from 'node:crypto'
import type { PutLogEventsCommandOutput } from '@aws-sdk/client-cloudwatch-logs'
import { jsonOf, membersOf } from '../../bytes/json-value.ts'
import type { LogsClient } from '../aws/client.ts'
import { collectAnswer } from '../aws/collect-answer.ts'
import { isSentWhole, noteSentWhole } from '../aws/sent-whole.ts'

type Client = LogsClient['client']
/** A request of the SDK, of which parts are replaced. */
interface HttpRequest {
  body: unknown
  readonly headers: Record<string, string | undefined>
  clone (): HttpRequest
}

interface HttpResponse {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: AsyncIterable<Buffer>
}

export interface PutRequest {
  readonly group: string
  readonly stream: string
  /** The JSON of the whole request. */
  readonly body: Buffer
}

export interface PutAnswer {
  readonly answer: PutLogEventsCommandOutput
  /** Nobody reads the body any more. */
  readonly isSentWhole: boolean
}

/** What was sent last by each client, all of it as the SDK made it, and the SDK's signature for the next. */
const made = new WeakMap<Client, { readonly request: HttpRequest, readonly sign: Sign }>()
type Sign = (request: HttpRequest, offsetMs: number) => Promise<HttpRequest>

/** Made anew for each request: by its signature, or by `again`. */
const ownHeaders = ['authorization', 'x-amz-date', 'x-amz-content-sha256', 'x-amz-security-token']

/**
 * Sends a PutLogEvents whose JSON is made already.
 *
 * The first of a client goes all the way through the SDK, and so does the one after a failure: that finds endpoint,
 * headers and the clock's error. Those that follow differ from it in body, signature and id only, and need no more of
 * the SDK than its credentials, its signature and its connections: half of the cost. What is used here is no documented
 * contract, so a test compares both with a request of the plain SDK, header by header.
 */
export async function putLogEvents (
  aws: LogsClient, put: PutRequest, signal: AbortSignal
): Promise<PutAnswer> {
  const { client } = aws
  const before = made.get(client)
  try {
    return before === undefined
      ? await first(aws, put, signal)
      : await again(client, before.request, before.sign, put.body, signal)
  } catch (error) {
    made.delete(client)
    throw error
  }
}

/** Given no events, since they are in the body that takes the place of the SDK's before it is signed. */
async function first (
  { client, sdk, region }: LogsClient, { group, stream, body }: PutRequest, signal: AbortSignal
): Promise<PutAnswer> {
  const command = new sdk.PutLogEventsCommand({ logGroupName: group, logStreamName: stream, logEvents: [] })
  command.middlewareStack.add(next => args => {
    const request = args.request as HttpRequest
    request.body = body
    request.headers['content-length'] = String(body.length)
    return next(args)
  }, { step: 'build', priority: 'high', name: 'sluicePreparedBody' })
  let request: HttpRequest | undefined
  command.middlewareStack.add(next => args => {
    request = (args.request as HttpRequest).clone()
    return next(args)
  }, { step: 'deserialize', priority: 'low', name: 'sluiceMadeRequest' })
  const isSent = noteSentWhole(command)
  const answer = await client.send(command, { abortSignal: signal })
  if (request !== undefined) {
    request.body = undefined
    made.set(client, { request, sign: await signerOf(client, region) })
  }
  return { answer, isSentWhole: isSent() }
}

async function signerOf ({ config }: Client, region: string): Promise<Sign> {
  const signer = await config.signer({ name: 'sigv4', signingName: 'logs', signingRegion: region, properties: {} })
  return async (request, offsetMs) =>
    await signer.sign(request as never, { signingDate: new Date(Date.now() + offsetMs) }) as unknown as HttpRequest
}

async function again (
  client: Client, before: HttpRequest, sign: Sign, body: Buffer, signal: AbortSignal
): Promise<PutAnswer> {
  const { systemClockOffset, requestHandler } = client.config
  const request = before.clone()
  request.body = body
  request.headers['content-length'] = String(body.length)
  request.headers['amz-sdk-invocation-id'] = randomUUID()
  for (const name of ownHeaders) delete request.headers[name]
  const signed = await sign(request, systemClockOffset)
  const { response } = await requestHandler.handle(signed as never, { abortSignal: signal })
  const isWhole = isSentWhole(response)
  noteClock(client, response as HttpResponse)
  return { answer: await answerOf(response as HttpResponse), isSentWhole: isWhole }
}

/** What the SDK lets pass: less than the five minutes for which CloudWatch Logs takes a signature. */
const mostSkewMs = 240_000

/** Has requests go by the clock of AWS where this one is wrong, as the SDK does after each answer. */
function noteClock ({ config }: Client, { headers }: HttpResponse): void {
  const offsetMs = Date.parse(headers['date'] ?? '') - Date.now()
  if (Math.abs(offsetMs - config.systemClockOffset) >= mostSkewMs) config.systemClockOffset = offsetMs
}

/** As the SDK makes it of the answer, exceptions too. */
async function answerOf (response: HttpResponse): Promise<PutLogEventsCommandOutput> {
  const { statusCode, headers } = response
  const requestId = headers['x-amzn-requestid'] ?? headers['x-amzn-request-id'] ?? headers['x-amz-request-id']
  const $metadata = { httpStatusCode: statusCode, ...(requestId === undefined ? {} : { requestId }) }
  const text = (await collectAnswer(response.body)).toString()
  // A member that is null is one that is not there.
  if (statusCode < 300) return { ...JSON.parse(text || '{}', (_, value: unknown) => value ?? undefined) as object, $metadata }
  throw exceptionOf(text, response, $metadata)
}

function exceptionOf (text: string, $response: HttpResponse, $metadata: object): Error {
  // Nothing, where it is the error page of whoever is in between: the status says enough.
  const said = membersOf(jsonOf(text))
  const type = $response.headers['x-amzn-errortype'] ?? said['__type'] ?? said['code']
  const message = said['message'] ?? said['Message']
  const error = new Error(typeof message === 'string' ? message : '')
  // `com.amazonaws.logs#ThrottlingException:http://…`
  error.name = typeof type === 'string' ? type.replace(/^.*#/, '').replace(/[:,].*$/, '') : 'Unknown'
  return Object.assign(error, { $metadata, $response: { headers: $response.headers } })
}
