import type { Clock } from '../contracts/clock.ts'

/**
 * Calls `action` once when the earliest time asked for has come. Setting it again is cheap where an earlier time is
 * already set, and nothing is ever cancelled but by the signal: a sleep that is no longer wanted ends unnoticed.
 */
export class Timer {
  readonly #clock: Clock
  readonly #signal: AbortSignal
  readonly #action: () => void
  /** When it rings, as monotonic ms; infinite when it is not set. */
  #dueMs = Infinity

  constructor (clock: Clock, signal: AbortSignal, action: () => void) {
    this.#clock = clock
    this.#signal = signal
    this.#action = action
  }

  /** Rings `ms` from now, or earlier if it was set so. The action finds out itself what is due. */
  setIn (ms: number): void {
    const dueMs = this.#clock.monotonicMs() + Math.max(0, ms)
    if (dueMs >= this.#dueMs || this.#signal.aborted) return
    this.#dueMs = dueMs
    void this.#ring(dueMs, Math.max(0, ms))
  }

  async #ring (dueMs: number, ms: number): Promise<void> {
    await this.#clock.sleep(ms, this.#signal)
    if (this.#signal.aborted || this.#dueMs !== dueMs) return
    this.#dueMs = Infinity
    this.#action()
  }
}
