import type { Alarm } from '../contracts/alarms.ts'
import type { Clock } from '../contracts/clock.ts'

/**
 * Calls `action` once, at the earliest of the times it was set to. Setting it to a later time than it has costs
 * nothing. Only the signal cancels it.
 */
export class Timer {
  readonly #clock: Clock
  readonly #signal: AbortSignal
  readonly #alarm: Alarm
  /** When it is due, monotonic ms; infinite when it is not set. */
  #dueMs = Infinity

  constructor (clock: Clock, signal: AbortSignal, action: () => void) {
    this.#clock = clock
    this.#signal = signal
    this.#alarm = clock.alarm(() => {
      this.#dueMs = Infinity
      action()
    })
    signal.addEventListener('abort', () => this.#alarm.clear(), { once: true })
  }

  /** Makes it due in `ms`, unless it is due earlier. The action finds out itself what there is to do. */
  setIn (ms: number): void {
    const dueMs = this.#clock.monotonicMs() + Math.max(0, ms)
    if (dueMs >= this.#dueMs || this.#signal.aborted) return
    this.#dueMs = dueMs
    this.#alarm.at(dueMs)
  }
}
