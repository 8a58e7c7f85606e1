import { systemClock } from '../contracts/clock.ts'

const stopping = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const

export interface StopSignals {
  /** Aborts at the first signal that ends the process; its reason is the signal's name. */
  readonly first: AbortSignal
  /** Aborts at the second. */
  readonly second: AbortSignal
}

/**
 * Takes over, for as long as the process lives, every signal that would end it without a report. Called once.
 *
 * @param repeatMs so long the first may be repeated: Apache sends its piped programs two or three within milliseconds
 */
export function stopSignals (repeatMs = 0): StopSignals {
  const first = new AbortController()
  const second = new AbortController()
  let firstMs = 0
  const onSignal = (name: string) => {
    if (!first.signal.aborted) {
      firstMs = systemClock.monotonicMs()
      first.abort(name)
    } else if (systemClock.monotonicMs() - firstMs >= repeatMs) second.abort(name)
  }
  for (const name of stopping) process.on(name, onSignal)
  return { first: first.signal, second: second.signal }
}

// Tested in test/e2e/signals.test.ts
