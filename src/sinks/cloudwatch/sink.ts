import type { RejectedLogEventsInfo } from '@aws-sdk/client-cloudwatch-logs'
import { SluiceError } from '../../contracts/errors.ts'
import type { Batch, Rejection, Sink } from '../../contracts/sink.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import type { BodyMemory } from '../body-memory.ts'
import { createLogsClient, type AwsSettings, type LogsClient } from '../aws/client.ts'
import { createExpiryNote } from '../aws/credentials.ts'
import { requireCredentials } from '../aws/credentials-search.ts'
import { wantsFreshCredentials } from '../aws/errors.ts'
import { createBatchCutting, type BatchLimits } from './batch-rules.ts'
import { Entity, plainClosing, type EntitySettings } from './entity.ts'
import { isMissing, logsError, notAws } from './errors.ts'
import { LogGroup, type Attempt, type LogGroupOptions } from './log-group.ts'
import { putLogEvents } from './put-log-events.ts'
import { EventColumns } from './event-columns.ts'
import { createPutBody, type PutBody } from './request-body.ts'
import { streamName } from '../names.ts'

export interface CloudWatchOptions extends LogGroupOptions {
  readonly aws: AwsSettings
  readonly streamTemplate: string
  /** Values for the template's placeholders besides the segment's own and `{date}`: task, cluster, family. */
  readonly values: Readonly<Record<string, string>>
  readonly limits: BatchLimits
  readonly entity: EntitySettings
  /** Of bodies, shared by all routes. */
  readonly memory: BodyMemory
  readonly metrics: Metrics
}

/**
 * Sends each batch with one PutLogEvents. A missing stream is made when the first batch finds it missing.
 *
 * Events of a batch are stored in order of time. Sending a batch twice stores it twice: CloudWatch Logs has no token
 * that could prevent it, so what was stored before its answer got lost comes again.
 */
export function createCloudWatchSink (options: CloudWatchOptions): Sink {
  const { group: name, limits, clock, memory, metrics, requests, log } = options
  const held = createLogsClient(options.aws)
  const noteExpiry = createExpiryNote({ metrics, sink: 'cloudwatch', clock })
  const group = new LogGroup(options)
  const columns = new EventColumns()
  const entity = new Entity({ ...options.entity, group: name, metrics, log })
  // Loading the SDK keeps the process busy for a while: better before the first log line than between.
  held.warm()

  /** `isOnly`: no request before had the same body, and may still be sending it. */
  async function put (
    aws: LogsClient, stream: string, made: PutBody, attempt: Attempt, isOnly: boolean
  ): Promise<Rejection[]> {
    attempt.onRequest()
    return await requests.operation('PutLogEvents', async () => {
      try {
        await requireCredentials(aws, clock)
        const request = { group: name, stream, body: made.body }
        const { answer, isSentWhole } = await putLogEvents(aws, request, attempt.signal)
        if (answer.$metadata.requestId === undefined) throw notAws(aws.region)
        if (answer.rejectedEntityInfo !== undefined) entity.refused(answer.rejectedEntityInfo.errorType ?? 'unknown')
        if (isOnly && isSentWhole) memory.give(made.body)
        return { result: rejectionsOf(answer.rejectedLogEventsInfo, made.lineOf) }
      } catch (error) {
        throw logsError(error, { operation: 'PutLogEvents', group: name, region: aws.region })
      }
    })
  }

  async function send (
    { segment, records }: Batch, lines: Buffer, closing: Buffer, attempt: Attempt
  ): Promise<readonly Rejection[]> {
    const stream = streamName(segment, options.streamTemplate, options.values)
    const made = createPutBody(name, stream, lines, records, closing, bytes => memory.take(bytes), columns)
    if (made.eventCount === 0) return made.rejections
    const rejections = await held.use(async aws => {
      await group.settleRetention(aws, attempt)
      const refused = await put(aws, stream, made, attempt, true).catch(async (error: unknown) => {
        if (!(error instanceof SluiceError) || !isMissing(error)) throw error
        await group.createStream(aws, stream, attempt)
        return await put(aws, stream, made, attempt, false)
      })
      // Nothing is waited for once the batch is stored: whoever gives up on it then would store it twice.
      void noteExpiry(aws)
      return refused
    })
    requests.sent(made.body.length, made.eventCount)
    return [...made.rejections, ...rejections]
  }

  /** A batch that is refused for good is tried once more without the entity, which may be what is refused. */
  async function sendAtAll (batch: Batch, lines: Buffer, attempt: Attempt): Promise<readonly Rejection[]> {
    const { closing } = entity
    try {
      return await send(batch, lines, closing, attempt)
    } catch (error) {
      if (closing === plainClosing || !(error instanceof SluiceError) || error.disposition !== 'reject') throw error
      const rejections = await send(batch, lines, plainClosing, attempt)
      entity.leaveOut('request_refused')
      return rejections
    }
  }

  return {
    name: 'cloudwatch',
    cutting: createBatchCutting(limits, columns),
    send: async (batch, signal, onRequest = () => undefined) => {
      if (batch.lines === undefined) throw new TypeError('expected the lines of the batch')
      try {
        return await sendAtAll(batch, batch.lines, { signal, onRequest })
      } catch (cause) {
        const error = logsError(cause, { operation: 'PutLogEvents', group: name, region: options.aws.region })
        if (wantsFreshCredentials(error)) held.forget()
        throw error
      }
    },
    reconnect: () => held.close(),
    close: async () => held.close(),
  }
}

/** Events that were too old, expired or too new, by the lines they came from; the service judges each by itself. */
function rejectionsOf (info: RejectedLogEventsInfo | undefined, lineOf: Uint32Array): Rejection[] {
  if (info === undefined) return []
  const { tooOldLogEventEndIndex = 0, expiredLogEventEndIndex = 0, tooNewLogEventStartIndex = Infinity } = info
  const rejections: Rejection[] = []
  for (const [event, index] of lineOf.entries()) {
    if (event < tooOldLogEventEndIndex) rejections.push({ index, reason: 'too_old' })
    else if (event < expiredLogEventEndIndex) rejections.push({ index, reason: 'expired' })
    else if (event >= tooNewLogEventStartIndex) rejections.push({ index, reason: 'too_new' })
  }
  return rejections
}
