import { errorLevels } from '../../contracts/levels.ts'
import { excerpt } from '../mistake.ts'
import type { ItemNode, ItemPlace, NoteItem, WrongItem } from '../setting.ts'
import { levelOf, parseCondition } from './conditions.ts'
import { fieldWords, keyField, matchFieldNames, matchFields, type MatchField, type MatchFieldName } from './fields.ts'
import { readEntries, readFields, readText, readTexts, shown } from './item-reader.ts'
import { suggest } from '../suggest.ts'

/** What a rule asks of a record: of each field one of the values. As written; `parseCondition` reads them. */
export type Match = Readonly<Partial<Record<MatchFieldName, readonly string[]>>> & {
  /** By key of the line, which is JSON. */
  readonly keys?: Readonly<Record<string, readonly string[]>>
}

/** One rule as an operator wrote it. */
export interface RuleSettings {
  readonly name: string
  /** All must hold; absent: every record. */
  readonly when?: Match
  /** When all of these hold, the rule does not match. */
  readonly unless?: Match
  /** The record is left out. */
  readonly filter?: true
  /** One of so many records is kept. */
  readonly sample?: number
  readonly route?: string
  readonly copyTo?: readonly string[]
  readonly level?: string
  /** Changes of the keys of a line of JSON. */
  readonly add?: Readonly<Record<string, string | number | boolean>>
  readonly remove?: readonly string[]
  readonly rename?: Readonly<Record<string, string>>
  readonly mask?: readonly string[]
}

/** Names that the ledger has for what is left out without a rule of one's own. */
const ownNames = ['empty', 'include-pattern', 'exclude-pattern', 'below-level', 'fpm-twin', 'health-check']
const namePattern = /^[A-Za-z\d][\w-]{0,63}$/
const nameWords = 'up to 64 letters, digits, `-` and `_`'
const sampleWords = 'a whole number from 2 to 1000000000: one of so many is kept'
const most = 200

/** Reads `rules`. Whether the routes that they name are there is checked with all other settings. */
export function readRules (list: ItemNode, wrong: WrongItem, note: NoteItem): readonly RuleSettings[] {
  if (list.kind !== 'list') {
    wrong(list.at, 'rules', `found ${shown(list)}`, 'a list of rules')
    return []
  }
  if (list.items.length > most) {
    wrong(list.at, 'rules', `found ${list.items.length} rules`, `at most ${most}`)
    return []
  }
  const names = new Map<string, ItemPlace>()
  return Object.freeze(list.items.map((node, index) => readRule(node, `rules[${index}]`, names, wrong, note)))
}

function readRule (
  node: ItemNode, path: string, names: Map<string, ItemPlace>, wrong: WrongItem, note: NoteItem
): RuleSettings {
  const rule: { -readonly [Key in keyof RuleSettings]: RuleSettings[Key] } = { name: '' }
  let filterAt: ItemPlace | undefined
  readFields(node, path, {
    name: (value, at) => { rule.name = readName(value, at, names, wrong) },
    when: (value, at) => { rule.when = readMatch(value, at, wrong) },
    unless: (value, at) => { rule.unless = readMatch(value, at, wrong) },
    filter: (value, at) => {
      filterAt = value.at
      if (value.kind === 'scalar' && value.value === true) rule.filter = true
      else wrong(value.at, at, `found ${shown(value)}`, '`true`')
    },
    sample: (value, at) => {
      const text = value.kind === 'scalar' ? value.text : ''
      const count = Number(text)
      if (Number.isInteger(count) && count >= 2 && count <= 1e9) rule.sample = count
      else wrong(value.at, at, `found ${shown(value)}`, sampleWords, /^1\/(\d+)$/.exec(text)?.[1])
    },
    route: (value, at) => {
      const route = readText(value, at, wrong, 'the name of a route')
      if (route === undefined) return
      note(value.at, at, route)
      rule.route = route
    },
    copyTo: (value, at) => {
      rule.copyTo = readTexts(value, at, wrong, 'names of routes')
      const items = value.kind === 'list' ? value.items : [value]
      items.forEach((item, index) => { if (item.kind === 'scalar') note(item.at, `${at}[${index}]`, item.text) })
    },
    level: (value, at) => {
      const text = value.kind === 'scalar' ? value.text : ''
      const level = levelOf(text)
      if (level !== undefined) rule.level = level
      else wrong(value.at, at, `found ${shown(value)}`, errorLevels.join(', '), suggest(text, errorLevels))
    },
    add: (value, at) => { rule.add = readAdded(value, at, wrong) },
    remove: (value, at) => { rule.remove = readTexts(value, at, wrong, 'keys') },
    rename: (value, at) => {
      rule.rename = readEntries(value, at, wrong, (to, toAt) => readText(to, toAt, wrong, 'the new name of the key'))
    },
    mask: (value, at) => { rule.mask = readTexts(value, at, wrong, 'keys') },
  }, wrong)
  if (node.kind === 'map' && rule.name === '' && !node.entries.some(({ key }) => key === 'name')) {
    wrong(node.at, path, 'found a rule without a name', `\`name\` with ${nameWords}`)
  }
  const { name: _name, when: _when, unless: _unless, filter, ...others } = rule
  const also = Object.keys(others)
  if (filter === true && filterAt !== undefined && also.length > 0) {
    wrong(filterAt, `${path}.filter`, `given besides ${also.join(' and ')}`, 'filter alone, since it leaves the record out')
  }
  return rule
}

function readName (node: ItemNode, path: string, names: Map<string, ItemPlace>, wrong: WrongItem): string {
  const name = readText(node, path, wrong, nameWords, namePattern)
  if (name === undefined) return ''
  const earlier = names.get(name)
  if (ownNames.includes(name)) {
    wrong(node.at, path, `${excerpt(name)} is what Sluice calls a rule of its own`, `a name other than ${ownNames.join(', ')}`)
  } else if (earlier !== undefined) {
    wrong(node.at, path, `${excerpt(name)} is given twice, first at ${earlier.where}`, 'names that differ')
  }
  names.set(name, earlier ?? node.at)
  return name
}

function readMatch (node: ItemNode, path: string, wrong: WrongItem): Match {
  const match: Partial<Record<MatchFieldName, readonly string[]>> & { keys?: Record<string, readonly string[]> } = {}
  const readers = matchFieldNames.map(name => [name, (value: ItemNode, at: string) => {
    match[name] = readConditions(value, at, matchFields[name], wrong)
  }] as const)
  readFields(node, path, {
    ...Object.fromEntries(readers),
    keys: (value, at) => {
      match.keys = readEntries(value, at, wrong, (each, eachAt) => readConditions(each, eachAt, keyField, wrong))
    },
  }, wrong)
  return match
}

function readConditions (node: ItemNode, path: string, field: MatchField, wrong: WrongItem): readonly string[] {
  const allowed = fieldWords(field)
  return readTexts(node, path, wrong, allowed, (text, item) => {
    const condition = parseCondition(field, text)
    if (condition.kind !== 'mistake') return true
    const { detail, meant } = condition
    wrong(item.at, path, `found ${shown(item)}${detail === undefined ? '' : `: ${detail}`}`, allowed, meant)
    return false
  })
}

function readAdded (node: ItemNode, path: string, wrong: WrongItem): Record<string, string | number | boolean> {
  return readEntries(node, path, wrong, (value, at) => {
    if (value.kind === 'scalar' && value.value !== null) return value.value
    wrong(value.at, at, `found ${shown(value)}`, 'a text, a number, `true` or `false`')
    return undefined
  })
}

// Tested in test/config/rules/rules.test.ts
