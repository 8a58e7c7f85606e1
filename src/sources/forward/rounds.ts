import type { Alarm } from '../../contracts/alarms.ts'
import type { Clock } from '../../contracts/clock.ts'

export interface RoundsOptions {
  readonly clock: Clock
  /** A round begins: what it brings is handed over in this turn of the event loop. */
  readonly onRound?: (() => void) | undefined
}

/** Who comes so shortly before a round, ms, waits for the next one: a timer may fire so much too early. */
const tooSoonMs = 2

/**
 * Reads senders in rounds: those who are left alone for as long as each other are read at the same moment, so that the
 * process wakes up once for all of them. One alarm serves everybody. It is set again before they come back; when none
 * of them has come back by then, it is not set any more.
 */
export class Rounds {
  readonly #options: RoundsOptions
  readonly #alarm: Alarm
  /** When each is to be read, monotonic ms, and what then ends its wait. */
  readonly #waiting = new Map<object, Waiting>()
  /** When the next round is; infinite while the alarm is not set. */
  #nextMs = Infinity

  constructor (options: RoundsOptions) {
    this.#options = options
    this.#alarm = options.clock.alarm(() => this.#begin(this.#nextMs))
  }

  /**
   * Resolves when `sender` is to be read: in the first round of its pace, which is in little more than `pauseMs` at the
   * latest, or when `leave` is called.
   */
  wait (sender: object, pauseMs: number): Promise<void> {
    const nowMs = this.#options.clock.monotonicMs()
    let dueMs = (Math.floor(nowMs / pauseMs) + 1) * pauseMs
    if (dueMs - nowMs < Math.min(tooSoonMs, pauseMs / 2)) dueMs += pauseMs
    return new Promise(resolve => {
      this.#waiting.set(sender, { dueMs, pauseMs, resolve })
      this.#arm(dueMs)
    })
  }

  /** `sender` waits no longer. Safe when it does not. */
  leave (sender: object): void {
    const waiting = this.#waiting.get(sender)
    this.#waiting.delete(sender)
    waiting?.resolve()
  }

  #arm (dueMs: number): void {
    if (dueMs >= this.#nextMs) return
    this.#nextMs = dueMs
    this.#alarm.at(dueMs)
  }

  #begin (dueMs: number): void {
    this.#nextMs = Infinity
    let nextMs = Infinity
    let isTold = false
    for (const [sender, waiting] of this.#waiting) {
      const isDue = waiting.dueMs <= dueMs
      nextMs = Math.min(nextMs, isDue ? dueMs + waiting.pauseMs : waiting.dueMs)
      if (!isDue) continue
      if (!isTold) this.#options.onRound?.()
      isTold = true
      this.leave(sender)
    }
    if (nextMs < Infinity) this.#arm(nextMs)
  }
}

interface Waiting { readonly dueMs: number, readonly pauseMs: number, readonly resolve: () => void }
