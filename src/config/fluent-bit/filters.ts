import type { Match } from '../rules/read-rules.ts'
import { filterHints, nativeFilters } from './changes.ts'
import { translateFields } from './fields.ts'
import type { FilterContext } from './filter-context.ts'
import { fieldName, type Flow } from './flows.ts'
import { proposal, type Place } from './gathered.ts'
import { condition } from './line-rules.ts'
import { isWhole, wordsOf } from './lines.ts'
import { patternOfRuby } from './pattern.ts'
import { halves, isParsed, optionsOf, pluginOf, type Entry, type Section } from './sections.ts'
import { anyContainer, regexOf } from './tags.ts'

/** Carries a `[FILTER]` over: what has a counterpart. Of `rewrite_tag` only what nothing reaches is left. */
export function translateFilter (context: FilterContext, section: Section): void {
  const { gathered, flows, nameOf } = context
  const plugin = pluginOf(section)
  const whole = { where: section.where, section: nameOf(section), option: '' }
  const native = nativeFilters.get(plugin)
  if (!flows.reached.has(section)) {
    gathered.leave(whole, `no line of a container has a tag for ${matchWords(section)}, so it did nothing`)
  } else if (native !== undefined) {
    gathered.note('nothing', whole, native)
  } else if (plugin === 'grep') {
    translateGrep(context, section)
  } else if (plugin === 'record_modifier' || plugin === 'modify') {
    translateFields(context, section, plugin)
  } else if (plugin === 'parser') {
    translateParser(context, section, whole)
  } else if (plugin !== 'rewrite_tag') {
    gathered.leave(whole, filterHints.get(plugin) ?? 'lines stay as they were written')
  }
}

function translateGrep (context: FilterContext, section: Section): void {
  const { gathered, flows, nameOf, sections } = context
  const { logical_op: operation = 'legacy' } = optionsOf(section)
  const lines = section.entries.filter(({ key }) => /^(?:regex|exclude)$/i.test(key))
  const isEither = /^or$/i.test(operation) && lines.length > 1 && lines.every(({ key }) => /^regex$/i.test(key))
  const isAll = /^and$/i.test(operation) && lines.length > 1 && lines.every(({ key }) => /^exclude$/i.test(key))
  const reaching = flows.reached.get(section) ?? []
  if (isAll) {
    leaveOutAll(context, section, lines)
    return
  }
  const either: string[] = []
  for (const { key, value, where } of section.entries) {
    const word = key.toLowerCase()
    const [field, ruby] = halves(value)
    const from = { where, section: nameOf(section), option: key }
    const name = fieldName(field)
    if (word === 'name' || word === 'match' || word === 'match_regex' || word === 'logical_op') continue
    if (word !== 'regex' && word !== 'exclude') {
      gathered.leave(from)
      continue
    }
    // Followed with the tags: what it leaves out whole is said where it would have gone.
    if (name === 'source' || name === 'container_name') continue
    if (/^and$/i.test(operation) && word === 'exclude' && lines.length > 1) {
      gathered.leave(from, 'it leaves out lines that match all of these patterns, and filter.exclude those that match one')
      continue
    }
    const pattern = patternOfField(sections, name, ruby)
    const asked = askedOf(sections, name, ruby)
    if (pattern === undefined && asked === undefined && name !== 'log') gathered.leave(from, `lines of a container have no field ${name}`)
    else if (isEither && pattern !== undefined) either.push(pattern)
    else carryPattern(context, { word: word === 'regex' ? 'include' : 'exclude', pattern, asked, flows: reaching, from })
    if (isEither && lines.at(-1)?.where === where) {
      carryPattern(context, { word: 'include', pattern: either.map(each => `(?:${each})`).join('|'), flows: reaching, from })
    }
  }
}

/** Lines that match all of several patterns are left out: one rule that asks for all of them. */
function leaveOutAll (context: FilterContext, section: Section, lines: readonly Entry[]): void {
  const { gathered, flows, sections, nameOf } = context
  const asked = lines.map(({ value }) => {
    const [field, ruby] = halves(value)
    return askedOf(sections, fieldName(field), ruby)
  })
  const when = allOf(asked)
  const reaching = flows.reached.get(section) ?? []
  const isExact = reaching.every(({ conditions }) => conditions.length === 0)
  const [first] = lines
  if (first === undefined) return
  const none = when === undefined || !isExact ? 'combination' : context.rules.leaveOut(reaching, { when }, first.where)
  if (none === undefined) return
  for (const { key, where } of lines) {
    const from = { where, section: nameOf(section), option: key }
    gathered.leave(from, 'it leaves out lines that match all of these patterns, and filter.exclude those that match one')
  }
}

/** All of these in one condition. undefined where one asks twice for the same. */
function allOf (asked: readonly (Match | undefined)[]): Match | undefined {
  const when: { line?: readonly string[], keys?: Record<string, readonly string[]> } = {}
  for (const each of asked) {
    const [[key, texts] = []] = Object.entries(each?.keys ?? {})
    if (each === undefined || (each.line !== undefined && when.line !== undefined)) return undefined
    if (key !== undefined && key in (when.keys ?? {})) return undefined
    if (each.line !== undefined) when.line = each.line
    if (key !== undefined) when.keys = { ...when.keys, [key]: texts ?? [] }
  }
  return when
}

/** The same as a condition of a rule: of the line, or of a key of JSON lines, where a parser has read them. */
function askedOf (sections: readonly Section[], name: string, ruby: string): Match | undefined {
  const pattern = patternOfRuby(ruby)
  if (pattern === undefined) return undefined
  if (name === 'log') return { line: condition(pattern) }
  return isParsed(sections) && !name.includes('.') && name !== '__proto__' ? { keys: { [name]: condition(pattern) } } : undefined
}

/** The pattern on the line. For a key of JSON lines, where a parser has read them, it finds the key in the line. */
function patternOfField (sections: readonly Section[], name: string, ruby: string): string | undefined {
  if (name === 'log') return patternOfRuby(ruby)
  const pattern = isParsed(sections) ? keyPattern(name.split('.').at(-1) ?? name, ruby) : undefined
  return pattern !== undefined && regexOf(pattern) !== undefined ? pattern : undefined
}

/** `^debug$` of the key `level` becomes `"level"\s*:\s*"?debug"?\s*[,}]`. undefined: it is not plain enough. */
export function keyPattern (key: string, ruby: string): string | undefined {
  const [, start = '', body = '', end = ''] = /^(\^?)(.*?)((?<!\\)\$?)$/s.exec(ruby) ?? []
  // What could run over the end of the value, or look around it.
  if (body === '' || /["\\](?![dw.*+?/\-()[\]{}|^$])|\(\?|[[^$]/.test(body.replace(/\\[dw.*+?/\-()[\]{}|^$]/g, ''))) return undefined
  const value = body.replace(/(?<!\\)\./g, '[^"]')
  const grouped = value.includes('|') ? `(?:${value})` : value
  const name = key.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&')
  return `"${name}"\\s*:\\s*"?${start === '' ? '[^"]*' : ''}${grouped}${end === '' ? '' : '"?\\s*[,}]'}`
}

export interface Carry {
  readonly word: 'include' | 'exclude'
  /** On the line. undefined: it is none that Sluice can run. */
  readonly pattern: string | undefined
  /** The same as a condition of a rule. */
  readonly asked?: Match | undefined
  readonly flows: readonly Flow[]
  readonly from: Place
}

/**
 * Sets a pattern for the lines that it is for: of all containers, or of single ones. One that is for some classes of
 * lines only is a rule; where only a line itself tells whether it held for it, it is proposed.
 */
export function carryPattern (context: FilterContext, { word, pattern, asked, flows, from }: Carry): void {
  const { gathered, containers } = context
  // What another filter leaves out whole does not miss by this one.
  const gone = [...context.flows.dropped.values()].flat()
  const whole = [...flows, ...gone].filter(({ conditions, isCopy }) => conditions.length === 0 && !isCopy)
  const covered = containers.filter(container => isWhole(whole, container))
  const isAll = covered.length === containers.length
  const reachedCount = new Set(flows.map(({ container }) => container)).size
  const isNamed = !covered.includes(anyContainer) && reachedCount === covered.length
  if (pattern !== undefined && covered.length > 0 && (isAll || isNamed)) {
    for (const container of isAll ? [''] : covered) gathered.add(container === '' ? `filter.${word}` : `containers.${container}.${word}`, pattern, from)
    return
  }
  const isExact = flows.every(({ conditions, isCopy }) => conditions.length === 0 && !isCopy)
  const found = asked ?? (pattern === undefined ? undefined : { line: condition(pattern) })
  const none = !isExact || found === undefined
    ? 'combination'
    : context.rules.leaveOut(flows, word === 'exclude' ? { when: found } : { unless: found }, from.where)
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

function translateParser ({ gathered }: FilterContext, section: Section, whole: Place): void {
  const { parser = '', key_name: key = '' } = optionsOf(section)
  if (/json|docker/i.test(parser)) {
    gathered.note('nothing', whole, 'a JSON line is an object already: its keys are those of the line')
  } else if (/apache|nginx|combined|common/i.test(parser)) {
    gathered.note('nothing', whole, 'access lines of Apache become JSON with the usual names (access.format)')
  } else {
    gathered.note('change', whole, `${key === '' ? 'lines' : key} stays as it was written, not the fields of ${parser}: parse it where you query`)
  }
}

function matchWords (section: Section): string {
  const { match, match_regex: regex } = optionsOf(section)
  return regex === undefined ? `Match ${match ?? 'which is missing'}` : `Match_Regex ${regex}`
}

// Tested in test/config/fluent-bit/translate.test.ts
