import type { FilterContext } from './filter-context.ts'
import type { Lines } from './lines.ts'
import { beforeNesting, nestingsBefore } from './nest.ts'
import { isOfApache, isParsed, pluginOf, type Section } from './sections.ts'

/** Where in a line a key is that a filter names: paths, of which it is one; or why rules cannot ask for it. */
export type KeyPlace =
  | { readonly kind: 'paths', readonly paths: readonly string[] }
  | { readonly kind: 'none', readonly words: string }

/**
 * `$a['b']` is the path `a.b`, and `$a[0]` is `a[0]`. undefined: it is none. A dot outside of brackets is one of the
 * key. Source: src/record_accessor/ra.l of Fluent Bit 5.1
 */
export function segmentsOf (field: string): readonly string[] | undefined {
  const [, first = '', rest = ''] = /^\$?([^[]*)(.*)$/s.exec(field) ?? []
  const segments = [first]
  for (const [, single, double, bare = ''] of rest.matchAll(/\[(?:'((?:[^']|'')*)'|"([^"]*)"|([^\]]*))\]/g)) {
    const name = single?.replaceAll("''", "'") ?? double ?? bare
    const isBare = single === undefined && double === undefined
    if (isBare && bare === '') return undefined
    if (isBare && /^\d+$/.test(bare)) segments.push(`${segments.pop() ?? ''}[${Number(bare)}]`)
    else segments.push(name)
  }
  return segments
}

/** The key's place in the lines that reach the section, before the `nest` filters that they passed. */
export function keyPlace (
  context: FilterContext, section: Section, segments: readonly string[] | undefined, lines: readonly Lines[]
): KeyPlace {
  const { sections } = context
  const none = (words: string): KeyPlace => ({ kind: 'none', words })
  if (segments === undefined) return none('it names no key')
  if (segments[0] === 'kubernetes' && sections.some(each => each.name === 'FILTER' && pluginOf(each) === 'kubernetes')) {
    return none('lines have no metadata of Kubernetes: ask for the container, or write the key into the line')
  }
  const nestings = nestingsBefore(context, section, lines)
  if (nestings === undefined) return none('a nest filter before it changed the keys of some of these lines')
  let paths: readonly (readonly string[])[] = [segments]
  for (const nesting of nestings) paths = paths.flatMap(path => beforeNesting(nesting, path))
  if (paths.length === 0) return none('a nest filter before it took that key away, so no line has it there')
  // `log` may be the object that a parser has made of the line.
  const found = paths.map(([first = '', ...rest]) => (first === 'log' && rest.length > 0 ? rest : [first, ...rest]).join('.'))
  const isRead = isParsed(sections) && !found.includes('__proto__')
  if (isRead) return { kind: 'paths', paths: [...new Set(found)] }
  return none(sections.some(isOfApache)
    ? `a parser found ${segments.join('.')} in text: write a rule, which asks access lines for path, status, agent and the like`
    : `lines of a container have no field ${segments.join('.')}`)
}

// Tested in test/config/fluent-bit/nest.test.ts
