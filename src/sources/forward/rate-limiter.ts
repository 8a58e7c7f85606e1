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

  /**
   * Asks for one more.
   *
   * @returns undefined where it is refused; else what is to be said besides, which is something for the last one
   */
  take (nowMs: number): { readonly muted?: string } | undefined {
    if (Math.abs(nowMs - this.#startMs) >= this.#windowMs) {
      this.#startMs = nowMs
      this.#count = 0
    }
    this.#count++
    if (this.#count > this.#maxCount) return undefined
    return this.#count === this.#maxCount ? { muted: 'more of these within a minute are only counted' } : {}
  }
}
