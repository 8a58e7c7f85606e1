import { isGroup, isKeyed, type SettingTree } from '../setting.ts'
import type { SettingValue } from '../setting.ts'
import { yamlText } from '../yaml-text.ts'
import type { Gathered, Leftover } from './gathered.ts'

/** Each task finds these out itself. They do not belong in a configuration that many tasks share. */
const ofOneTask = 'ecs.'

/**
 * A configuration of Fluent Bit as YAML of Sluice. Each value has a comment with its origin; what is not carried over
 * is in comments at the end.
 */
export function migratedYaml (tree: SettingTree, { values, leftovers }: Gathered): string {
  const given = new Map([...values].filter(([path]) => !path.startsWith(ofOneTask)))
  const lines = treeLines(tree, given, '')
  return [...(lines.length === 0 ? ['# it contains no setting of Sluice'] : lines), ...leftoverLines(leftovers), ''].join('\n')
}

function treeLines (tree: SettingTree, given: Gathered['values'], parent: string): string[] {
  const indent = parent === '' ? '' : '  '.repeat(parent.split('.').length)
  return Object.entries(tree).flatMap(([key, row]) => {
    const path = parent === '' ? key : `${parent}.${key}`
    if (isGroup(row)) return underKey(`${indent}${key}:`, treeLines(row.settings, given, path))
    if (isKeyed(row)) {
      const names = new Set([...given.keys()].filter(each => each.startsWith(`${path}.`)).map(each => each.split('.')[1] ?? ''))
      return underKey(`${indent}${key}:`, [...names].flatMap(name =>
        underKey(`${indent}  ${name}:`, treeLines(row.each, given, `${path}.${name}`))))
    }
    const found = given.get(path)
    return found === undefined ? [] : [`${indent}${key}: ${yamlText(row, found.value as SettingValue)}  # ${found.origin}`]
  })
}

function underKey (line: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [line, ...lines]
}

function leftoverLines (leftovers: readonly Leftover[]): string[] {
  if (leftovers.length === 0) return []
  const rows = leftovers.map(({ where, section, option, hint }) =>
    [where, `${section}${option === '' ? '' : `: ${option}`}`, hint] as const)
  const widths = [0, 1].map(column => Math.max(...rows.map(row => (row[column] ?? '').length)))
  return ['', '# Not carried over:', ...rows.map(row =>
    `#   ${row[0].padEnd(widths[0] ?? 0)}  ${row[1].padEnd(widths[1] ?? 0)}  ${row[2]}`.trimEnd())]
}

// Tested in test/cli/migrate.test.ts
