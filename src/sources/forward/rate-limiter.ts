/** So many of something in so much time: whoever can reach a log socket must not be able to fill our own log. */
export class RateLimiter {
  readonly #maxCount: number
  readonly #windowMs: number
  #startMs = Number.NEGATIVE_INFINITY
  #count = 0

  constructor (maxCount: number, windowMs: number) {
    this.#maxCount = maxCount
    this.#windowMs = windowMs
  }

  /** Asks for one more; `isLast` if the next ones will be refused until the window is over. */
  take (nowMs: number): { readonly isAllowed: boolean, readonly isLast: boolean } {
    if (Math.abs(nowMs - this.#startMs) >= this.#windowMs) {
      this.#startMs = nowMs
      this.#count = 0
    }
    this.#count++
    return { isAllowed: this.#count <= this.#maxCount, isLast: this.#count === this.#maxCount }
  }
}
