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

/** Lets tasks run while what they hold fits a bound, in the order in which they came. */
export class MemoryTurns {
  readonly maxBytes: number
  #usedBytes = 0
  readonly #waiting: { readonly bytes: number, readonly begin: () => void }[] = []

  constructor (maxBytes: number) {
    this.maxBytes = maxBytes
  }

  get usedBytes (): number { return this.#usedBytes }

  /**
   * Runs `task`, which holds `bytes`, when they fit, and alone if they are more than the bound. The tasks before it end
   * this wait, or `signal`.
   *
   * @throws what `signal` aborted with, if it did before the task began
   */
  async run<Result> (bytes: number, signal: AbortSignal, task: () => Promise<Result>): Promise<Result> {
    if (this.#waiting.length > 0 || !this.#fits(bytes)) await this.#turn(bytes, signal)
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

  async #turn (bytes: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    let hasBegun = false
    await new Promise<void>(resolve => {
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1)
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
      this.#waiting.push(waiter)
      signal.addEventListener('abort', leave, { once: true })
    })
    if (!hasBegun) signal.throwIfAborted()
  }

  #beginNext (): void {
    for (let next = this.#waiting[0]; next !== undefined && this.#fits(next.bytes); next = this.#waiting[0]) {
      this.#waiting.shift()
      this.#usedBytes += next.bytes
      next.begin()
    }
  }
}
