import type { Logger } from 'pino'
import type { Clock } from '../contracts/clock.ts'
import { HalfFull, type Filling } from '../telemetry/half-full.ts'
import type { Ledger } from '../telemetry/ledger.ts'
import { Losses, type Loss } from '../telemetry/losses.ts'

export interface WatchOptions {
  readonly clock: Clock
  readonly ledger: Ledger
  /** Those that drop lines when they are full. */
  readonly fillings: readonly Filling[]
  readonly log: Logger
}

/** What the watch knows that nobody else does, for the health page. */
export interface Watched {
  readonly losses: readonly Loss[]
}

export interface Watch {
  /** Called once. */
  start (): void
  /** Looks a last time. Resolves when nothing is looked at any more. Called once, when every record is counted. */
  stop (): Promise<void>
  readonly watched: Watched
}

/** How often it looks, ms. */
const lookMs = 1_000

/** Looks once a second at what is counted, and tells in the log what nobody would see in time otherwise. */
export function createWatch ({ clock, ledger, fillings, log }: WatchOptions): Watch {
  const losses = new Losses(ledger, log)
  const halfFull = new HalfFull(fillings, log)
  const stopped = new AbortController()
  let looking: Promise<void> = Promise.resolve()

  function look (): void {
    const nowMs = clock.monotonicMs()
    losses.look(nowMs)
    halfFull.look(nowMs)
  }

  /** Ended by the stop, and each pause by the clock or the stop. */
  async function keepLooking (): Promise<void> {
    for (;;) {
      await clock.sleep(lookMs, stopped.signal)
      if (stopped.signal.aborted) return
      look()
    }
  }

  return {
    start: () => { looking = keepLooking() },
    stop: async () => {
      stopped.abort()
      await looking
      losses.finish(clock.monotonicMs())
    },
    get watched () { return { losses: losses.current } },
  }
}
