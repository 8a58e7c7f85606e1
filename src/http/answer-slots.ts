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
 * Resolves with whether the answer may be made: true at once, when another was sent, or after `waitMs`; false when too
 * many wait, when nobody else is so slow, or when the caller is gone. Rejects never. The slot is free again when the
 * answer is sent.
 */
export type TakeSlot = (response: ServerResponse) => Promise<boolean>

/**
 * Lets few long answers be in memory at once, however slowly they are read. After `waitMs` the one that has been sent
 * for longest, and for as long at least, gives way: its connection is closed.
 */
export function createAnswerSlots ({ clock, count, maxWaiting, waitMs, sendMs }: AnswerSlotsOptions): TakeSlot {
  let freeCount = count
  const waiting = new Set<AbortController>()
  /** Each has a slot, since then, monotonic ms; the longest first. */
  const sending = new Map<ServerResponse, number>()

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
    sending.set(response, clock.monotonicMs())
    const sent = new AbortController()
    // At once, if the caller has gone meanwhile.
    finished(response, () => {
      sent.abort()
      if (sending.delete(response)) release()
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
    if (!waiting.delete(waiter)) return true
    const [[slowest, sinceMs] = []] = sending
    if (waiter.signal.aborted || slowest === undefined || clock.monotonicMs() - (sinceMs ?? 0) < waitMs) return false
    sending.delete(slowest)
    slowest.destroy()
    return true
  }

  return async response => {
    if (freeCount > 0) freeCount--
    else if (waiting.size >= maxWaiting || !await turn(response)) return false
    hold(response)
    return true
  }
}
