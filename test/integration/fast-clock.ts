import { setTimeout as delay } from 'node:timers/promises'
import type { Alarm } from '../../src/contracts/alarms.ts'
import type { Clock } from '../../src/contracts/clock.ts'

/** A clock that runs faster than the system's, so that ages and pauses as in production take no time in a test. */
export class FastClock implements Clock {
  readonly #factor: number
  readonly #startMs = Date.now()
  readonly #started = performance.now()
  #skippedMs = 0

  constructor (factor: number) {
    this.#factor = factor
  }

  wallMs (): number {
    return Math.floor(this.#startMs + this.#skippedMs + this.monotonicMs())
  }

  monotonicMs (): number {
    return (performance.now() - this.#started) * this.#factor
  }

  /** Moves wall time, forwards or back; monotonic time and sleeps go on as they were. */
  step (ms: number): void {
    this.#skippedMs += ms
  }

  async sleep (ms: number, signal?: AbortSignal): Promise<void> {
    try {
      await delay(Math.min(ms / this.#factor, 2 ** 31 - 1), undefined, { signal })
    } catch (error) {
      if (!signal?.aborted) throw error
    }
  }

  alarm (action: () => void): Alarm {
    let timer: NodeJS.Timeout | undefined
    return {
      at: dueMs => {
        clearTimeout(timer)
        timer = setTimeout(action, Math.max(0, Math.min((dueMs - this.monotonicMs()) / this.#factor, 2 ** 31 - 1)))
      },
      clear: () => clearTimeout(timer),
    }
  }
}
