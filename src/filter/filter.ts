import type { Clock } from '../contracts/clock.ts'
import type { LogRecord } from '../contracts/record.ts'
import type { RecordClass } from '../contracts/verdict.ts'
import type { ErrorReading } from '../formats/error-reading.ts'
import { createErrorFilter, type ErrorFilterOptions } from './error-filter.ts'
import { createPatternFilter, type PatternFilterOptions } from './patterns.ts'

export interface FilterOptions {
  readonly patterns: PatternFilterOptions
  readonly errors: Omit<ErrorFilterOptions, 'clock'>
  readonly clock: Pick<Clock, 'monotonicMs'>
}

/**
 * Names the rule that leaves a record out, or undefined for one that is kept.
 *
 * @param reading of the record, where it is of class `error`
 */
export type Filter = (record: LogRecord, recordClass: RecordClass, reading: ErrorReading) => string | undefined

/**
 * Everything of the settings that leaves records out, in this order: patterns, least level, duplicates of php-fpm. They
 * look at the line as it came, since an operator writes a pattern for what the log shows.
 *
 * @returns undefined when nothing is ever left out, so that no record is looked at for it
 */
export function createFilter ({ patterns, errors, clock }: FilterOptions): Filter | undefined {
  const ofPatterns = createPatternFilter(patterns)
  const ofErrors = createErrorFilter({ ...errors, clock })
  if (ofPatterns === undefined && ofErrors === undefined) return undefined
  return (record, recordClass, reading) => {
    return ofPatterns?.(record) ?? (recordClass === 'error' ? ofErrors?.(record, reading) : undefined)
  }
}

// Tested in test/pipeline/handlers.test.ts
