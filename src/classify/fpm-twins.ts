import type { Clock } from '../clock.ts'

export interface FpmTwinsOptions {
  /** How long a message waits for its twin. */
  readonly maxAgeMs: number
  /** Messages that may wait at once; the oldest are forgotten first. */
  readonly maxCount: number
  readonly clock: Pick<Clock, 'now'>
}

/**
 * Recognises messages of PHP that php-fpm reports twice: on its own standard error, and through Apache (AH01071).
 *
 * Each message is paired once, so an error that happens again is no twin of itself.
 */
export interface FpmTwins {
  /**
   * Takes the messages of one record.
   *
   * @returns true when every one of them has come on the other way already: the record says nothing new
   */
  isTwin (by: 'fpm' | 'apache', messages: readonly string[]): boolean
}

interface Waiting {
  readonly by: 'fpm' | 'apache'
  count: number
  sinceMs: number
}

/** How much of a message is compared, characters: both ways cut long ones, at different places. */
const comparedLength = 160

export function createFpmTwins ({ maxAgeMs, maxCount, clock }: FpmTwinsOptions): FpmTwins {
  // Oldest first.
  const waiting = new Map<string, Waiting>()

  function forget (nowMs: number): void {
    for (const [key, { sinceMs }] of waiting) {
      if (waiting.size <= maxCount && Math.abs(nowMs - sinceMs) < maxAgeMs) return
      waiting.delete(key)
    }
  }

  /** Pairs one message with its twin, or lets it wait for it. */
  function pair (by: 'fpm' | 'apache', message: string, nowMs: number): boolean {
    const key = essence(message)
    const found = waiting.get(key)
    if (found !== undefined && found.by !== by) {
      if (--found.count === 0) waiting.delete(key)
      return true
    }
    waiting.delete(key)
    waiting.set(key, { by, count: (found?.count ?? 0) + 1, sinceMs: nowMs })
    return false
  }

  return {
    isTwin (by, messages) {
      const nowMs = clock.now()
      forget(nowMs)
      let isTwin = messages.length > 0
      for (const message of messages) isTwin = pair(by, message, nowMs) && isTwin
      forget(nowMs)
      return isTwin
    },
  }
}

/** What both ways leave of a message: they differ in control characters, blank lines and cut characters. */
function essence (message: string): string {
  return message.slice(0, comparedLength * 4).replace(/\\x[0-9a-f]{2}|\\[vb]|[\s\p{C}\ufffd]+/gu, '').slice(0, comparedLength)
}
