import { diskProblem, errorCode, isNoSpace } from '../contracts/disk-errors.ts'
import type { Clock } from '../contracts/clock.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { NowAndThen } from '../telemetry/now-and-then.ts'
import type { SpoolLog } from './spool.ts'

const firstPauseMs = 100
const maxPauseMs = 1000

/** Pause before the next try after `failedCount` tries in a row have failed. */
export function retryPauseMs (failedCount: number): number {
  return Math.min(maxPauseMs, firstPauseMs * 2 ** Math.min(failedCount - 1, 10))
}

export interface TroubleOptions {
  readonly route: string
  readonly metrics: Metrics
  readonly log: SpoolLog
  readonly clock: Pick<Clock, 'monotonicMs'>
  /** The disk said that it is full. */
  readonly onNoSpace: () => void
}

/**
 * Counts what the disk refuses to one route, and says so once when it begins and once when it is over; once a minute
 * where it comes and goes.
 */
export class Trouble {
  readonly #options: TroubleOptions
  /** What is being refused now, and with which code. */
  readonly #refused = new Map<object, string>()
  readonly #nowAndThen = new NowAndThen()
  #sinceMs: number | undefined
  #isTold = false

  constructor (options: TroubleOptions) {
    this.#options = options
  }

  /** The code of the refusal that lasts longest; undefined when all is well. */
  get problem (): string | undefined {
    return this.#refused.values().next().value
  }

  /** Counts a failure that nobody tries again. */
  count (error: unknown): string {
    const code = errorCode(error)
    this.#options.metrics.counter('sluice_spool_write_errors_total', this.#options.route, code).value++
    if (isNoSpace(code)) this.#options.onNoSpace()
    return code
  }

  /** For what is not tried again: a failure is counted. @returns false at one */
  async tryOnce (operation: () => Promise<void>): Promise<boolean> {
    try {
      await operation()
      return true
    } catch (error) {
      this.count(error)
      return false
    }
  }

  failed (who: object, error: unknown): void {
    const code = this.count(error)
    if (!this.#refused.has(who)) this.#refused.set(who, code)
    const { route, log, clock } = this.#options
    const nowMs = clock.monotonicMs()
    this.#sinceMs ??= nowMs
    if (this.#isTold || !this.#nowAndThen.isDue(code, this.#sinceMs, nowMs)) return
    this.#isTold = true
    const advice = diskProblem(code, 'dataDir')
    log.warn({ route, code, error, advice, ...this.#nowAndThen.told(code, nowMs) }, 'spool paused')
  }

  /** What `who` was refused has succeeded, or is not needed any more. Cheap when nothing was refused. */
  ended (who: object): void {
    if (!this.#refused.delete(who) || this.#refused.size > 0) return
    this.#sinceMs = undefined
    if (!this.#isTold) {
      this.#nowAndThen.passed()
      return
    }
    this.#isTold = false
    this.#options.log.info({ route: this.#options.route }, 'spool resumed')
  }
}
