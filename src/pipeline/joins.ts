import type { Config } from '../config/settings.ts'
import type { Clock } from '../contracts/clock.ts'
import { ascii, isCapital, isDigit } from '../bytes/ascii.ts'
import { stream, type LogRecord } from '../contracts/record.ts'
import { createLevelFilter } from '../filter/error-filter.ts'
import { createCutJsonJoiner, type CutJsonJoiner } from '../join/cut-json.ts'
import { createPartialJoiner, type PartialJoiner } from '../join/partials.ts'
import { createErrorReading } from '../formats/error-reading.ts'
import { createTraceJoiner, type TraceJoiner } from '../join/traces.ts'
import type { Instruments } from '../telemetry/instruments.ts'

export interface JoinOptions extends Pick<Instruments, 'ledger' | 'metrics'> {
  readonly config: Config
  /** Most memory of each, where that is less than its setting. */
  readonly joinsBytes?: { readonly partials: number, readonly traces: number }
  readonly clock: Pick<Clock, 'monotonicMs'>
  /** False while nothing more may be let go of, unless at the stop: what is held waits, however old it is. */
  readonly hasRoom: () => boolean
  /** Receives every line and record that was put together. */
  readonly emit: (record: LogRecord) => void
}

/** The joiners: pieces become lines, lines become records. Each counts its own pending. */
export interface Joins {
  readonly pieces: PartialJoiner
  readonly cutJson: CutJsonJoiner
  readonly lines: TraceJoiner
  /** Whether a line may be one of several, and is to be shown to `lines`. */
  mayBeOfSeveral (record: LogRecord): boolean
  /** As `tick` of each, for a while at a time, so that much of it holds nobody up. */
  tick (): void
  /** When `tick` is to be called again, ms after the last time. */
  readonly tickMs: number
  /** Lets go of everything, for `mostMs` at a time, whether or not there is room. @returns false where not all went */
  flush (mostMs: number): boolean
  readonly heldBytes: number
  /** Of all that was let go of so far. */
  readonly released: { readonly bytes: number }
}

const { openBracket, openBrace, minus, slash, less } = ascii

/** Each line that comes is tried with all objects that are open. */
const maxCutCount = 8
/** Interval at which `tick` is to be called while something is held, ms. */
export const joinTickMs = 500
/** How long each may release what is old enough before others have their turns, ms. */
const mostTickMs = 5

export function createJoins (options: JoinOptions): Joins {
  const { config, joinsBytes, clock, ledger, metrics } = options
  const { partials, traces } = config.join
  const isLeftOut = createLevelFilter(config.error)
  const readsOutput = config.app.errorsFrom !== 'off'
  const reading = createErrorReading()
  const released = { bytes: 0 }
  // At the tick that is left out where nothing was held, what has come since is too young.
  const leastAgeMs = Math.min(traces.maxQuiet, traces.maxAge, partials.maxAge)
  const idleTickMs = leastAgeMs < joinTickMs ? joinTickMs : 2 * joinTickMs
  let tickEndMs = Infinity
  let nextTick: NodeJS.Immediate | undefined
  const hasRoom = () => clock.monotonicMs() < tickEndMs && options.hasRoom()
  const emit = (record: LogRecord) => {
    released.bytes += record.end - record.start
    options.emit(record)
  }
  const shared = { clock, hasRoom, emit, ledger, metrics }
  const pieces = createPartialJoiner({
    ...shared,
    maxBytes: partials.maxBytes,
    maxAgeMs: partials.maxAge,
    maxOpenCount: partials.maxOpen,
    maxTotalBytes: joinsBytes?.partials ?? partials.maxTotalBytes,
  })
  const cutJson = createCutJsonJoiner({
    ...shared,
    maxBytes: traces.maxBytes,
    maxPieceCount: traces.maxLines,
    maxQuietMs: traces.maxQuiet,
    maxOpenCount: Math.min(traces.maxOpen, maxCutCount),
    maxTotalBytes: Math.floor((joinsBytes?.traces ?? traces.maxTotalBytes) / 4),
  })
  const lines = createTraceJoiner({
    ...shared,
    maxBytes: traces.maxBytes,
    maxLineCount: traces.maxLines,
    maxQuietMs: traces.maxQuiet,
    maxAgeMs: traces.maxAge,
    maxOpenCount: traces.maxOpen,
    maxTotalBytes: joinsBytes?.traces ?? traces.maxTotalBytes,
    mayBeFiltered (record) {
      if (isLeftOut === undefined) return false
      reading.begin(record, 0, record.length)
      return isLeftOut({ bytes: record, start: 0, end: record.length }, reading)
    },
  })
  /** On standard output few bytes begin a record of several lines, so an access line costs a comparison or two. */
  function mayBeOfSeveral ({ stream: from, bytes, start, end }: LogRecord): boolean {
    if (from === stream.stderr) return true
    if (from !== stream.stdout) return false
    // A blank line may belong to what is open.
    if (start >= end) return lines.hasOpen(stream.stdout)
    const first = bytes[start] as number
    if (first === openBracket || (readsOutput && mayBegin(bytes, start))) return true
    // A brace alone is no access line: the answer of an API begins with it.
    return (first !== openBrace || end - start === 1) && lines.hasOpen(stream.stdout)
  }

  function tick (): void {
    clearImmediate(nextTick)
    let isOver = false
    for (const joiner of [pieces, cutJson, lines]) {
      tickEndMs = clock.monotonicMs() + mostTickMs
      joiner.tick()
      isOver ||= clock.monotonicMs() >= tickEndMs
    }
    tickEndMs = Infinity
    if (isOver) nextTick = setImmediate(tick)
  }

  function flush (mostMs: number): boolean {
    const endMs = clock.monotonicMs() + mostMs
    const hasTime = () => clock.monotonicMs() < endMs
    // In this order: what is let go of may be held by the next one.
    return pieces.flush(hasTime) && cutJson.flush(hasTime) && lines.flush(hasTime)
  }

  const pendingCount = () => pieces.pendingCount + cutJson.pendingCount + lines.pendingCount
  ledger.addPending('join', pendingCount)
  return {
    pieces,
    cutJson,
    lines,
    mayBeOfSeveral,
    tick,
    get tickMs () { return pendingCount() === 0 ? idleTickMs : joinTickMs },
    flush,
    get heldBytes () { return pieces.heldBytes + cutJson.heldBytes + lines.heldBytes },
    released,
  }
}

/** Whether an error of several lines may begin here: `PHP Fatal error: `, `<br />`, `2026-11-23 10:00:00`. */
function mayBegin (bytes: Buffer, start: number): boolean {
  const first = bytes[start] as number
  if (isCapital(first) || first === less) return true
  const fifth = bytes[start + 4]
  return isDigit(first) && (fifth === minus || fifth === slash)
}
