import type { Clock } from '../contracts/clock.ts'

/** An operation that takes longer holds up others: writing what waits takes a slow disk a second at most, ms. */
const hangMs = 5_000

/** Knows when a file operation does not end, which no error ever tells. */
export class HangWatch {
  readonly #clock: Clock
  /** When those under way began, monotonic ms, the oldest first. */
  readonly #begunMs = new Map<number, number>()
  #count = 0

  constructor (clock: Clock) {
    this.#clock = clock
  }

  get isHanging (): boolean {
    const oldestMs = this.#begunMs.values().next().value
    return oldestMs !== undefined && this.#clock.monotonicMs() - oldestMs >= hangMs
  }

  async during<Result> (operation: () => Promise<Result>): Promise<Result> {
    const number = ++this.#count
    this.#begunMs.set(number, this.#clock.monotonicMs())
    try {
      return await operation()
    } finally {
      this.#begunMs.delete(number)
    }
  }
}
