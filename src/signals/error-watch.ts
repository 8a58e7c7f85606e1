import type { LogRecord } from '../contracts/record.ts'
import type { ErrorReading } from '../formats/error-reading.ts'
import type { Counter } from '../telemetry/ledger.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { ActivityOf } from './activity.ts'
import { shapeOfError } from './error-shape.ts'
import type { FrequentErrors, SeenError } from './frequent-errors.ts'
import { signalsOf, workersIn, type SignalName } from './signal-table.ts'
import type { Signals } from './signals.ts'

export interface ErrorWatchOptions {
  readonly metrics: Metrics
  readonly signals: Signals
  readonly frequent: FrequentErrors
  readonly activityOf: ActivityOf
}

/** Counts an error, and notes the signals that it shows. `reading` is of this record. @returns its fingerprint */
export type WatchError = (record: LogRecord, reading: ErrorReading) => string

/** Shapes of lines that are remembered; when they are more, all are forgotten. */
const maxShapes = 2_000
/** How much of a message is looked at for signals, characters. */
const saidLength = 4_096
const headBytes = 1_000

/** What the first line of a shape told, for all that follow. */
interface Told extends Omit<SeenError, 'container'> {
  readonly signals: readonly SignalName[]
  container: string
  counter: Counter
}

export function createErrorWatch ({ metrics, signals, frequent, activityOf }: ErrorWatchOptions): WatchError {
  const byShape = new Map<number, Told>()

  function read ({ container, bytes, start, end }: LogRecord, { fields }: ErrorReading): Told {
    const { code, message, context = '', fingerprint, origin = 'other', level = 'none', file, line: fileLine } = fields
    // What stands before the code, as `(13)Permission denied`, is in no field.
    const line = bytes.toString('latin1', start, Math.min(end, start + headBytes))
    const said = `${code ?? ''}: ${`${message} ${context}`.slice(0, saidLength)} ${line}`
    const workers = workersIn(said)
    if (workers !== undefined) signals.noteWorkers(container, workers)
    const counter = counterOf(container, origin, level)
    const where = file === undefined ? '' : ` (${file}${fileLine === undefined ? '' : `:${fileLine}`})`
    return { fingerprint, origin, level, message, where, signals: signalsOf(said), container, counter }
  }

  function counterOf (container: string, origin: string, level: string): Counter {
    return metrics.counter('sluice_errors_total', activityOf(container).container, origin, level)
  }

  return (record, reading) => {
    const { container, bytes, start, end, timeMs } = record
    const shape = shapeOfError(bytes, start, end)
    let told = shape < 0 ? undefined : byShape.get(shape)
    if (told === undefined) {
      told = read(record, reading)
      if (byShape.size >= maxShapes) byShape.clear()
      if (shape >= 0) byShape.set(shape, told)
    } else if (told.container !== container) {
      told.container = container
      told.counter = counterOf(container, told.origin, told.level)
    }
    told.counter.value++
    frequent.add(told, timeMs)
    for (const name of told.signals) signals.note(name, container)
    return told.fingerprint
  }
}
