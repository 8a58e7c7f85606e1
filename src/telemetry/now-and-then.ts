/** What was told less than this ago, ms, is told again only when it lasts. */
const quietMs = 60_000
/** So long a state lasts, ms. */
const lastingMs = 5_000

/**
 * Keeps what comes and goes from filling the log: that it has begun is told at once, but for a minute not again, unless
 * it lasts. Stamps are those of the monotonic clock.
 */
export class NowAndThen {
  readonly #toldMs = new Map<string, number>()
  #untoldCount = 0

  /** Whether a state that began at `sinceMs`, for this reason, is to be told now. */
  isDue (reason: string, sinceMs: number, nowMs: number): boolean {
    return nowMs - (this.#toldMs.get(reason) ?? -Infinity) >= quietMs || nowMs - sinceMs >= lastingMs
  }

  /** It is told now. @returns what is told besides: how many came and went untold since the last one that was told */
  told (reason: string, nowMs: number): { readonly pausesBefore?: number } {
    const pausesBefore = this.#untoldCount
    this.#toldMs.set(reason, nowMs)
    this.#untoldCount = 0
    return pausesBefore === 0 ? {} : { pausesBefore }
  }

  /** One is over that was not told. */
  passed (): void {
    this.#untoldCount++
  }
}

// Tested in test/delivery/status.test.ts and test/spool/trouble.test.ts
