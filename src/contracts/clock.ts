import { setTimeout as delay } from 'node:timers/promises'

/** Time, as tests may replace it. */
export interface Clock {
  /** Wall time, ms since the epoch: for stamps and the names of hours only, since it may step at any moment. */
  wallMs (): number
  /** Ms since some moment of this process: never steps, so every age, wait and deadline is measured with it. */
  monotonicMs (): number
  /** Resolves after `ms`, or at once when `signal` aborts; never rejects. */
  sleep (ms: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: async (ms, signal) => {
    try {
      await delay(ms, undefined, { signal })
    } catch (error) {
      // An abort ends the sleep too; the caller looks at its signal.
      if (!signal?.aborted) throw error
    }
  },
}
