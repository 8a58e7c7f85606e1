import type { Logger } from 'pino'
import type { Clock } from '../contracts/clock.ts'
import type { Acceptor } from '../contracts/source.ts'
import type { LineTime } from '../formats/line-time.ts'

/**
 * CloudWatch Logs refuses events that are older, ms.
 *
 * Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
 */
export const oldestEventMs = 14 * 24 * 3_600_000

export const oldLinesAdvice = 'CloudWatch Logs refuses events older than 14 days: they are kept as dead letters, up to ' +
  'deadLetter.maxBytes; objects take lines of any age'

export interface OwnTimesOptions {
  readonly lineTime: LineTime
  /** Of lines before the first that says when it was written; the time at which they are read where it is not known. */
  readonly firstMs: number | undefined
  /** Whether the first line that CloudWatch Logs would refuse is told. */
  readonly tellsOld: boolean
  readonly clock: Pick<Clock, 'wallMs'>
  readonly log: Pick<Logger, 'warn'>
}

/**
 * Gives each record the time at which its line was written, as the line says; one that does not say has that of the
 * line before it, as the frames of a trace have.
 */
export function withOwnTimes (acceptor: Acceptor, options: OwnTimesOptions): Acceptor {
  const { lineTime, firstMs, clock, log } = options
  let lastMs = firstMs
  let isTold = false
  let tellsOld = options.tellsOld
  return {
    accept (record) {
      lastMs = lineTime(record.bytes, record.start, record.end) ?? lastMs
      if (lastMs === undefined && !isTold) {
        isTold = true
        log.warn('lines without a time of their own, before any that has one: they are taken as written now')
      }
      record.timeMs = lastMs ?? clock.wallMs()
      if (tellsOld && record.timeMs < clock.wallMs() - oldestEventMs) {
        tellsOld = false
        log.warn({ written: new Date(record.timeMs), advice: oldLinesAdvice }, 'a line is older than 14 days')
      }
      return acceptor.accept(record)
    },
    get isFull () { return acceptor.isFull },
    whenWritable: () => acceptor.whenWritable(),
    stored: () => acceptor.stored(),
  }
}
