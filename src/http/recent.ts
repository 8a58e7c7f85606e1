import type { Clock } from '../contracts/clock.ts'

/**
 * Makes a page at most once in `intervalMs`: whoever asks meanwhile gets the same bytes, which nobody may change.
 *
 * A page that could not be made is tried again by the next who asks.
 */
export function recent (intervalMs: number, clock: Clock, make: () => string): () => Buffer {
  let page: Buffer | undefined
  let madeMs = 0
  return () => {
    const nowMs = clock.monotonicMs()
    if (page === undefined || nowMs - madeMs >= intervalMs) {
      page = Buffer.from(make())
      madeMs = nowMs
    }
    return page
  }
}
