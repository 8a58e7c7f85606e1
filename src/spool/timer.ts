import type { Clock } from '../contracts/clock.ts'

/**
 * Calls `action` once, at the earliest of the times it was set to. Setting it to a later time than it has costs
 * nothing. Only the signal cancels it: the end of a sleep that an earlier time has replaced is ignored.
 */
export class Timer {
  readonly #clock: Clock
  readonly #signal: AbortSignal
  readonly #action: () => void
  /** When it is due, monotonic ms; infinite when it is not set. */
  #dueMs = Infinity

  constructor (clock: Clock, signal: AbortSignal, action: () => void) {
    this.#clock = clock
    this.#signal = signal
    this.#action = action
  }

  /** Makes it due in `ms`, unless it is due earlier. The action finds out itself what there is to do. */
  setIn (ms: number): void {
    const dueMs = this.#clock.monotonicMs() + Math.max(0, ms)
    if (dueMs >= this.#dueMs || this.#signal.aborted) return
    this.#dueMs = dueMs
    void this.#wait(dueMs, Math.max(0, ms))
  }

  /** Time, or the signal, ends the wait. */
  async #wait (dueMs: number, ms: number): Promise<void> {
    await this.#clock.sleep(ms, this.#signal)
    if (this.#signal.aborted || this.#dueMs !== dueMs) return
    this.#dueMs = Infinity
    this.#action()
  }
}
