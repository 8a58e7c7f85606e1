import type { Match } from '../rules/read-rules.ts'
import { withoutEmpty } from './edits.ts'
import { placeOf, type FilterContext } from './filter-context.ts'
import { passed, type Flow } from './flows.ts'
import { proposal, type Place } from './gathered.ts'
import { keyPlace, segmentsOf } from './keys.ts'
import { bothConditions, condition, type Taken } from './line-rules.ts'
import { isAmong, isWhole, wordsOf } from './lines.ts'
import { patternOfRuby } from './pattern.ts'
import { fieldName, halves, optionsOf, plainPattern, type Entry, type Section } from './sections.ts'
import { anyContainer, regexOf } from './tags.ts'

/** Carries `grep` over: patterns of lines are `include` and `exclude`, others rules. */
export function translateGrep (context: FilterContext, section: Section): void {
  const { gathered, flows } = context
  const { logical_op: operation = 'legacy' } = optionsOf(section)
  const reaching = flows.reached.get(section) ?? []
  const lines = section.entries.filter(({ key }) => /^(?:regex|exclude)$/i.test(key))
  const hasOnly = (word: string) => lines.length > 1 && lines.every(({ key }) => key.toLowerCase() === word)
  for (const { key, value, where } of section.entries) {
    const isKnown = /^(?:regex|exclude|name|match|match_regex|logical_op)$/i.test(key)
    if (!isKnown) gathered.leave(placeOf(section, { where, key }))
    // Measured with Fluent Bit 5.1: it splits at the first space only.
    if (/^(?:regex|exclude)$/i.test(key) && /^\S+\s{2}/.test(value)) {
      const words = 'in Fluent Bit the second space was a part of the pattern; here it is none, so it may find lines that it did not'
      gathered.note('change', placeOf(section, { where, key }), words)
    }
  }
  if (/^and$/i.test(operation) && hasOnly('exclude')) leaveOutAll(context, section, lines)
  else if (/^or$/i.test(operation) && hasOnly('regex')) keepEither(context, section, lines)
  else for (const line of lines) carryLine(context, section, line, reaching)
}

function carryLine (
  context: FilterContext, section: Section, { key, value, where }: Entry, flows: readonly Flow[]
): void {
  const { gathered } = context
  const [field] = halves(value)
  const name = fieldName(field)
  const from = placeOf(section, { where, key })
  // Followed with the tags: what it leaves out whole is said where it would have gone.
  if (name === 'source' || name === 'container_name') return
  const { pattern, asked, words } = wantedOf(context, section, value)
  const word = key.toLowerCase() === 'regex' ? 'include' : 'exclude'
  if (words !== undefined) {
    gathered.leave(from, words)
  } else if (word === 'include' && asked.length > 1) {
    gathered.leave(from, severalPlaces)
  } else {
    if (name !== 'log') gathered.note('change', from, 'here it holds for numbers too; in Fluent Bit it held for texts alone')
    for (const each of asked.length === 0 ? [undefined] : asked) {
      carryPattern(context, { word, pattern, asked: each, flows, from, ...orderOf(context, section, flows) })
    }
  }
}

const severalPlaces = 'the nest filter before it may have taken the key from several places, and a rule asks for one'

/** Lines that match none of several patterns are left out. */
function keepEither (context: FilterContext, section: Section, lines: readonly Entry[]): void {
  const { gathered, flows } = context
  const found = lines.map(({ value }) => wantedOf(context, section, value))
  const last = lines.at(-1)
  if (last === undefined) return
  const from = placeOf(section, last)
  const reaching = flows.reached.get(section) ?? []
  const carry = { word: 'include' as const, flows: reaching, from, ...orderOf(context, section, reaching) }
  const patterns = found.flatMap(({ pattern }) => pattern ?? [])
  const asked = oneKeyOf(found.map(each => each.asked))
  if (patterns.length === lines.length) {
    carryPattern(context, { ...carry, pattern: patterns.map(each => `(?:${each})`).join('|') })
  } else if (asked !== undefined) {
    carryPattern(context, { ...carry, pattern: undefined, asked })
  } else {
    for (const [index, { key, where }] of lines.entries()) {
      const words = found[index]?.words ?? 'it keeps lines that match one of these patterns, and a rule asks for all of its keys'
      gathered.leave(placeOf(section, { where, key }), words)
    }
  }
}

/** Several values of one key, of which a line has one. undefined where there is more than one key. */
function oneKeyOf (asked: readonly (readonly Match[])[]): Match | undefined {
  const single = asked.map(each => each.length === 1 ? Object.entries(each[0]?.keys ?? {})[0] : undefined)
  const key = single[0]?.[0]
  if (key === undefined || single.some(each => each?.[0] !== key)) return undefined
  return { keys: { [key]: single.flatMap(each => each?.[1] ?? []) } }
}

/** What a line of a `grep` asks for. */
interface Wanted {
  /** A pattern on the line, where there is one. */
  readonly pattern: string | undefined
  /** The same as conditions of rules, of which one holds. */
  readonly asked: readonly Match[]
  /** Why there is neither. */
  readonly words?: string
}

function wantedOf (context: FilterContext, section: Section, value: string): Wanted {
  const [field, ruby] = halves(value)
  const pattern = patternOfRuby(ruby)
  if (fieldName(field) === 'log') return { pattern, asked: pattern === undefined ? [] : [{ line: condition(pattern) }] }
  const segments = segmentsOf(field)
  const place = keyPlace(context, section, segments, context.flows.reached.get(section) ?? [])
  if (place.kind === 'none') return { pattern: undefined, asked: [], words: place.words }
  const [only] = place.paths
  const isOwn = place.paths.length === 1 && segments?.length === 1 && only === segments[0] && !/\[\d+\]$/.test(only ?? '')
  const ofKey = isOwn && only !== undefined ? keyPattern(only, ruby) : undefined
  return {
    pattern: ofKey !== undefined && regexOf(ofKey) !== undefined ? ofKey : undefined,
    asked: pattern === undefined ? [] : place.paths.map(path => ({ keys: { [path]: condition(pattern) } })),
  }
}

/** Lines that match all of several patterns are left out: one rule that asks for all of them. */
function leaveOutAll (context: FilterContext, section: Section, lines: readonly Entry[]): void {
  const { gathered, flows } = context
  const asked = lines.map(({ value }) => {
    const { asked: [one, ...others] } = wantedOf(context, section, value)
    return others.length === 0 ? one : undefined
  })
  const when = allOf(asked)
  const reaching = flows.reached.get(section) ?? []
  const isExact = reaching.every(({ conditions }) => conditions.length === 0)
  const [first] = lines
  if (first === undefined) return
  const none = when === undefined || !isExact ? 'combination' : context.rules.leaveOut(reaching, { when }, first.where, taken => !taken.has(section))
  if (none === undefined) return
  for (const { key, where } of lines) {
    const from = placeOf(section, { where, key })
    gathered.leave(from, 'it leaves out lines that match all of these patterns, and filter.exclude those that match one')
  }
}

/** All of these in one condition. undefined: no rule can ask for that. */
export function allOf (asked: readonly (Match | undefined)[]): Match | undefined {
  let line: readonly string[] | undefined
  const keys = new Map<string, readonly string[]>()
  for (const each of asked) {
    if (each === undefined) return undefined
    if (each.line !== undefined) {
      line = line === undefined ? each.line : bothConditions(line, each.line)
      if (line === undefined) return undefined
    }
    for (const [key, texts] of Object.entries(each.keys ?? {})) {
      const before = keys.get(key)
      const all = before === undefined ? texts : bothConditions(before, texts)
      if (all === undefined) return undefined
      keys.set(key, all)
    }
  }
  return withoutEmpty({ line: line ?? [], keys: Object.fromEntries(keys) })
}

/** `^debug$` of the key `level` becomes `"level"\s*:\s*"?debug"?\s*[,}]`. undefined: it is not plain enough. */
function keyPattern (key: string, ruby: string): string | undefined {
  const [, start = '', body = '', end = ''] = /^(\^?)(.*?)((?<!\\)\$?)$/s.exec(ruby) ?? []
  // What could run over the end of the value, or look around it.
  if (body === '' || /["\\](?![dw.*+?/\-()[\]{}|^$])|\(\?|[[^$]/.test(body.replace(/\\[dw.*+?/\-()[\]{}|^$]/g, ''))) return undefined
  const value = body.replace(/(?<!\\)\./g, '[^"]')
  const grouped = value.includes('|') ? `(?:${value})` : value
  return `"${plainPattern(key)}"\\s*:\\s*"?${start === '' ? '[^"]*' : ''}${grouped}${end === '' ? '' : '"?\\s*[,}]'}`
}

export interface Carry {
  readonly word: 'include' | 'exclude'
  /** On the line. undefined: it is none that Sluice can run. */
  readonly pattern: string | undefined
  /** The same as a condition of a rule. */
  readonly asked?: Match | undefined
  readonly flows: readonly Flow[]
  readonly from: Place
  /** Whether another filter had taken these lines before. */
  readonly isAfter: (taken: Taken) => boolean
  /** Another had taken some of them. */
  readonly isBypassed: boolean
}

/** How a filter stands to those that send lines elsewhere: what they took under another tag may have passed it by. */
function orderOf (context: FilterContext, section: Section, flows: readonly Flow[]): Pick<Carry, 'isAfter' | 'isBypassed'> {
  const isPast = (flow: Flow) => flow.conditions.length > 0 && isAmong(flows, flow) &&
    !passed(context.sections, context.flows, section, flow)
  return { isAfter: taken => !taken.has(section), isBypassed: context.flows.arrived.some(isPast) }
}

/**
 * Sets a pattern for the lines that it is for: of all containers, or of single ones. One that is for some classes of
 * lines only is a rule; where only a line itself tells whether it held for it, it is proposed.
 */
export function carryPattern (
  context: FilterContext, { word, pattern, asked, flows, from, isAfter, isBypassed }: Carry
): void {
  const { gathered, containers } = context
  // What another filter leaves out whole does not miss by this one.
  const gone = [...context.flows.dropped.values()].flat()
  const whole = [...flows, ...gone].filter(({ conditions, isCopy }) => conditions.length === 0 && !isCopy)
  const covered = containers.filter(container => isWhole(whole, container))
  const isAll = covered.length === containers.length
  const reachedCount = new Set(flows.map(({ container }) => container)).size
  const isNamed = !covered.includes(anyContainer) && reachedCount === covered.length
  if (pattern !== undefined && covered.length > 0 && (isAll || isNamed) && !isBypassed) {
    for (const container of isAll ? [''] : covered) gathered.add(container === '' ? `filter.${word}` : `containers.${container}.${word}`, pattern, from)
    return
  }
  const isExact = flows.every(({ conditions, isCopy }) => conditions.length === 0 && !isCopy)
  const found = asked ?? (pattern === undefined ? undefined : { line: condition(pattern) })
  const none = !isExact || found === undefined
    ? 'combination'
    : context.rules.leaveOut(flows, word === 'exclude' ? { when: found } : { unless: found }, from.where, isAfter)
  if (none === undefined) return
  if (pattern === undefined) {
    gathered.leave(from, 'this regular expression cannot be translated, so it filters nothing')
    return
  }
  const names = [...new Set(flows.map(({ container }) => container))].filter(name => name !== anyContainer)
  const paths = flows.some(({ container }) => container === anyContainer) || names.length === 0 ? [`filter.${word}`] : names.map(name => `containers.${name}.${word}`)
  const why = none === 'pattern' ? 'rules cannot run this regular expression, and' : 'here'
  const reason = `it held for ${wordsOf(flows, context.containers)}; ${why} a pattern holds for all lines of a container`
  gathered.leave(from, reason, paths.map(path => proposal(path, [pattern])))
}

// Tested in test/config/fluent-bit/line-rules.test.ts
