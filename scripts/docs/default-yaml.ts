import { isGroup, isItems, isKeyed, type Setting, type SettingMap, type SettingTree } from '../../src/config/setting.ts'
import { allowedOf } from '../../src/config/allowed.ts'
import { defaultOf } from '../../src/config/values.ts'
import { variableOf } from '../../src/config/rows.ts'
import { yamlText } from '../../src/config/yaml-text.ts'

const introduction = `# yaml-language-server: $schema=./schema.json
## Every setting with its default. Made by \`npm run generate\` from src/config/settings.ts.
## Lines with one # are settings: remove it from a setting and from the groups that it is in.
`

/** config/default.yaml: a file to copy from. As it is, it changes nothing. */
export function defaultYaml (tree: SettingTree): string {
  return `${introduction}${lines(tree, '').join('\n')}\n`
}

function lines (tree: SettingTree, parent: string): string[] {
  const indent = parent === '' ? '' : '  '.repeat(parent.split('.').length)
  return Object.entries(tree).flatMap(([key, row]) => {
    const path = parent === '' ? key : `${parent}.${key}`
    if (isGroup(row)) {
      const others = row.others === undefined ? [] : ['', `## ${row.others.doc}`, ...example(row.others)]
      return ['', `## ${row.doc}`, `#${indent}${key}:`, ...lines(row.settings, path), ...others]
    }
    if (isItems(row)) {
      return ['', `## ${row.doc}`, `#${indent}${key}: []`, ...row.example.split('\n').slice(1).map(line => `## ${line}`)]
    }
    if (isKeyed(row)) return ['', `## ${row.doc}`, `#${indent}${key}: {}`, ...example(row)]
    const value = setting(row)
    return ['', `## ${row.doc}`, `## Allowed: ${allowedOf(row)}. Variable: ${variableOf(path)}`, `#${indent}${key}: ${value}`]
  })
}

/** An entry that stays in comments, because it would change something. */
function example ({ keys, each }: SettingMap): string[] {
  const settings = Object.entries(each).flatMap(([key, row]) => isGroup(row) || isKeyed(row) || isItems(row)
    ? []
    : [`##     ${key}: ${exampleYaml(row)}`])
  return [`##   ${keys.example}:`, ...settings]
}

function exampleYaml (row: Setting): string {
  return row.type === 'list' ? yamlText(row, row.example.split(',')) : row.example
}

function setting (row: Parameters<typeof defaultOf>[0]): string {
  // As in the table: 60s, not 1m.
  return row.type === 'size' || row.type === 'duration' ? row.default : yamlText(row, defaultOf(row))
}
