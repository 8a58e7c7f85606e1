import type { LogRecord } from '../contracts/record.ts'

/** Regular expressions that say which records are wanted: all of `include` must match, none of `exclude` may. */
export interface Patterns {
  readonly include: readonly RegExp[]
  readonly exclude: readonly RegExp[]
}

export interface PatternFilterOptions {
  readonly everywhere: Patterns
  /** Besides those, by the name of the container. */
  readonly byContainer: Readonly<Record<string, Patterns>>
}

export type PatternRule = 'include-pattern' | 'exclude-pattern'

/** A pattern that begins anew at each character takes long on a long line: what is behind this is not looked at. */
const maxSeenBytes = 65_536

/**
 * The name of the rule that filters a record, or undefined for one that is kept. Without patterns there is no filter at
 * all; with them, each record of a container that has some becomes a string.
 */
export function createPatternFilter (
  { everywhere, byContainer }: PatternFilterOptions
): ((record: LogRecord) => PatternRule | undefined) | undefined {
  const containers = new Map(Object.entries(byContainer).map(([name, own]): [string, Patterns] => [name, {
    include: [...everywhere.include, ...own.include],
    exclude: [...everywhere.exclude, ...own.exclude],
  }]).filter(([, patterns]) => hasAny(patterns)))
  if (containers.size === 0 && !hasAny(everywhere)) return undefined
  return ({ container, bytes, start, end }) => {
    const { include, exclude } = containers.get(container) ?? everywhere
    if (include.length === 0 && exclude.length === 0) return undefined
    const text = bytes.toString('utf8', start, Math.min(end, start + maxSeenBytes))
    if (!include.every(pattern => pattern.test(text))) return 'include-pattern'
    return exclude.some(pattern => pattern.test(text)) ? 'exclude-pattern' : undefined
  }
}

function hasAny ({ include, exclude }: Patterns): boolean {
  return include.length > 0 || exclude.length > 0
}
