import type { Clock } from '../contracts/clock.ts'

/** How often at most a file is looked for after a write, ms; where somebody waits for the write it always is. */
const lookMs = 1000

/** When to look, behind a write, whether the file has its name still: a write to one without a name succeeds. */
export class FileLook {
  readonly #clock: Pick<Clock, 'monotonicMs'>
  /** When the file was last found where it belongs, monotonic ms. */
  #foundMs = -Infinity

  constructor (clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock
  }

  /** It was found there just now. */
  found (): void { this.#foundMs = this.#clock.monotonicMs() }

  /** Whether the next write is to look; `isWaitedFor`: somebody is told that the lines are stored. */
  isDue (isWaitedFor: boolean): boolean {
    if (!isWaitedFor && this.#clock.monotonicMs() - this.#foundMs < lookMs) return false
    this.found()
    return true
  }
}

// Tested in test/spool/open-segment.test.ts
