/** Lets so many in at a time, in the order in which they came. */
export class Turnstile {
  readonly #maxCount: number
  #count = 0
  readonly #waiting: (() => void)[] = []

  constructor (maxCount: number) {
    this.#maxCount = maxCount
  }

  /** Resolves when there is room, which is then taken; undefined when it is taken at once. */
  enter (): Promise<void> | undefined {
    if (this.#count >= this.#maxCount) return new Promise(resolve => this.#waiting.push(resolve))
    this.#count++
    return undefined
  }

  /** Makes room: the next one takes it. Called once by each that entered. */
  leave (): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#count--
    else next()
  }
}

// Tested in test/spool/guarded-disk.test.ts
