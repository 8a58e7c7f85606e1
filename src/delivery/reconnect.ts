import type { Clock } from '../contracts/clock.ts'
import type { Layer } from '../contracts/sink.ts'

export interface ReconnectOptions {
  /** How long every request must fail, ms, before the sink reconnects. */
  readonly afterMs: number
  readonly clock: Clock
  readonly reconnect: () => void
}

/**
 * Has the sink reconnect (new connections, new credentials) when every request has failed for a long time: a client may
 * be stuck in a way that a new one is not. The failure itself passes through.
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
