import { placeOf, type FilterContext } from './filter-context.ts'
import type { Lines } from './lines.ts'
import { isAmong, wordsOf } from './lines.ts'
import { isParsed, optionsOf, pluginOf, type Section } from './sections.ts'

/** What a `nest` filter does to the keys of a record. */
export interface Nesting {
  readonly kind: 'lift' | 'nest'
  /** The object. */
  readonly key: string
  readonly prefix: string
  /** What becomes of the prefix; undefined: there is none. */
  readonly change: 'added' | 'removed' | undefined
  readonly wildcards: readonly string[]
}

/** undefined: Fluent Bit does not start with it. Source: plugins/filter_nest/nest.c of Fluent Bit 5.1 */
export function nestingOf (section: Section): Nesting | undefined {
  const { operation = '', nest_under: under, nested_under: nested, prefix_with: prefixWith, ...options } = optionsOf(section)
  const added = options['add_prefix'] ?? prefixWith
  const removed = options['remove_prefix']
  const kind = operation.startsWith('nest') ? 'nest' : operation.startsWith('lift') ? 'lift' : undefined
  const key = under ?? nested
  if (kind === undefined || key === undefined || (added !== undefined && removed !== undefined)) return undefined
  const wildcards = section.entries.filter(entry => /^wildcard$/i.test(entry.key)).map(({ value }) => value)
  const change = added !== undefined ? 'added' : removed !== undefined ? 'removed' : undefined
  return { kind, key, prefix: added ?? removed ?? '', change, wildcards }
}

/**
 * The keys of a line, as paths, that a filter behind this one may see under `path`. None: no line has one there. Where
 * a prefix says that a key was lifted, it is not looked for under the name itself.
 */
export function beforeNesting (nesting: Nesting, path: readonly string[]): readonly (readonly string[])[] {
  const { kind, key, prefix, change } = nesting
  const [first = '', ...rest] = path
  if (kind === 'lift') {
    if (first === key) return []
    const isLifted = first.startsWith(prefix) && first !== prefix
    if (change === 'added') return isLifted ? [[key, first.slice(prefix.length), ...rest]] : [path]
    return change === 'removed' ? [path, [key, prefix + first, ...rest], [key, ...path]] : [path, [key, ...path]]
  }
  if (first !== key) return takes(nesting, first) ? [] : [path]
  const [inner = '', ...others] = rest
  const plain = inner.startsWith(prefix) ? [inner.slice(prefix.length)] : []
  const names = change === 'added' ? plain : change === 'removed' ? [prefix + inner, inner] : [inner]
  return names.filter(name => name !== '' && takes(nesting, name)).map(name => [name, ...others])
}

function takes ({ wildcards }: Nesting, key: string): boolean {
  return wildcards.some(each => each.endsWith('*') ? key.startsWith(each.slice(0, -1)) : key === each)
}

/** The `nest` filters that these lines passed before the section, the last first. undefined: some of the lines did. */
export function nestingsBefore (
  { sections, flows }: FilterContext, section: Section, lines: readonly Lines[]
): readonly Nesting[] | undefined {
  const found: Nesting[] = []
  for (const each of sections.slice(0, sections.indexOf(section)).toReversed()) {
    const nesting = each.name === 'FILTER' && pluginOf(each) === 'nest' ? nestingOf(each) : undefined
    const passed = lines.filter(line => isAmong(flows.reached.get(each) ?? [], line))
    if (nesting === undefined || passed.length === 0) continue
    if (passed.length < lines.length) return undefined
    found.push(nesting)
  }
  return found
}

/** Fields that the driver, ECS and filters add to a line. */
const ofContainer = /^(?:container_\w*|ecs_\w*|ec2_\w*|partial_\w*|source|log)\*?$/

/** Says what becomes of the keys: Sluice leaves them where the line has them. */
export function tellNesting (context: FilterContext, section: Section): void {
  const { gathered, flows, sections, containers } = context
  const from = placeOf(section)
  const nesting = nestingOf(section)
  const lines = wordsOf(flows.reached.get(section) ?? [], containers)
  if (nesting === undefined) {
    gathered.leave(from, 'Fluent Bit does not start with it: it needs Operation, the key of an object, and one prefix at most')
    return
  }
  const { kind, key, prefix, change, wildcards } = nesting
  const own = wildcards.filter(each => !ofContainer.test(each))
  if (kind === 'nest' && own.length === 0) {
    gathered.leave(from, `${lines} go on without fields of the container, so there is no ${key} to make; enrich adds fields of ECS to them`)
  } else if (!isParsed(sections)) {
    gathered.note('nothing', from, `nothing read lines as JSON, so no record had ${kind === 'lift' ? key : own.join(', ')}`)
  } else if (kind === 'lift') {
    const there = change === 'added' ? `${prefix}KEY` : change === 'removed' ? `KEY, without ${prefix},` : 'KEY'
    const here = `${key}.${change === 'removed' ? prefix : ''}KEY`
    gathered.leave(from, `${lines} go on as they are, their keys within ${key}: where a query says ${there} write ${here} ` +
      `(Athena: json_extract_scalar(${key}, '$.KEY')); rules ask for it by \`keys: {${key}.KEY: …}\``)
  } else {
    const there = `${key}.${change === 'added' ? prefix : ''}KEY`
    gathered.leave(from, `${lines} go on as they are, ${own.join(', ')} being keys of the line itself: where a query says ${there} write KEY`)
  }
}

// Tested in test/config/fluent-bit/nest.test.ts
