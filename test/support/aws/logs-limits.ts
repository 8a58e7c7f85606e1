import type { RejectedInfo } from './faults.ts'
import { constraint, invalidParameter, isMap, wrongType } from './logs-members.ts'
import type { TextRule } from './logs-members.ts'

/**
 * Limits of CloudWatch Logs.
 *
 * Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
 */
export const logsLimits = {
  batchBytes: 1_048_576,
  overheadBytes: 26,
  eventCount: 10_000,
  /**
   * The API says "1 MB" and not whether it means 1,000,000 or 1,048,576 with or without the overhead: the smallest
   * reading, so that who passes here passes there.
   */
  messageBytes: 1_000_000,
  spanMs: 24 * 3_600_000,
  futureMs: 2 * 3_600_000,
  pastMs: 14 * 24 * 3_600_000,
  /** Not documented. A full batch whose every byte is escaped as six takes 6.8 MB of JSON. */
  requestBytes: 8 * 1_048_576,
} as const

export const groupName: TextRule = { maxLength: 512, pattern: /^[.\-_/#A-Za-z0-9]+$/ }
export const streamName: TextRule = { maxLength: 512, pattern: /^[^:*]*$/ }
export const retentionDays: readonly number[] = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
]
export const groupClasses: readonly string[] = ['STANDARD', 'INFREQUENT_ACCESS', 'ESSENTIALS', 'DELIVERY']

export interface LogEvent {
  readonly timestamp: number
  readonly message: string
}

export interface CheckedBatch {
  readonly events: readonly LogEvent[]
  readonly batchBytes: number
}

/**
 * Checks what holds for a batch whatever the time is: types, sizes, order.
 *
 * @throws AwsError `InvalidParameterException`, or `SerializationException` for a wrong type
 */
export function checkBatch (items: readonly unknown[], messageBytes: number): CheckedBatch {
  const events = items.map(readEvent)
  let batchBytes = 0
  for (const { message } of events) {
    const bytes = Buffer.byteLength(message)
    if (bytes > messageBytes) {
      throw invalidParameter(`Log event too large: ${bytes + logsLimits.overheadBytes} bytes exceeds limit of ${messageBytes + logsLimits.overheadBytes}`, 'message-bytes')
    }
    batchBytes += bytes + logsLimits.overheadBytes
  }
  if (batchBytes > logsLimits.batchBytes) {
    throw invalidParameter(`Upload too large: ${batchBytes} bytes exceeds limit of ${logsLimits.batchBytes}`, 'batch-bytes')
  }
  if (events.some((event, index) => event.timestamp < (events[index - 1]?.timestamp ?? 0))) {
    throw invalidParameter('Log events in a single PutLogEvents request must be in chronological order.', 'order')
  }
  return { events, batchBytes }
}

function readEvent (item: unknown, index: number): LogEvent {
  const name = `logEvents.${index + 1}.member`
  if (!isMap(item)) throw wrongType(name, 'a structure')
  const { timestamp, message, ...others } = item
  if (timestamp === undefined || timestamp === null) throw constraint(`${name}.timestamp`, 'not be null')
  if (!Number.isSafeInteger(timestamp)) throw wrongType(`${name}.timestamp`, 'an integer')
  if (Number(timestamp) < 0) throw constraint(`${name}.timestamp`, 'have value greater than or equal to 0')
  if (message === undefined || message === null) throw constraint(`${name}.message`, 'not be null')
  if (typeof message !== 'string') throw wrongType(`${name}.message`, 'a string')
  if (message === '') throw constraint(`${name}.message`, 'have length greater than or equal to 1')
  if (Object.keys(others).length > 0) throw wrongType(name, 'a log event alone')
  return { timestamp: Number(timestamp), message }
}

/**
 * Says which events of a batch in chronological order lie outside the window, as PutLogEvents answers it: those more
 * than two hours ahead, those over 14 days old, and those over the retention. An edge itself is inside.
 *
 * @param keptDays retention of the group; undefined when events never expire
 */
export function judgeWindow (events: readonly LogEvent[], nowMs: number, keptDays: number | undefined): RejectedInfo {
  const tooNew = events.findIndex(event => event.timestamp > nowMs + logsLimits.futureMs)
  const tooOld = countBefore(events, nowMs - logsLimits.pastMs)
  const expired = keptDays === undefined ? 0 : countBefore(events, nowMs - keptDays * 24 * 3_600_000)
  return {
    ...(tooNew === -1 ? {} : { tooNewLogEventStartIndex: tooNew }),
    ...(tooOld === 0 ? {} : { tooOldLogEventEndIndex: tooOld }),
    ...(expired === 0 ? {} : { expiredLogEventEndIndex: expired }),
  }
}

function countBefore (events: readonly LogEvent[], oldestMs: number): number {
  const first = events.findIndex(event => event.timestamp >= oldestMs)
  return first === -1 ? events.length : first
}

/** The events that `rejected` leaves. */
export function acceptedEvents (events: readonly LogEvent[], rejected: RejectedInfo): readonly LogEvent[] {
  const start = Math.max(rejected.tooOldLogEventEndIndex ?? 0, rejected.expiredLogEventEndIndex ?? 0)
  return events.slice(start, Math.max(start, rejected.tooNewLogEventStartIndex ?? events.length))
}

/**
 * Events outside the window do not count towards the 24 hours.
 *
 * @throws AwsError `InvalidParameterException`
 */
export function checkSpan (accepted: readonly LogEvent[]): void {
  const spanMs = (accepted.at(-1)?.timestamp ?? 0) - (accepted[0]?.timestamp ?? 0)
  if (spanMs > logsLimits.spanMs) {
    throw invalidParameter('The batch of log events in a single PutLogEvents request cannot span more than 24 hours.', 'span')
  }
}
