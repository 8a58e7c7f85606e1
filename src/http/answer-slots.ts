import type { ServerResponse } from 'node:http'
import { finished } from 'node:stream'
import type { Clock } from '../contracts/clock.ts'

export interface AnswerSlotsOptions {
  readonly clock: Clock
  /** Answers being sent at once. */
  readonly count: number
  /** Answers that wait for one of those to be sent. */
  readonly maxWaiting: number
  readonly waitMs: number
  /** How long sending may take; then the connection is closed. */
  readonly sendMs: number
}

/**
 * Resolves with whether the answer may be made: true at once or when another was sent; false when too many wait, after
 * `waitMs`, or when the caller is gone. Rejects never. The slot is free again when the answer is sent.
 */
export type TakeSlot = (response: ServerResponse) => Promise<boolean>

/** Lets few long answers be in memory at once, however slowly they are read. */
export function createAnswerSlots ({ clock, count, maxWaiting, waitMs, sendMs }: AnswerSlotsOptions): TakeSlot {
  let freeCount = count
  const waiting = new Set<AbortController>()

  /** The slot of one goes to who waits longest. */
  function release (): void {
    const [next] = waiting
    if (next === undefined) freeCount++
    else {
      waiting.delete(next)
      next.abort()
    }
  }

  function hold (response: ServerResponse): void {
    const sent = new AbortController()
    // At once, if the caller has gone meanwhile.
    finished(response, () => {
      sent.abort()
      release()
    })
    // Ended by the answer, or by the clock.
    void clock.sleep(sendMs, sent.signal).then(() => { if (!sent.signal.aborted) response.destroy() })
  }

  /** Resolves with whether a slot was handed over. Ended by that, by the clock, or by the caller's going. */
  async function turn (response: ServerResponse): Promise<boolean> {
    const waiter = new AbortController()
    waiting.add(waiter)
    response.once('close', () => waiter.abort())
    await clock.sleep(waitMs, waiter.signal)
    // Still waiting: the time is over, or the caller has gone.
    return !waiting.delete(waiter)
  }

  return async response => {
    if (freeCount > 0) freeCount--
    else if (waiting.size >= maxWaiting || !await turn(response)) return false
    hold(response)
    return true
  }
}
