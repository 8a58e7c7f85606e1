import type { Logger } from 'pino'

/** From one look to the next: longer is told. A full collection of memory or a slow disk takes far less. */
const longMs = 10_000
/** Where it happens again and again, what came since is told so often. */
const everyMs = 60_000
const advice = 'senders were not read meanwhile, and may have waited: it was stopped, or was given no CPU; ' +
  'look at the CPU of the task and of the machine, and at who sends SIGSTOP'

/**
 * Tells that the process stood still: in its log there is nothing of that time, and nothing else says why.
 *
 * @param startedMs when the first look might have been, by the monotonic clock, as all times here
 * @returns its look, to be called each second, and a last time with `isLast`
 */
export function createStandstill (
  startedMs: number, log: Pick<Logger, 'warn'>
): (nowMs: number, isLast?: boolean) => void {
  let lastMs = startedMs
  let toldMs = -Infinity
  let times = 0
  let stoodMs = 0
  return (nowMs, isLast = false) => {
    const gapMs = nowMs - lastMs
    lastMs = nowMs
    if (gapMs > longMs) {
      times++
      stoodMs += gapMs
    }
    if (times === 0 || (nowMs - toldMs < everyMs && !isLast)) return
    log.warn({ stoodMs: Math.round(stoodMs), times, advice }, 'the process stood still')
    toldMs = nowMs
    times = stoodMs = 0
  }
}

// Tested in test/telemetry/standstill.test.ts
