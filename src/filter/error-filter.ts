import { createBoundedPattern, maxSeenBytes } from './bounded-pattern.ts'
import { createFpmDuplicates } from './fpm-duplicates.ts'
import type { Clock } from '../contracts/clock.ts'
import type { LogRecord } from '../contracts/record.ts'
import type { ErrorReading } from '../formats/error-reading.ts'
import type { ErrorFields } from '../formats/fields.ts'
import { errorLevels, type ErrorLevel } from '../contracts/levels.ts'
import { isBelow } from '../formats/level.ts'

export interface ErrorFilterOptions {
  readonly minLevel: ErrorLevel
  /** What the least level does not filter: regular expressions, and `error_log`. */
  readonly alwaysKeep: readonly string[]
  readonly fpmDuplicates: 'keep' | 'drop'
  readonly clock: Pick<Clock, 'monotonicMs'>
}

type Line = Pick<LogRecord, 'bytes' | 'start' | 'end'>

/** php-fpm and Apache report one error within the same request; how long the second may take, and how many may wait. */
const duplicateMaxAgeMs = 10_000
const duplicateMaxCount = 1000

/**
 * The name of the rule that filters an error record, or undefined for one that is kept. When the settings filter
 * nothing there is no filter at all, and no record is read for it.
 */
export function createErrorFilter (
  { minLevel, alwaysKeep, fpmDuplicates, clock }: ErrorFilterOptions
): ((record: LogRecord, reading: ErrorReading) => 'below-level' | 'fpm-twin' | undefined) | undefined {
  const dropsDuplicates = fpmDuplicates === 'drop'
  const isLeftOut = createLevelFilter({ minLevel, alwaysKeep })
  if (!dropsDuplicates && isLeftOut === undefined) return undefined
  const isDuplicate = createFpmDuplicates({ maxAgeMs: duplicateMaxAgeMs, maxCount: duplicateMaxCount, clock })
  return (record, reading) => {
    // A level filters its own line: what only stands behind it is nobody's to leave out.
    if (isLeftOut?.(record, reading) === true && !record.hasUnmarkedLines) return 'below-level'
    if (!dropsDuplicates) return undefined
    const { report } = reading
    return report !== undefined && isDuplicate(report.by, report.messages) ? 'fpm-twin' : undefined
  }
}

/** Whether the level of a line that begins a record leaves it out; undefined where none does. */
export function createLevelFilter (
  { minLevel, alwaysKeep }: Pick<ErrorFilterOptions, 'minLevel' | 'alwaysKeep'>
): ((line: Line, reading: ErrorReading) => boolean) | undefined {
  if (minLevel === 'debug') return undefined
  const below = errorLevels.filter(level => isBelow(level, minLevel))
  const levelsBelow: ReadonlySet<ErrorLevel | undefined> = new Set(below)
  const isKept = createKeeper(alwaysKeep)
  return (line, reading) => levelsBelow.has(reading.level) && !isKept(line, reading)
}

/** Whether a record is kept although its level is below: it is asked about few, so it may cost a string. */
function createKeeper (alwaysKeep: readonly string[]): (line: Line, reading: ErrorReading) => boolean {
  const keepsErrorLog = alwaysKeep.includes(errorLogWord)
  const patterns = alwaysKeep.filter(text => text !== errorLogWord).map(createBoundedPattern)
  return ({ bytes, start, end }, reading) => {
    if (keepsErrorLog && isErrorLog(reading.fields)) return true
    if (patterns.length === 0) return false
    const text = bytes.toString('utf8', start, Math.min(end, start + maxSeenBytes))
    return patterns.some(pattern => pattern.test(text))
  }
}

const errorLogWord = 'error_log'

/**
 * Whether a program said it by PHP's `error_log()`: PHP's own errors have a kind, those of loggers another origin.
 * Where a format of Apache names no module, it is what has no code of Apache's own.
 */
function isErrorLog ({ origin, level, kind, module, code }: ErrorFields): boolean {
  if (level !== 'notice' || kind !== undefined) return false
  return origin === 'php' || (origin === 'apache' && module === undefined && code === undefined)
}

// Tested in test/pipeline/handlers.test.ts
