import { stringify } from 'yaml'
import { isGroup, isItems, isKeyed, type SettingGroup, type SettingMap, type SettingTree } from './setting.ts'
import type { SettingValues } from './load.ts'
import { defaultOf } from './values.ts'
import { yamlText } from './yaml-text.ts'

export interface EffectiveLine {
  /** YAML; secrets are masked. */
  readonly text: string
  /** Where the value came from; undefined on the line of a group. */
  readonly origin: string | undefined
  readonly isDefault: boolean
}

/** The settings that a process would run with, as the lines of a YAML file, and where each came from. */
export function effectiveSettings (
  tree: SettingTree, values: SettingValues, origins: ReadonlyMap<string, string>, parent = ''
): EffectiveLine[] {
  const indent = parent === '' ? '' : '  '.repeat(parent.split('.').length)
  return Object.entries(tree).flatMap(([key, row]): EffectiveLine[] => {
    const path = parent === '' ? key : `${parent}.${key}`
    if (isGroup(row)) {
      const group = { text: `${indent}${key}:`, origin: undefined, isDefault: true }
      const own = effectiveSettings(row.settings, values[key] as SettingValues, origins, path)
      return [group, ...own, ...otherLines(row, values[key] as SettingValues, origins, path)]
    }
    if (isKeyed(row)) return mapLines(row, key, indent, values[key] as SettingValues, origins, path)
    if (isItems(row)) return itemLines(key, values[key] as readonly object[], origins.get(path))
    const value = values[key] as Exclude<SettingValues[string], SettingValues>
    // That there is no secret is shown, since that may be what the operator is looking for.
    const isList = Array.isArray(value)
    const isMasked = row.secret === true && (isList ? value.length > 0 : value !== '' && value !== 'off')
    const mask = isList ? '["********"]' : '"********"'
    const text = `${indent}${key}: ${isMasked ? mask : yamlText(row, value ?? defaultOf(row))}`
    const origin = origins.get(path)
    return [{ text, origin: origin ?? 'default', isDefault: origin === undefined }]
  })
}

/** Entries of a group under names that an operator has chosen. */
function otherLines (
  { settings, others }: SettingGroup, values: SettingValues, origins: ReadonlyMap<string, string>, path: string
): EffectiveLine[] {
  if (others === undefined) return []
  const own = Object.entries(values).filter(([name]) => !Object.hasOwn(settings, name))
  return mapLines(others, '', '', Object.fromEntries(own), origins, path).slice(1)
}

function itemLines (key: string, items: readonly object[], origin = 'default'): EffectiveLine[] {
  const isDefault = items.length === 0
  const [first = '', ...rest] = stringify({ [key]: items }, { lineWidth: 0 }).trimEnd().split('\n')
  return [
    { text: first, origin, isDefault },
    ...rest.map(text => ({ text, origin: undefined, isDefault: true })),
  ]
}

/** Only the settings that each entry has. */
function mapLines (
  { doc, each }: SettingMap, key: string, indent: string, values: SettingValues, origins: ReadonlyMap<string, string>,
  path: string
): EffectiveLine[] {
  const names = Object.keys(values)
  const line = (text: string) => ({ text, origin: undefined, isDefault: true })
  if (names.length === 0) return [line(`${indent}${key}: {}`)]
  const groups = Object.fromEntries(names.map(name => {
    const own = Object.entries(each).filter(([setting]) => Object.hasOwn(values[name] as SettingValues, setting))
    return [name, { doc, settings: Object.fromEntries(own) }]
  }))
  return [line(`${indent}${key}:`), ...effectiveSettings(groups, values, origins, path)]
}
