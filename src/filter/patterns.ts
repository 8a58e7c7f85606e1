import type { LogRecord } from '../contracts/record.ts'
import { createBoundedPattern, maxSeenBytes, type BoundedPattern } from './bounded-pattern.ts'

/** Regular expressions that say which records to keep: all of `include` must match, and none of `exclude` may. */
export interface Patterns {
  readonly include?: readonly string[]
  readonly exclude?: readonly string[]
}

export interface PatternFilterOptions {
  readonly everywhere: Patterns
  /** Further patterns, by the name of the container. */
  readonly byContainer: Readonly<Record<string, Patterns>>
}

export type PatternRule = 'include-pattern' | 'exclude-pattern'

interface Compiled {
  readonly include: readonly BoundedPattern[]
  readonly exclude: readonly BoundedPattern[]
}

/**
 * Makes a function that returns the name of the rule that filters a record, or undefined for a record to keep. Without
 * patterns there is no function. With them, each record of a container that has patterns becomes a string.
 *
 * A pattern sees only the beginning of a long record. If the rest might match `include`, the record is kept.
 */
export function createPatternFilter (
  { everywhere, byContainer }: PatternFilterOptions
): ((record: LogRecord) => PatternRule | undefined) | undefined {
  const shared = compiled(everywhere)
  const containers = new Map(Object.entries(byContainer).map(([name, own]): [string, Compiled] => {
    const { include, exclude } = compiled(own)
    return [name, { include: [...shared.include, ...include], exclude: [...shared.exclude, ...exclude] }]
  }).filter(([, patterns]) => hasAny(patterns)))
  if (containers.size === 0 && !hasAny(shared)) return undefined
  return ({ container, bytes, start, end }) => {
    const { include, exclude } = containers.get(container) ?? shared
    if (include.length === 0 && exclude.length === 0) return undefined
    const text = bytes.toString('utf8', start, Math.min(end, start + maxSeenBytes))
    const length = end - start > maxSeenBytes ? Infinity : text.length
    const isWanted = include.every(pattern => pattern.test(text) || length > pattern.maxLength)
    if (!isWanted) return 'include-pattern'
    return exclude.some(pattern => pattern.test(text)) ? 'exclude-pattern' : undefined
  }
}

function compiled ({ include = [], exclude = [] }: Patterns): Compiled {
  return { include: include.map(createBoundedPattern), exclude: exclude.map(createBoundedPattern) }
}

function hasAny ({ include, exclude }: Compiled): boolean {
  return include.length > 0 || exclude.length > 0
}
