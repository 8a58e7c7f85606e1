import { restMs } from './backpressure.ts'
import type { RouteHost } from './route-host.ts'

/**
 * Longest time for which sources wait at a quota, ms: half of the pause that an ordinary sender has anyway, since all
 * of them wait for what one of them floods.
 */
export const holdMs = 50

/**
 * Asks sources to wait at a route's quota, for moments: after each of them all are read for `restMs`, however full it
 * is. Where sources wait for room (`maxStallMs` is infinite), only room ends a wait.
 */
export class QuotaHold {
  readonly #host: RouteHost
  readonly #endsByItself: boolean
  /** When the wait began, monotonic ms; undefined while there is none. */
  #sinceMs: number | undefined
  #restEndMs = -Infinity

  constructor (host: RouteHost) {
    this.#host = host
    this.#endsByItself = host.maxStallMs !== Infinity
  }

  /** The quota is full. Called again and again while it is. */
  hold (): void {
    const nowMs = this.#host.clock.monotonicMs()
    if (this.#sinceMs !== undefined) {
      if (!this.#endsByItself || nowMs < this.#sinceMs + holdMs) return
      this.letGo()
    }
    if (nowMs < this.#restEndMs) return
    this.#sinceMs = nowMs
    this.#host.onFull('quota', this.#endsByItself ? holdMs : Infinity)
  }

  /** It has room, or nobody is to wait for it. */
  letGo (): void {
    if (this.#sinceMs === undefined) return
    const endMs = Math.min(this.#host.clock.monotonicMs(), this.#sinceMs + holdMs)
    if (this.#endsByItself) this.#restEndMs = endMs + restMs
    this.#sinceMs = undefined
    this.#host.onWritable('quota')
  }
}

// Tested in test/spool/route-spool.test.ts
