import type { Clock } from '../contracts/clock.ts'
import { SluiceError } from '../contracts/errors.ts'
import type { Layer } from '../contracts/sink.ts'

export interface TimeoutOptions {
  readonly timeoutMs: number
  /** Aborts when the process begins to stop: from then on no request takes longer than `drainingTimeoutMs`. */
  readonly draining: AbortSignal
  /** Also for what is under way then, from then on. Never more than `timeoutMs`. */
  readonly drainingTimeoutMs: number
  readonly clock: Clock
}

/** Only what sends over a network has a limit. */
const advice = ': if it lasts, check the way there (security group, route, VPC endpoint, AWS_ENDPOINT_URL), or raise ' +
  'delivery.requestTimeout where that is slow'

/** Runs requests, one after the other; `onRequest` says when the next one begins, and each has the time to itself. */
export type TimeLimit = <Result>(
  work: (signal: AbortSignal, onRequest: () => void) => Promise<Result>, signal: AbortSignal
) => Promise<Result>

/** The limit as a layer. */
export function withTimeout (options: TimeoutOptions): Layer {
  const limit = createTimeLimit(options)
  return next => async (batch, signal) =>
    await limit(async (own, onRequest) => await next(batch, own, onRequest), signal)
}

/**
 * Ends a request that takes longer than `timeoutMs`, by aborting the signal it was given and by not waiting for it any
 * more: a client that ignores its signal, as the SDK does while it waits for credentials, holds up nobody. A process
 * that stops waits less, so that one request that hangs does not use up the time in which the next could deliver; once
 * `signal` aborts, nothing is waited for.
 *
 * A batch may need several requests, and work before the first: each has the time to itself.
 *
 * Whether the destination stored the batch is then unknown; sending it again may repeat records.
 *
 * @throws SluiceError `ERR_SINK_UNAVAILABLE` with reason `timeout`, or `aborted`
 */
export function createTimeLimit (options: TimeoutOptions): TimeLimit {
  const { timeoutMs, draining, drainingTimeoutMs, clock } = options
  let drainingSinceMs = Infinity
  return async (work, signal) => {
    const { promise: expired, reject } = Promise.withResolvers<never>()
    const own = new AbortController()
    let startMs = clock.monotonicMs()
    const dueMs = () => Math.min(startMs + timeoutMs, Math.max(startMs, drainingSinceMs) + drainingTimeoutMs)
    const giveUp = (reason: string, words: string) => {
      own.abort()
      reject(new SluiceError('ERR_SINK_UNAVAILABLE', words, { reason }))
    }
    const look = () => {
      const nowMs = clock.monotonicMs()
      if (draining.aborted) drainingSinceMs = Math.min(drainingSinceMs, nowMs)
      // Another request may have begun meanwhile.
      if (dueMs() > nowMs) alarm.at(dueMs())
      else giveUp('timeout', `no answer within ${Math.round(nowMs - startMs)} ms${advice}`)
    }
    const stopped = () => giveUp('aborted', 'the request was cancelled')
    const alarm = clock.alarm(look)
    look()
    draining.addEventListener('abort', look)
    signal.addEventListener('abort', stopped)
    if (signal.aborted) stopped()
    try {
      // The late answer of a request that was given up on is nobody's any more.
      return await Promise.race([work(own.signal, () => { startMs = clock.monotonicMs() }), expired])
    } finally {
      alarm.clear()
      draining.removeEventListener('abort', look)
      signal.removeEventListener('abort', stopped)
    }
  }
}
