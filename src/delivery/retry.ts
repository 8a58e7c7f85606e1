import type { Clock } from '../contracts/clock.ts'
import { isRetryable, type SluiceError } from '../contracts/errors.ts'
import type { Layer } from '../contracts/sink.ts'
import { backoffMs, drainingPauseMs, type BackoffPolicy } from './backoff.ts'

export interface RetryOptions {
  readonly policy: BackoffPolicy
  readonly clock: Clock
  /** A number in [0, 1), as `Math.random` gives. */
  readonly random: () => number
  /** Aborts when the process begins to stop: from then on the pause is `drainingPauseMs` at most. */
  readonly draining: AbortSignal
  readonly onFailure: (error: SluiceError, failures: number, pauseMs: number) => void
  /** A batch that had failed, so many times, has been answered: stored, or refused for good. */
  readonly onRecovery: (failures: number) => void
  readonly onSuccess: () => void
}

/** Throttling that is remembered, at most: with any base, the pause is then at its cap. */
const maxThrottledCount = 16

/**
 * Sends again after every retryable failure, for as long as `signal` allows: records wait in the spool, so there is no
 * attempt after which giving up would be better. Pauses longer each time, never less than the destination asked for.
 * Throttling is remembered from one batch to the next, half of it forgotten with each success, so that a destination
 * which goes on asking for fewer requests gets fewer.
 *
 * Any other failure passes through unchanged, and so does the last one once `signal` has aborted. A segment that cannot
 * be read (`ERR_SPOOL_READ`) passes too: whoever took it gives it back, and the spool looks at what is there.
 */
export function withRetry (options: RetryOptions): Layer {
  const { policy, clock, random, draining, onFailure, onRecovery, onSuccess } = options
  let throttledCount = 0
  return next => async (batch, signal) => {
    for (let failures = 1; ; failures++) {
      try {
        const rejections = await next(batch, signal)
        throttledCount >>= 1
        if (failures > 1) onRecovery(failures - 1)
        onSuccess()
        return rejections
      } catch (error) {
        if (signal.aborted) throw error
        if (!isRetryable(error) || error.code === 'ERR_SPOOL_READ') {
          if (failures > 1) onRecovery(failures - 1)
          throw error
        }
        const isThrottled = error.reason === 'throttled'
        if (isThrottled) throttledCount = Math.min(throttledCount + 1, maxThrottledCount)
        const level = isThrottled ? Math.max(failures, throttledCount) : failures
        const pauseMs = Math.max(backoffMs(policy, level, random()), error.retryAfterMs)
        onFailure(error, failures, draining.aborted ? drainingPauseMs : pauseMs)
        // Ended by the clock or the stop; a pause that is under way when the process begins to stop ends there.
        if (draining.aborted) await clock.sleep(drainingPauseMs, signal)
        else await clock.sleep(pauseMs, AbortSignal.any([signal, draining]))
        if (signal.aborted) throw error
      }
    }
  }
}
