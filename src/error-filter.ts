import { createFpmTwins } from './classify/fpm-twins.ts'
import type { Clock } from './clock.ts'
import type { LogRecord } from './record.ts'
import { createErrorFields } from './transform/error-fields.ts'
import { isBelow, type ErrorLevel } from './transform/error-level.ts'
import { createFpmReports } from './transform/error-reports.ts'

export interface ErrorFilterOptions {
  readonly minLevel: ErrorLevel
  readonly fpmTwins: 'keep' | 'drop'
  readonly clock: Pick<Clock, 'now'>
}

/** php-fpm and Apache report one error within the same request; how long the second may take, and how many may wait. */
const twinMaxAgeMs = 10_000
const twinMaxCount = 1000

/**
 * The name of the rule that filters an error record, or undefined for one that is kept. When the settings filter
 * nothing there is no filter at all, and no record is read for it.
 */
export function createErrorFilter (
  { minLevel, fpmTwins, clock }: ErrorFilterOptions
): ((record: LogRecord) => 'below-level' | 'fpm-twin' | undefined) | undefined {
  const dropsTwins = fpmTwins === 'drop'
  const hasMinLevel = minLevel !== 'debug'
  if (!dropsTwins && !hasMinLevel) return undefined
  const readFields = createErrorFields()
  const readReport = createFpmReports()
  const twins = createFpmTwins({ maxAgeMs: twinMaxAgeMs, maxCount: twinMaxCount, clock })
  return ({ bytes, start, end }) => {
    if (hasMinLevel && isBelow(readFields(bytes, start, end).level, minLevel)) return 'below-level'
    if (!dropsTwins) return undefined
    const report = readReport(bytes, start, end)
    return report !== undefined && twins.isTwin(report.by, report.messages) ? 'fpm-twin' : undefined
  }
}
