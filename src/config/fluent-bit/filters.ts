import { filterHints, nativeFilters } from './changes.ts'
import { fieldName, type Flow, type Flows } from './flows.ts'
import { proposal, type Gathered, type Place } from './gathered.ts'
import { isWhole, wordsOf } from './lines.ts'
import { patternOfRuby } from './pattern.ts'
import { halves, optionsOf, pluginOf, type Section } from './sections.ts'
import { anyContainer, regexOf } from './tags.ts'

/** The fields that ECS adds to every record, and the settings for them. */
const recordFields: ReadonlyMap<string, string> = new Map(Object.entries({
  ecs_cluster: 'ecs.cluster',
  ecs_task_arn: 'ecs.taskArn',
  ecs_task_definition: 'ecs.taskDefinition',
  ec2_instance_id: 'ecs.instanceId',
}))

/** Fields that the driver and ECS add to a line. Sluice adds none, so removing them needs nothing. */
const addedFields = new Set(['container_id', 'container_name', 'source', 'partial_message', 'partial_id', 'partial_ordinal', 'partial_last', ...recordFields.keys()])

export interface FilterContext {
  readonly gathered: Gathered
  readonly flows: Flows
  /** All, with the one that stands for those that the file does not name. */
  readonly containers: readonly string[]
  readonly sections: readonly Section[]
  readonly nameOf: (section: Section) => string
}

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
    if (pattern === undefined && name !== 'log') gathered.leave(from, `lines of a container have no field ${name}`)
    else if (isEither && pattern !== undefined) either.push(pattern)
    else carryPattern(context, word === 'regex' ? 'include' : 'exclude', pattern, flows.reached.get(section) ?? [], from)
    if (isEither && lines.at(-1)?.where === where) {
      carryPattern(context, 'include', either.map(each => `(?:${each})`).join('|'), flows.reached.get(section) ?? [], from)
    }
  }
}

/** The pattern on the line. For a key of JSON lines, where a parser has read them, it finds the key in the line. */
function patternOfField (sections: readonly Section[], name: string, ruby: string): string | undefined {
  if (name === 'log') return patternOfRuby(ruby)
  const isParsed = sections.some(section => section.name === 'FILTER' && pluginOf(section) === 'parser' && /json/i.test(optionsOf(section)['parser'] ?? ''))
  const pattern = isParsed ? keyPattern(name.split('.').at(-1) ?? name, ruby) : undefined
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

/**
 * Sets a pattern for the lines that it is for: of all containers, or of single ones. One that is for some classes of
 * lines only would filter others too, so it is proposed.
 */
export function carryPattern (
  context: FilterContext, word: 'include' | 'exclude', pattern: string | undefined, flows: readonly Flow[], from: Place
): boolean {
  const { gathered, containers } = context
  // What another filter leaves out whole does not miss by this one.
  const gone = [...context.flows.dropped.values()].flat()
  const whole = [...flows, ...gone].filter(({ conditions, isCopy }) => conditions.length === 0 && !isCopy)
  const covered = containers.filter(container => isWhole(whole, container))
  const isAll = covered.length === containers.length
  const reachedCount = new Set(flows.map(({ container }) => container)).size
  const isNamed = !covered.includes(anyContainer) && reachedCount === covered.length
  if (covered.length > 0 && (isAll || isNamed)) {
    for (const container of isAll ? [''] : covered) gathered.add(container === '' ? `filter.${word}` : `containers.${container}.${word}`, pattern, from)
    return true
  }
  const names = [...new Set(flows.map(({ container }) => container))].filter(name => name !== anyContainer)
  const paths = flows.some(({ container }) => container === anyContainer) || names.length === 0 ? [`filter.${word}`] : names.map(name => `containers.${name}.${word}`)
  const reason = `it held for ${wordsOf(flows, context.containers)}; here a pattern holds for all lines of a container`
  gathered.leave(from, reason, pattern === undefined ? [] : paths.map(path => proposal(path, [pattern])))
  return false
}

function translateFields ({ gathered, nameOf }: FilterContext, section: Section, plugin: string): void {
  for (const { key, value, where } of section.entries) {
    const word = key.toLowerCase()
    const from = { where, section: nameOf(section), option: key }
    const [field, rest] = halves(value)
    const fact = recordFields.get(field)
    if (/^(?:name|match|match_regex)$/.test(word)) continue
    if (plugin === 'record_modifier' && word === 'record' && fact !== undefined) gathered.set(fact, rest, from)
    else if (/^(?:remove_key|remove|allowlist_key|whitelist_key|uuid_key)$/.test(word) && (word.endsWith('list_key') || addedFields.has(field))) {
      gathered.note('nothing', from, 'lines stay as they were written, without fields of the container')
    } else {
      gathered.leave(from, filterHints.get(plugin))
    }
  }
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
