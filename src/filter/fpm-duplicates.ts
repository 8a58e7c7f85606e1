import type { Clock } from '../contracts/clock.ts'

export interface FpmDuplicatesOptions {
  /** How long a message waits for its duplicate. */
  readonly maxAgeMs: number
  /** Messages that may wait at once; the oldest are forgotten first. */
  readonly maxCount: number
  readonly clock: Pick<Clock, 'monotonicMs'>
}

/** Takes the messages of one record. @returns true when each has come on the other way already: it says nothing new */
export type IsDuplicate = (by: 'fpm' | 'apache', messages: readonly string[]) => boolean

interface Waiting {
  readonly by: 'fpm' | 'apache'
  count: number
  sinceMs: number
}

/** How much of a message is compared, characters: both ways cut long ones, at different places. */
const comparedLength = 160

/**
 * Recognises messages of PHP that php-fpm reports twice: on its own standard error, and through Apache (AH01071).
 *
 * Each message is paired once, so an error that happens again is no duplicate of itself.
 */
export function createFpmDuplicates ({ maxAgeMs, maxCount, clock }: FpmDuplicatesOptions): IsDuplicate {
  // Oldest first.
  const waiting = new Map<string, Waiting>()

  function forget (nowMs: number): void {
    for (const [key, { sinceMs }] of waiting) {
      if (waiting.size <= maxCount && nowMs - sinceMs < maxAgeMs) return
      waiting.delete(key)
    }
  }

  /** Pairs one message with its duplicate, or lets it wait for it. */
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

  return (by, messages) => {
    const nowMs = clock.monotonicMs()
    forget(nowMs)
    let isDuplicate = messages.length > 0
    for (const message of messages) isDuplicate = pair(by, message, nowMs) && isDuplicate
    return isDuplicate
  }
}

/** What both ways leave of a message: they differ in control characters, blank lines and cut characters. */
function essence (message: string): string {
  return message.slice(0, comparedLength * 4).replace(/\\x[0-9a-f]{2}|\\[vb]|[\s\p{C}\ufffd]+/gu, '').slice(0, comparedLength)
}
