import type { Clock } from '../contracts/clock.ts'

/** An operation that takes longer holds up others: writing what waits takes a slow disk a second at most, ms. */
const hangMs = 5_000

/** Knows when a file operation does not end, which no error ever tells. */
export class HangWatch {
  readonly #clock: Clock
  /** When those under way began, monotonic ms, the oldest first. */
  readonly #begunMs = new Map<number, number>()
  readonly #waiting: (() => void)[] = []
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
    if (this.#begunMs.size === 0) for (const wake of this.#waiting.splice(0)) wake()
  }

  /** Resolves when none is under way, which a disk that hangs never lets happen. */
  async idle (): Promise<void> {
    while (this.#begunMs.size > 0) await new Promise<void>(resolve => this.#waiting.push(resolve))
  }
}
