import type { Clock } from '../clock.ts'
import type { Layer } from '../send.ts'

export interface RebuildOptions {
  /** Longest time of failures only, ms, before the sink begins anew. */
  readonly afterMs: number
  readonly clock: Clock
  readonly rebuild: () => void
}

/**
 * Has the sink begin anew (connections, credentials) when every request failed for a long time: a client may be stuck
 * in a way that a new one is not. The failure itself passes through.
 */
export function withRebuild ({ afterMs, clock, rebuild }: RebuildOptions): Layer {
  let failingSinceMs: number | undefined
  return next => async (batch, signal) => {
    try {
      const rejections = await next(batch, signal)
      failingSinceMs = undefined
      return rejections
    } catch (error) {
      const nowMs = clock.now()
      failingSinceMs ??= nowMs
      if (nowMs - failingSinceMs >= afterMs) {
        rebuild()
        failingSinceMs = nowMs
      }
      throw error
    }
  }
}
