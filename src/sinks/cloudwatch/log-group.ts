import type { LogGroupClass } from '@aws-sdk/client-cloudwatch-logs'
import { SluiceError } from '../../contracts/errors.ts'
import type { Instruments } from '../../telemetry/instruments.ts'
import type { RequestMetrics } from '../../telemetry/requests.ts'
import { pairsOf, type LogsClient } from '../aws/client.ts'
import { isMadeAlready, logsError, noStream, type LogsOperation } from './errors.ts'

export interface LogGroupOptions extends Pick<Instruments, 'clock' | 'log'> {
  readonly group: string
  /** Whether the group is made when it is missing; what it is like is said then, and only then. */
  readonly createGroup: boolean
  /** 0: events never expire. */
  readonly retentionDays: number
  /** AWS may add to them: one that this version does not know is sent as it is. */
  readonly groupClass: string
  /** `key=value`, within the limits of CloudWatch Logs. */
  readonly groupTags: readonly string[]
  /** ARN of the key of KMS that events are encrypted with. Empty: none. */
  readonly kmsKeyId: string
  readonly requests: RequestMetrics
}

/** One try to store a batch. */
export interface Attempt {
  readonly signal: AbortSignal
  /** As in `Send`. */
  readonly onRequest: () => void
}

/** One request of `asked`, made when `ask` is called. */
export interface AskedOperation {
  readonly operation: LogsOperation
  /** @throws SluiceError as `createStream` */
  readonly ask: () => Promise<void>
}

/** Whether it was made now, or was there. */
type Made = 'ok' | 'exists'

/** Pause before a retention that could not be set is tried again, ms. */
const retentionPauseMs = 60_000

/** Makes what is missing in CloudWatch Logs: streams, and by setting the group. The signal given ends every wait. */
export class LogGroup {
  readonly #options: LogGroupOptions
  /** When the retention of a group made here is to be set; undefined when nothing is to be done. */
  #retentionDueMs: number | undefined

  constructor (options: LogGroupOptions) {
    this.#options = options
  }

  /**
   * Makes the stream, and before it the group where that is missing and may be made.
   *
   * @throws SluiceError `ERR_SINK_UNAVAILABLE`, with reason `no_group` when the group is missing and may not be made
   */
  async createStream (aws: LogsClient, stream: string, attempt: Attempt): Promise<void> {
    try {
      await this.#createStream(aws, stream, attempt)
      return
    } catch (error) {
      if (!isNoGroup(error) || !this.#options.createGroup) throw error
    }
    await this.#createGroup(aws, attempt)
    if (this.#options.retentionDays > 0) this.#retentionDueMs = this.#options.clock.monotonicMs()
    await this.settleRetention(aws, attempt)
    try {
      await this.#createStream(aws, stream, attempt)
    } catch (error) {
      throw isNoGroup(error) ? noStream(this.#options.group, error) : error
    }
  }

  /**
   * Asks AWS once for each permission that making them needs, whether they are there or not: what is there already is
   * as good as made. A group's retention is set only where the group is made now, so the last is seldom asked.
   */
  * asked (aws: LogsClient, stream: string, attempt: Attempt): Generator<AskedOperation> {
    const { createGroup, retentionDays } = this.#options
    let isMade = false
    if (createGroup) {
      yield { operation: 'CreateLogGroup', ask: async () => { isMade = await this.#createGroup(aws, attempt) === 'ok' } }
    }
    if (isMade && retentionDays > 0) {
      yield { operation: 'PutRetentionPolicy', ask: () => this.#setRetention(aws, attempt) }
    }
    yield { operation: 'CreateLogStream', ask: async () => { await this.#createStream(aws, stream, attempt) } }
  }

  /** Sets the retention of a group that was made here, if it is due. Never rejects: records come first. */
  async settleRetention (aws: LogsClient, attempt: Attempt): Promise<void> {
    const { group, retentionDays, clock, log } = this.#options
    if (this.#retentionDueMs === undefined || clock.monotonicMs() < this.#retentionDueMs) return
    // Moved first: a request that hangs until its batch is given up must not meet the next batch as well.
    this.#retentionDueMs = clock.monotonicMs() + retentionPauseMs
    try {
      await this.#setRetention(aws, attempt)
      this.#retentionDueMs = undefined
      log.info({ group, retentionDays }, 'retention of log group set')
    } catch (error) {
      log.warn({ group, retentionDays, error }, 'retention of log group not set')
    }
  }

  async #setRetention (aws: LogsClient, attempt: Attempt): Promise<void> {
    const { group, retentionDays } = this.#options
    const command = new aws.sdk.PutRetentionPolicyCommand({ logGroupName: group, retentionInDays: retentionDays })
    await this.#request(aws, 'PutRetentionPolicy', attempt, abortSignal => aws.client.send(command, { abortSignal }))
  }

  async #createGroup (aws: LogsClient, attempt: Attempt): Promise<Made> {
    const { group, groupClass, groupTags, kmsKeyId, log } = this.#options
    const command = new aws.sdk.CreateLogGroupCommand({
      logGroupName: group,
      logGroupClass: groupClass as LogGroupClass,
      ...(groupTags.length === 0 ? {} : { tags: pairsOf(groupTags) }),
      ...(kmsKeyId === '' ? {} : { kmsKeyId }),
    })
    const made = await this.#request(aws, 'CreateLogGroup', attempt, abortSignal => aws.client.send(command, { abortSignal }))
    if (made === 'ok') log.info({ group, groupClass, region: aws.region }, 'log group created')
    return made
  }

  async #createStream (aws: LogsClient, stream: string, attempt: Attempt): Promise<void> {
    const command = new aws.sdk.CreateLogStreamCommand({ logGroupName: this.#options.group, logStreamName: stream })
    await this.#request(aws, 'CreateLogStream', attempt, abortSignal => aws.client.send(command, { abortSignal }))
  }

  async #request (
    aws: LogsClient,
    operation: LogsOperation,
    { signal, onRequest }: Attempt,
    send: (signal: AbortSignal) => Promise<unknown>
  ): Promise<Made> {
    onRequest()
    return await this.#options.requests.operation(operation, async () => {
      try {
        await send(signal)
        return { result: 'ok' }
      } catch (error) {
        if (isMadeAlready(error)) return { result: 'exists', outcome: 'exists' }
        const { group, groupTags, kmsKeyId } = this.#options
        throw logsError(error, { operation, group, region: aws.region, hasTags: groupTags.length > 0, kmsKeyId })
      }
    })
  }
}

function isNoGroup (error: unknown): boolean {
  return error instanceof SluiceError && error.reason === 'no_group'
}

// Tested in test/sinks/cloudwatch/sink.test.ts
