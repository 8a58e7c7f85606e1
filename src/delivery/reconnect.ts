import type { Clock } from '../contracts/clock.ts'
import type { Layer } from '../contracts/sink.ts'

export interface ReconnectOptions {
  /** Longest time of failures only, ms, before the sink begins anew. */
  readonly afterMs: number
  readonly clock: Clock
  readonly reconnect: () => void
}

/**
 * Has the sink begin anew (connections, credentials) when every request failed for a long time: a client may be stuck
 * in a way that a new one is not. The failure itself passes through.
 */
export function withReconnect ({ afterMs, clock, reconnect }: ReconnectOptions): Layer {
  let failingSinceMs: number | undefined
  return next => async (batch, signal) => {
    try {
      const rejections = await next(batch, signal)
      failingSinceMs = undefined
      return rejections
    } catch (error) {
      const nowMs = clock.monotonicMs()
      failingSinceMs ??= nowMs
      if (nowMs - failingSinceMs >= afterMs) {
        reconnect()
        failingSinceMs = nowMs
      }
      throw error
    }
  }
}
