import type { Clock } from '../contracts/clock.ts'

/** Pause after a failed try, ms; doubled after each up to the second. */
const firstPauseMs = 500
const longestPauseMs = 30_000

export interface Trying {
  /** Resolves when the first try is over, successful or not; further tries follow by themselves. Never rejects. */
  start (): Promise<void>
  /** Resolves when no try is under way and none follows. Safe twice. */
  stop (): Promise<void>
}

/**
 * Tries until it succeeds or is stopped, with growing pauses.
 *
 * @param attempt resolves with whether it succeeded; told how many tries have failed before. Must end, and not reject
 */
export function keepTrying (attempt: (failures: number) => Promise<boolean>, clock: Clock): Trying {
  const stopped = new AbortController()
  let trying: Promise<void> = Promise.resolve()

  /** Ended by a success or the stop; each pause by the clock or the stop. */
  async function retry (): Promise<void> {
    let pauseMs = firstPauseMs
    for (let failures = 1; !stopped.signal.aborted; failures++) {
      await clock.sleep(pauseMs, stopped.signal)
      if (stopped.signal.aborted || await attempt(failures)) return
      pauseMs = Math.min(pauseMs * 2, longestPauseMs)
    }
  }

  return {
    start: async () => {
      const first = attempt(0)
      trying = first.then(isDone => isDone ? undefined : retry())
      await first
    },
    stop: async () => {
      stopped.abort()
      await trying
    },
  }
}
