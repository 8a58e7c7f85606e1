import type { Config } from '../config/settings.ts'
import type { Outcome } from '../contracts/outcome.ts'
import type { LogRecord } from '../contracts/record.ts'
import type { Acceptor } from '../contracts/source.ts'
import type { ErrorReading } from '../formats/error-reading.ts'
import type { FrequentErrors } from '../signals/frequent-errors.ts'
import type { Signals } from '../signals/signals.ts'
import type { RouteSpool } from '../spool/spool.ts'
import type { AcceptAgain } from './again.ts'
import type { JoinOptions } from './joins.ts'
import type { OutletOptions } from './outlets.ts'
import type { Route } from './routes.ts'
import type { Instruments } from '../telemetry/instruments.ts'

export interface InboundOptions extends
  OutletOptions, Pick<Instruments, 'metrics' | 'log'>, Pick<JoinOptions, 'joinsBytes' | 'clock'> {
  readonly config: Config
  /** Where lines in a row are appended to a route; without it each line goes by itself. */
  readonly blocksOf?: (route: Route) => LineBlocks
  /** Fields of ECS that are added to access lines and errors, as `fieldsJson` makes them; empty: none. */
  readonly enrichment: string
  readonly spool: Pick<Acceptor, 'isFull' | 'whenWritable' | 'stored'>
  /** False while so much of what joins have let go of waits for the disk that they hold the rest. True unless given. */
  readonly joinsHaveRoom?: () => boolean
  /** Listens from the first record on. */
  readonly listener?: Listener
}

/**
 * Called when a record has reached its end; all objects are reused. `reading` is of the record where its class is
 * `error` and no stage failed. Costs nothing where nobody listens.
 */
export type Listener = (record: LogRecord, outcome: Outcome, reading: Pick<ErrorReading, 'fields'>) => void

/** As `RouteSpool` has it. */
export type LineBlocks = Pick<RouteSpool, 'timesOfLast' | 'appendToLast'>

/** The inbound half: one record at a time from its source into the spool. */
export interface Inbound {
  /** What a source hands its records to; they are counted as received from `source`. */
  acceptor (source: string): Acceptor
  /** What takes records that had passed here before, as they were written then. */
  again (source: string): AcceptAgain
  /** Has `listener` called from the next record on, in place of any other, until the returned function is called. */
  listen (listener: Listener): () => void
  /**
   * Releases what joins have held for long enough, sums up storms, and tells of containers that are not heard of.
   * Called every `tickMs`.
   */
  tick (): void
  /** Changes with what joins hold, ms. */
  readonly tickMs: number
  /** Releases everything that joins hold, and sums up storms. */
  flush (): void
  /**
   * The same at the stop, in as many turns of the event loop as it takes: much that is held takes a second of a small
   * CPU, in which a health check wants its answer. Called when nothing more comes; ends by itself.
   */
  flushInTurns (): Promise<void>
  /** Memory that joins take. */
  readonly joinedBytes: number
  /** Troubles that lines show, and which errors are most frequent. */
  readonly signals: Signals
  readonly frequent: FrequentErrors
}
