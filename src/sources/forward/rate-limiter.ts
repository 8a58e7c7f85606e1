/** So many of something in so much time: whoever can reach a log socket must not be able to fill our own log. */
export class RateLimiter {
  readonly #maxCount: number
  readonly #windowMs: number
  #startMs = Number.NEGATIVE_INFINITY
  /** Those of the window that were allowed. */
  readonly #allowed = new Set<string>()

  constructor (maxCount: number, windowMs: number) {
    this.#maxCount = maxCount
    this.#windowMs = windowMs
  }

  /**
   * Asks for one more. Of those that are alike one is allowed, so that many of them do not hide another.
   *
   * @param what the same for those that are alike
   * @returns undefined where it is refused; else what is to be said besides
   */
  take (nowMs: number, what: string): { readonly muted: string } | undefined {
    if (Math.abs(nowMs - this.#startMs) >= this.#windowMs) {
      this.#startMs = nowMs
      this.#allowed.clear()
    }
    if (this.#allowed.size >= this.#maxCount || this.#allowed.has(what)) return undefined
    this.#allowed.add(what)
    const others = this.#allowed.size === this.#maxCount ? 'all others' : 'more of these'
    return { muted: `${others} within a minute are only counted` }
  }
}
