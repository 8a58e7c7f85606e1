import { stringify } from 'yaml'
import { isGroup, isItems, isKeyed, type SettingGroup, type SettingMap, type SettingTree } from '../setting.ts'
import type { SettingValue } from '../setting.ts'
import { yamlText } from '../yaml-text.ts'
import type { Gathered, Leftover, Note } from './gathered.ts'

/** Each task finds these out itself. They do not belong in a configuration that many tasks share. */
const ofOneTask = 'ecs.'

/** A value as YAML on one line, and where it came from. */
interface Written { readonly text: string, readonly origin: string }

/**
 * A configuration of Fluent Bit as YAML of Sluice. Each value has a comment with its origin. In comments at the end are
 * the variables, what works otherwise, and what is not carried over.
 */
export function migratedYaml (tree: SettingTree, gathered: Gathered): string {
  const { values, open, filled, notes, leftovers } = gathered
  const lines = treeLines(tree, gathered, '')
  const isEmpty = ![...values.keys(), ...open.keys()].some(path => !path.startsWith(ofOneTask))
  return [
    ...(isEmpty ? ['# it contains no setting of Sluice'] : lines),
    ...openLines(gathered),
    ...sectionLines('Filled in from the environment', [...filled].map(([name, paths]) => [name, [...paths].join(', ')])),
    ...sectionLines('What changes', rowsOf(notes.filter(({ kind }) => kind === 'change'))),
    ...sectionLines('Nothing to set', rowsOf(notes.filter(({ kind }) => kind === 'nothing'))),
    ...fillLines(leftovers.filter(({ proposed = [] }) => proposed.length > 0)),
    ...sectionLines('Not carried over', rowsOf(leftovers.filter(({ proposed = [] }) => proposed.length === 0))),
    '',
  ].join('\n')
}

function treeLines (tree: SettingTree, gathered: Gathered, parent: string): string[] {
  const indent = parent === '' ? '' : '  '.repeat(parent.split('.').length)
  const paths = [...gathered.values.keys(), ...gathered.open.keys()].filter(path => !path.startsWith(ofOneTask))
  return Object.entries(tree).flatMap(([key, row]) => {
    const path = parent === '' ? key : `${parent}.${key}`
    if (isGroup(row)) return underKey(`${indent}${key}:`, [...treeLines(row.settings, gathered, path), ...otherLines(row, gathered, path, paths)])
    if (isKeyed(row)) {
      return underKey(`${indent}${key}:`, entryLines(row, gathered, path, namesBelow(path, paths)))
    }
    if (isItems(row)) return path === 'rules' ? ruleLines(gathered) : []
    const written = paths.includes(path) ? writtenAt(gathered, path, value => yamlText(row, value)) : undefined
    return written === undefined ? [] : [`${indent}${key}: ${written.text}  # ${written.origin}`]
  })
}

/** Entries of a group under names that are no settings of it: routes of one's own. */
function otherLines (
  { settings, others }: SettingGroup, gathered: Gathered, path: string, paths: readonly string[]
): string[] {
  if (others === undefined) return []
  return entryLines(others, gathered, path, namesBelow(path, paths).filter(name => !Object.hasOwn(settings, name)))
}

function entryLines ({ each }: SettingMap, gathered: Gathered, path: string, names: readonly string[]): string[] {
  const indent = '  '.repeat(path.split('.').length)
  return names.flatMap(name => underKey(`${indent}${name}:`, treeLines(each, gathered, `${path}.${name}`)))
}

function namesBelow (path: string, paths: readonly string[]): readonly string[] {
  return [...new Set(paths.filter(each => each.startsWith(`${path}.`)).map(each => each.split('.')[1] ?? ''))]
}

/** Each rule on lines of its own, the first with its origin. */
function ruleLines ({ rules }: Gathered): string[] {
  if (rules.length === 0) return []
  return ['rules:', ...rules.flatMap(({ rule, origin }) => {
    const { name, ...others } = rule
    const own = Object.entries(others).map(([key, value]) =>
      `    ${key}: ${stringify(value, { lineWidth: 0, collectionStyle: 'flow', flowCollectionPadding: false }).trimEnd()}`)
    return [`  - name: ${name}  # ${origin}`, ...own]
  })]
}

function writtenAt (
  { values, open, secrets }: Gathered, path: string, yamlOf: (value: SettingValue) => string
): Written | undefined {
  const found = values.get(path)
  const secret = secrets.get(path)
  if (found !== undefined && secret !== undefined) return { text: JSON.stringify(secret), origin: found.origin }
  if (found !== undefined) return { text: yamlOf(found.value), origin: found.origin }
  const unset = open.get(path)
  return unset === undefined ? undefined : { text: JSON.stringify(unset.text), origin: unset.origin }
}

function underKey (line: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [line, ...lines]
}

function openLines ({ open }: Gathered): string[] {
  const paths = new Map<string, string[]>()
  for (const [path, { names }] of open) for (const name of names) paths.set(name, [...paths.get(name) ?? [], path])
  const title = 'Variables that are not set here: set them for Sluice, or write their values. Until then the setting counts as not set'
  return sectionLines(title, [...paths].map(([name, each]) => [name, each.join(', ')]))
}

function rowsOf (notes: readonly (Leftover | Note)[]): readonly (readonly string[])[] {
  return notes.map(({ where, section, option, hint }) => [where, `${section}${option === '' ? '' : `: ${option}`}`, hint])
}

function fillLines (leftovers: readonly Leftover[]): string[] {
  if (leftovers.length === 0) return []
  return ['', '# To fill in, since the file does not decide it:', ...leftovers.flatMap(leftover => {
    const [row = []] = rowsOf([leftover])
    return [comment(row.join('  ')), ...(leftover.proposed ?? []).map(line => comment(`  ${line}`))]
  })]
}

function sectionLines (title: string, rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return []
  const widths = [0, 1].map(column => Math.max(...rows.map(row => (row[column] ?? '').length)))
  return ['', `# ${title}:`, ...rows.map(row =>
    comment([...row.slice(0, -1).map((text, column) => text.padEnd(widths[column] ?? 0)), row.at(-1) ?? ''].join('  ')))]
}

/** What was in the file must not end the comment. */
function comment (text: string): string {
  return `#   ${text.replace(/[\p{Cc}\u2028\u2029]/gu, ' ').trimEnd()}`
}

// Tested in test/cli/migrate.test.ts
