import { createFpmDuplicates } from './fpm-duplicates.ts'
import type { Clock } from '../contracts/clock.ts'
import type { ErrorReading } from '../formats/error-reading.ts'
import { errorLevels, isBelow, type ErrorLevel } from '../formats/level.ts'

export interface ErrorFilterOptions {
  readonly minLevel: ErrorLevel
  readonly fpmDuplicates: 'keep' | 'drop'
  readonly clock: Pick<Clock, 'monotonicMs'>
}

/** php-fpm and Apache report one error within the same request; how long the second may take, and how many may wait. */
const duplicateMaxAgeMs = 10_000
const duplicateMaxCount = 1000

/**
 * The name of the rule that filters an error record, or undefined for one that is kept. When the settings filter
 * nothing there is no filter at all, and no record is read for it.
 */
export function createErrorFilter (
  { minLevel, fpmDuplicates, clock }: ErrorFilterOptions
): ((reading: ErrorReading) => 'below-level' | 'fpm-twin' | undefined) | undefined {
  const dropsDuplicates = fpmDuplicates === 'drop'
  const hasMinLevel = minLevel !== 'debug'
  if (!dropsDuplicates && !hasMinLevel) return undefined
  const below = errorLevels.filter(level => isBelow(level, minLevel))
  const levelsBelow: ReadonlySet<ErrorLevel | undefined> = new Set(below)
  const duplicates = createFpmDuplicates({ maxAgeMs: duplicateMaxAgeMs, maxCount: duplicateMaxCount, clock })
  return reading => {
    if (hasMinLevel && levelsBelow.has(reading.level)) return 'below-level'
    if (!dropsDuplicates) return undefined
    const { report } = reading
    return report !== undefined && duplicates.isDuplicate(report.by, report.messages) ? 'fpm-twin' : undefined
  }
}

// Tested in test/pipeline/handlers.test.ts
