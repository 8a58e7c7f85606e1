import type { Clock } from '../clock.ts'
import { isRetryable, type SluiceError } from '../errors.ts'
import type { Layer } from '../send.ts'
import { backoffMs, type BackoffPolicy } from './backoff.ts'

export interface RetryOptions {
  readonly policy: BackoffPolicy
  readonly clock: Clock
  /** A number in [0, 1), as `Math.random` gives. */
  readonly random: () => number
  /** Aborts when the process stops: from then on the pause is `hurriedPauseMs` at most. */
  readonly hurry: AbortSignal
  readonly onFailure: (error: SluiceError, failures: number, pauseMs: number) => void
  readonly onSuccess: () => void
}

/** Pause between attempts while the process stops, ms: backing off has no point any more, spinning neither. */
const hurriedPauseMs = 200

/**
 * Sends again after every retryable failure, for as long as `signal` allows: records wait in the spool, so there is no
 * attempt after which giving up would be better. Pauses longer each time, never less than the destination asked for.
 *
 * Any other failure passes through unchanged, and so does the last one once `signal` has aborted.
 */
export function withRetry (options: RetryOptions): Layer {
  const { policy, clock, random, hurry, onFailure, onSuccess } = options
  return next => async (batch, signal) => {
    for (let failures = 1; ; failures++) {
      try {
        const rejections = await next(batch, signal)
        onSuccess()
        return rejections
      } catch (error) {
        if (!isRetryable(error) || signal.aborted) throw error
        const pauseMs = Math.max(backoffMs(policy, failures, random()), error.retryAfterMs)
        onFailure(error, failures, hurry.aborted ? hurriedPauseMs : pauseMs)
        // A pause that is under way when the process begins to stop ends there.
        if (hurry.aborted) await clock.sleep(hurriedPauseMs, signal)
        else await clock.sleep(pauseMs, AbortSignal.any([signal, hurry]))
        if (signal.aborted) throw error
      }
    }
  }
}
