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

  /** One begins. @returns what its end is told with */
  begin (): number {
    this.#begunMs.set(++this.#count, this.#clock.monotonicMs())
    return this.#count
  }

  end (number: number): void {
    this.#begunMs.delete(number)
  }
}
