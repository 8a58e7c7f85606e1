import type { Clock } from '../contracts/clock.ts'

/**
 * Asks sources to wait while some route's buffers are nearly full, but never longer than `maxStallMs` at a stretch:
 * after that they go on, and what finds no room is dropped where it is counted.
 */
export class Backpressure {
  readonly #clock: Clock
  readonly #maxStallMs: number
  readonly #signal: AbortSignal
  #fullCount = 0
  /** Number of the current stretch of fullness, so that the end of an earlier one's allowance means nothing. */
  #stretch = 0
  #isFull = false
  #waiting: PromiseWithResolvers<void> | undefined

  constructor (clock: Clock, maxStallMs: number, signal: AbortSignal) {
    this.#clock = clock
    this.#maxStallMs = maxStallMs
    this.#signal = signal
    signal.addEventListener('abort', () => this.#open(), { once: true })
  }

  get isFull (): boolean { return this.#isFull }

  /** A route became full. */
  enter (): void {
    if (++this.#fullCount > 1 || this.#signal.aborted) return
    this.#isFull = true
    void this.#endStall(++this.#stretch)
  }

  /** A route has room again. */
  leave (): void {
    if (--this.#fullCount === 0) this.#open()
  }

  whenWritable (): Promise<void> {
    if (!this.#isFull) return Promise.resolve()
    this.#waiting ??= Promise.withResolvers<void>()
    return this.#waiting.promise
  }

  async #endStall (stretch: number): Promise<void> {
    await this.#clock.sleep(this.#maxStallMs, this.#signal)
    if (stretch === this.#stretch) this.#open()
  }

  #open (): void {
    this.#isFull = false
    this.#waiting?.resolve()
    this.#waiting = undefined
  }
}
