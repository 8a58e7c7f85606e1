const fastBytes = 16 * 1024 * 1024
const fastMs = 1_000

/**
 * Whether a destination takes much: 16 MiB within a second, and for a second after. It then keeps sources waiting for
 * moments only, and none but those that send as much: some 35,000 lines a second, which is no application by itself.
 */
export class DeliveryPace {
  #bytes = 0
  #sinceMs = 0
  #isFastUntilMs = -Infinity

  /** So many bytes were delivered at `nowMs`, monotonic. */
  add (bytes: number, nowMs: number): void {
    if (nowMs - this.#sinceMs > fastMs) this.#begin(nowMs)
    this.#bytes += bytes
    if (this.#bytes < fastBytes) return
    this.#isFastUntilMs = nowMs + fastMs
    this.#begin(nowMs)
  }

  isFast (nowMs: number): boolean { return nowMs < this.#isFastUntilMs }

  #begin (nowMs: number): void {
    this.#sinceMs = nowMs
    this.#bytes = 0
  }
}

// Tested in test/spool/route-spool.test.ts
