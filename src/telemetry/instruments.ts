import type { Logger } from 'pino'
import type { Clock } from '../contracts/clock.ts'
import type { Ledger } from './ledger.ts'
import type { Metrics } from './metrics.ts'

/** What most parts are given: the time, where they count, and where they tell. */
export interface Instruments {
  readonly clock: Clock
  readonly ledger: Ledger
  readonly metrics: Metrics
  /** That of the process. */
  readonly log: Logger
}
