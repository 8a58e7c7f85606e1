import type { Clock } from '../contracts/clock.ts'

export interface QuietOptions {
  readonly clock: Clock
  readonly quietMs: number
  /** When something came last, by the clock's `monotonicMs`. */
  readonly lastReceivedMs: () => number
  /** Aborts when nothing can come any more. */
  readonly ended: AbortSignal
  /** Aborts when there is no more time to wait. */
  readonly signal: AbortSignal
}

/** Resolves when nothing came for `quietMs` from now on, nothing can come any more, or time is up. */
export async function untilQuiet (options: QuietOptions): Promise<void> {
  const { clock, quietMs, lastReceivedMs } = options
  const signal = AbortSignal.any([options.ended, options.signal])
  const startMs = clock.monotonicMs()
  let leftMs = quietMs
  while (leftMs > 0 && !signal.aborted) {
    await clock.sleep(leftMs, signal)
    leftMs = Math.max(startMs, lastReceivedMs()) + quietMs - clock.monotonicMs()
  }
}
