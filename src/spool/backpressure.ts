import { setImmediate as turn } from 'node:timers/promises'
import type { Clock } from '../contracts/clock.ts'
import { Timer } from './timer.ts'

/** Sources that were held for as long as allowed go on for so long, ms: one may pause as long between two reads. */
export const restMs = 25

/**
 * Asks sources to wait while the write buffers of some route are nearly full; its quota counts as another route.
 * With an infinite `maxStallMs` nothing but room, and the signal, ends a wait.
 *
 * A route is waited for from the moment it becomes full, for `maxStallMs` at most. When it stays full for longer, it
 * has had its wait: what finds no room in it is dropped where it is counted, until it has had room and becomes full
 * anew. Sources wait while any route is waited for, so a route that stays full takes no wait from the others.
 *
 * However routes take turns in becoming full, sources are held for `maxStallMs` at most at a stretch. After that they
 * go on for `restMs`, and are then held again for what is left of the waits. Two waits with less than a whole turn of
 * the event loop between them are one stretch: no source could read its socket in between.
 */
export class Backpressure {
  readonly #clock: Clock
  readonly #maxStallMs: number
  readonly #signal: AbortSignal
  readonly #timer: Timer
  /** The full routes, and until when each is waited for, monotonic ms. */
  readonly #waitEndMs = new Map<string, number>()
  #isFull = false
  /** When the current stretch ends at the latest, monotonic ms; undefined when none has begun. */
  #stretchEndMs: number | undefined
  #isResting = false
  /** Number of the last time that sources were let go on, so that what follows an earlier one means nothing. */
  #openedCount = 0
  #waiting: PromiseWithResolvers<void> | undefined

  constructor (clock: Clock, maxStallMs: number, signal: AbortSignal) {
    this.#clock = clock
    this.#maxStallMs = maxStallMs
    this.#signal = signal
    this.#timer = new Timer(clock, signal, () => this.#look())
    signal.addEventListener('abort', () => this.#look(), { once: true })
  }

  get isFull (): boolean { return this.#isFull }

  /** `route` became full. It is waited for `maxMs`, and for the longest stall, at most. */
  enter (route: string, maxMs = Infinity): void {
    this.#waitEndMs.set(route, this.#clock.monotonicMs() + Math.min(maxMs, this.#maxStallMs))
    this.#look()
  }

  /** `route` has room again. */
  leave (route: string): void {
    this.#waitEndMs.delete(route)
    this.#look()
  }

  /** Ends when every route that is waited for has room, and with its wait, the stretch or the spool otherwise. */
  whenWritable (): Promise<void> {
    if (!this.#isFull) return Promise.resolve()
    this.#waiting ??= Promise.withResolvers<void>()
    return this.#waiting.promise
  }

  /** Decides whether sources wait. Called when a route changes, and when a wait, a stretch or a rest ends. */
  #look (): void {
    const nowMs = this.#clock.monotonicMs()
    let waitEndMs = nowMs
    for (const endMs of this.#waitEndMs.values()) waitEndMs = Math.max(waitEndMs, endMs)
    const stretchEndMs = this.#stretchEndMs ?? nowMs + this.#maxStallMs
    if (this.#isResting || waitEndMs <= nowMs || stretchEndMs <= nowMs || this.#signal.aborted) {
      this.#open(stretchEndMs <= nowMs)
      return
    }
    this.#isFull = true
    this.#stretchEndMs = stretchEndMs
    this.#timer.setIn(Math.min(waitEndMs, stretchEndMs) - nowMs)
  }

  /** Lets sources go on. */
  #open (isStretchOver: boolean): void {
    if (!this.#isFull) return
    this.#isFull = false
    this.#waiting?.resolve()
    this.#waiting = undefined
    this.#isResting = isStretchOver
    void this.#endStretch(++this.#openedCount)
  }

  /** Ends the stretch, unless sources are held again before they could read. */
  async #endStretch (opened: number): Promise<void> {
    if (this.#isResting) await this.#clock.sleep(restMs, this.#signal)
    // The rest of this turn, and the next one with its reads.
    await turn()
    await turn()
    if (opened !== this.#openedCount || this.#isFull) return
    this.#isResting = false
    this.#stretchEndMs = undefined
    this.#look()
  }
}
