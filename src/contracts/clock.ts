import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { Alarms, type Alarm } from './alarms.ts'

/** Time, as tests may replace it. */
export interface Clock {
  /** Wall time, ms since the epoch: for stamps and the names of hours only, since it may step at any moment. */
  wallMs (): number
  /** Ms since some moment of this process: never steps, so every age, wait and deadline is measured with it. */
  monotonicMs (): number
  /** Resolves after `ms`, or at once when `signal` aborts; never rejects. */
  sleep (ms: number, signal?: AbortSignal): Promise<void>
  /** For what happens again and again: costs less than a sleep, and wakes the process together with others. */
  alarm (action: () => void): Alarm
}

const alarms = new Alarms(() => performance.now())

export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: async (ms, signal) => {
    try {
      await delay(ms, undefined, { signal })
    } catch (error) {
      // An abort ends the sleep too; the caller looks at its signal.
      if (!signal?.aborted) throw error
    }
  },
  alarm: action => alarms.create(action),
}

/** Resolves when `signal` aborts. */
export async function aborted (signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort')
}

/** An alarm may come so much too early, ms, and rings no second time for that. */
const earlyMs = 2

/**
 * Calls `action` at every whole multiple of `ms` that is not just now, until the returned function is called.
 *
 * @param ms a number, or what says before each action when the next one is due
 */
export function every (clock: Clock, ms: number | (() => number), action: () => void): () => void {
  function next (): number {
    const periodMs = typeof ms === 'number' ? ms : ms()
    return (Math.floor((clock.monotonicMs() + earlyMs) / periodMs) + 1) * periodMs
  }
  const alarm = clock.alarm(() => {
    alarm.at(next())
    action()
  })
  alarm.at(next())
  return () => alarm.clear()
}
