import { filterHints } from './changes.ts'
import { editOf, type Edit } from './edits.ts'
import { placeOf, type FilterContext } from './filter-context.ts'
import { keyPlace, segmentsOf } from './keys.ts'
import { condition } from './line-rules.ts'
import { isAmong, wordsOf, type Lines } from './lines.ts'
import { patternOfRuby } from './pattern.ts'
import type { Asked } from './scopes.ts'
import { halves, isParsed, type Entry, type Section } from './sections.ts'

/** The fields that ECS adds to every record, and the settings for them. */
const recordFields: ReadonlyMap<string, string> = new Map(Object.entries({
  ecs_cluster: 'ecs.cluster',
  ecs_task_arn: 'ecs.taskArn',
  ecs_task_definition: 'ecs.taskDefinition',
  ec2_instance_id: 'ecs.instanceId',
}))

/** Fields that the driver and ECS add to a line. Sluice adds none, so removing them needs nothing. */
const addedFields = new Set(['container_id', 'container_name', 'source', 'partial_message', 'partial_id', 'partial_ordinal', 'partial_last', ...recordFields.keys()])

/** What else a record has besides the line. */
const others = new Set([...addedFields, 'log'])

/** Carries `modify` and `record_modifier` over: what they do to the keys of lines are rules. */
export function translateFields (context: FilterContext, section: Section, plugin: string): void {
  const { gathered, flows, rules } = context
  const conditions = section.entries.filter(({ key }) => /^condition$/i.test(key))
  const reaching = flows.reached.get(section) ?? []
  const asked = askedOf(context, section, conditions, reaching)
  // Lines that a rule chose go through the filters anew: what holds for all of a class holds for them.
  const whole = reaching.filter(each => each.conditions.length === 0)
  const isWhole = reaching.every(each => conditions.length === 0 ? isAmong(whole, each) : each.conditions.length === 0)
  const held = isWhole ? undefined : `it held for ${wordsOf(reaching, context.containers)}, and only those that a rule chose`
  const edits: { readonly edit: Edit, readonly entry: Entry }[] = []
  for (const entry of section.entries) {
    const { key, value, where } = entry
    const word = key.toLowerCase()
    const from = placeOf(section, { where, key })
    const [field, rest] = halves(value)
    const fact = recordFields.get(field)
    if (/^(?:name|match|match_regex|condition)$/.test(word)) continue
    if (plugin === 'record_modifier' && word === 'record' && fact !== undefined) {
      gathered.set(fact, rest, from)
      continue
    }
    const isList = /^(?:allowlist_key|whitelist_key)$/.test(word)
    if (isList || (/^(?:remove_key|remove|uuid_key)$/.test(word) && addedFields.has(field))) {
      gathered.note('nothing', from, 'lines stay as they were written, without fields of the container')
      continue
    }
    const edit = editInLine(context, section, editOf(plugin, word, value), reaching)
    const hint = leftWords(edit, field) ?? (asked === undefined ? 'rules cannot ask for all of its conditions' : held)
    if (edit === undefined || edit.kind === 'left' || hint !== undefined) gathered.leave(from, hint ?? filterHints.get(plugin))
    else if (edit.kind !== 'add' && !isParsed(context.sections)) gathered.note('nothing', from, `nothing read lines as JSON, so no record had ${field}`)
    else edits.push({ edit, entry })
  }
  const [first] = edits
  if (first === undefined || asked === undefined) return
  if (conditions.length === 0) {
    for (const { edit, entry } of edits) rules.edit(whole, edit, section, entry.where)
  } else if (rules.editSome(reaching, asked, edits.map(({ edit }) => edit), first.entry.where) !== undefined) {
    for (const { entry } of edits) {
      gathered.leave(placeOf(section, entry), 'the first rule that matches a line decides, and none can ask for this besides the others')
    }
    return
  }
  const from = { ...placeOf(section), where: first.entry.where }
  gathered.note('change', from, 'keys are changed in lines that are JSON and in access lines; lines of text stay as they are')
  for (const { edit, entry } of edits) {
    const place = placeOf(section, entry)
    if (edit.kind === 'add' && edit.isOnlyNew) gathered.note('change', place, `a line that has ${edit.key} gets this in its place`)
    if (edit.kind === 'rename' && entry.key.toLowerCase() === 'hard_rename') gathered.note('change', place, `a line that has ${edit.to} already stays as it is`)
  }
}

/** The edit with the key that the line itself has: a `nest` filter before it may have changed that. */
function editInLine (
  context: FilterContext, section: Section, edit: ReturnType<typeof editOf>, lines: readonly Lines[]
): ReturnType<typeof editOf> {
  if (edit === undefined || edit.kind === 'left' || edit.kind === 'add' || !isParsed(context.sections)) return edit
  const place = keyPlace(context, section, [edit.key], lines)
  if (place.kind === 'none') return others.has(edit.key) ? edit : { kind: 'left', words: place.words }
  const [path = '', ...further] = place.paths
  if (path === edit.key && further.length === 0) return edit
  const where = place.paths.join(' or ')
  return { kind: 'left', words: `lines have it as ${where}, and rules change keys of the line itself: ${edit.kind} it where you query` }
}

function leftWords (edit: ReturnType<typeof editOf>, field: string): string | undefined {
  if (edit?.kind === 'left') return edit.words
  if (field === 'log') return 'a message is the line itself, under no key'
  return edit !== undefined && edit.kind !== 'add' && others.has(field) ? 'lines have no fields of the container; enrich adds fields of ECS' : undefined
}

/**
 * The conditions of `modify` as those of a rule, all of which must hold. undefined: no rule can ask for that.
 *
 * Source: https://docs.fluentbit.io/manual/pipeline/filters/modify
 */
function askedOf (
  context: FilterContext, section: Section, entries: readonly Entry[], lines: readonly Lines[]
): Asked | undefined {
  const when: Record<string, readonly string[]> = {}
  const unless: Record<string, readonly string[]> = {}
  for (const { value } of entries) {
    const [type, rest] = halves(value)
    const [field, text] = halves(rest)
    const key = keyOfCondition(context, section, field, lines)
    const pattern = patternOfRuby(text)
    const word = type.toLowerCase()
    const asked = word === 'key_exists' || word === 'key_does_not_exist'
      ? ['*']
      : /^key_value_(?:equals|does_not_equal)$/.test(word)
        ? /^[~<>]|\*/.test(text) ? undefined : [text]
        : /^key_value_(?:matches|does_not_match)$/.test(word) && pattern !== undefined ? condition(pattern) : undefined
    const into = word.includes('not') ? unless : when
    if (asked === undefined || key === undefined || others.has(key) || key === '__proto__' || key in into) return undefined
    into[key] = asked
    // A value that is not there is none that differs.
    if (/does_not_(?:equal|match)$/.test(word)) when[key] ??= ['*']
  }
  // `unless` holds only if all of it does.
  if (Object.keys(unless).length > 1) return undefined
  return {
    ...(Object.keys(when).length === 0 ? {} : { when: { keys: when } }),
    ...(Object.keys(unless).length === 0 ? {} : { unless: { keys: unless } }),
  }
}

/** A path of keys in the line. Without a parser it is the key as it stands, which no line has. */
function keyOfCondition (
  context: FilterContext, section: Section, field: string, lines: readonly Lines[]
): string | undefined {
  if (!isParsed(context.sections)) return field.startsWith('$') ? undefined : field
  const place = keyPlace(context, section, segmentsOf(field), lines)
  return place.kind === 'paths' && place.paths.length === 1 ? place.paths[0] : undefined
}

// Tested in test/config/fluent-bit/line-rules.test.ts
