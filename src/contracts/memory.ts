/** A share of the memory budget, as it is told: in metrics and on the health page. */
export interface MemoryShare {
  readonly name: MemoryShareName
  /** What it may hold. */
  readonly maxBytes: number
  /** What it holds now. */
  readonly usedBytes: number
}

/**
 * `frames`: of senders, in the making. `joins`: lines and traces that are being put together. `buffers`: lines on their
 * way to the disk. `batches`: of events, and `objects`, while they are sent.
 */
export const memoryShareNames = ['frames', 'joins', 'buffers', 'batches', 'objects'] as const
export type MemoryShareName = typeof memoryShareNames[number]

interface Waiter { readonly bytes: number, readonly begin: () => void }

/**
 * Lets tasks run while what they hold fits a bound, in the order in which they came. Those that may well hold it for
 * long, since they did so before, wait in a line of their own, and the two lines take turns: however many they are,
 * another waits for one of them.
 */
export class MemoryTurns {
  readonly maxBytes: number
  #usedBytes = 0
  /** Whose turn it is first: the other line than that of the last who had to wait. */
  #lines: readonly [Waiter[], Waiter[]]
  readonly #slow: Waiter[] = []
  readonly #usual: Waiter[] = []

  constructor (maxBytes: number) {
    this.maxBytes = maxBytes
    this.#lines = [this.#usual, this.#slow]
  }

  get usedBytes (): number { return this.#usedBytes }

  /**
   * Runs `task`, which holds `bytes`, when they fit, and alone if they are more than the bound. The tasks before it end
   * this wait, or `signal`.
   *
   * @param isSlow whether it waits in the line of those that may hold it for long
   * @throws what `signal` aborted with, if it did before the task began
   */
  async run<Result> (
    bytes: number, signal: AbortSignal, task: () => Promise<Result>, isSlow = false
  ): Promise<Result> {
    const isWaiting = this.#lines.some(({ length }) => length > 0)
    if (isWaiting || !this.#fits(bytes)) await this.#turn(bytes, signal, isSlow ? this.#slow : this.#usual)
    else this.#usedBytes += bytes
    try {
      signal.throwIfAborted()
      return await task()
    } finally {
      this.#usedBytes -= bytes
      this.#beginNext()
    }
  }

  #fits (bytes: number): boolean { return this.#usedBytes === 0 || this.#usedBytes + bytes <= this.maxBytes }

  async #turn (bytes: number, signal: AbortSignal, line: Waiter[]): Promise<void> {
    signal.throwIfAborted()
    let hasBegun = false
    await new Promise<void>(resolve => {
      const leave = () => {
        line.splice(line.indexOf(waiter), 1)
        // It may have been in the way of others.
        this.#beginNext()
        resolve()
      }
      const begin = () => {
        hasBegun = true
        signal.removeEventListener('abort', leave)
        resolve()
      }
      const waiter = { bytes, begin }
      line.push(waiter)
      signal.addEventListener('abort', leave, { once: true })
    })
    if (!hasBegun) signal.throwIfAborted()
  }

  #beginNext (): void {
    for (;;) {
      const [first, second] = this.#lines
      const line = first.length > 0 ? first : second
      const next = line[0]
      if (next === undefined || !this.#fits(next.bytes)) return
      line.shift()
      this.#lines = line === this.#slow ? [this.#usual, this.#slow] : [this.#slow, this.#usual]
      this.#usedBytes += next.bytes
      next.begin()
    }
  }
}
