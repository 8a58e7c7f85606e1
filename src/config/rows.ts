import { isGroup, isItems, isKeyed, type Setting, type SettingItems, type SettingGroup, type SettingMap, type SettingTree } from './setting.ts'

/** One setting with its names. */
export interface Row {
  /** As in YAML: `spool.maxBytes`. */
  readonly path: string
  /** `SLUICE_SPOOL_MAX_BYTES` */
  readonly variable: string
  readonly setting: Setting
  /** Its former paths, which still work. */
  readonly aliases: readonly string[]
}

/** Every setting of `tree`, in the order of the table, without those of single containers. */
export function rowsOf (tree: SettingTree, parent = ''): Row[] {
  return Object.entries(tree).flatMap(([key, row]) => {
    const path = parent === '' ? key : `${parent}.${key}`
    if (isKeyed(row) || isItems(row)) return []
    if (isGroup(row)) return rowsOf(row.settings, path)
    return [{ path, variable: variableOf(path), setting: row, aliases: row.aliases ?? [] }]
  })
}

/** Every group of `tree` with its path, outermost first. */
export function groupsOf (tree: SettingTree, parent = ''): { readonly path: string, readonly group: SettingGroup }[] {
  return Object.entries(tree).flatMap(([key, row]) => {
    const path = parent === '' ? key : `${parent}.${key}`
    return isGroup(row) ? [{ path, group: row }, ...groupsOf(row.settings, path)] : []
  })
}

/** Every mapping of `tree` whose keys are names that an operator chooses. */
export function mapsOf (tree: SettingTree): { readonly path: string, readonly map: SettingMap }[] {
  return Object.entries(tree).flatMap(([path, row]) => {
    if (isKeyed(row)) return [{ path, map: row }]
    return isGroup(row) && row.others !== undefined ? [{ path, map: row.others }] : []
  })
}

/** Every list of mappings. */
export function itemsOf (tree: SettingTree): { readonly path: string, readonly items: SettingItems }[] {
  return Object.entries(tree).flatMap(([path, row]) => isItems(row) ? [{ path, items: row }] : [])
}

/** The setting at `path`, which may be one of a container: `containers.web.bucket`. */
export function settingAt (tree: SettingTree, path: string): Setting | undefined {
  const [key = '', ...rest] = path.split('.')
  const row = Object.hasOwn(tree, key) ? tree[key] : undefined
  if (row === undefined) return undefined
  if (isItems(row)) return undefined
  if (isGroup(row)) {
    const own = settingAt(row.settings, rest.join('.'))
    return own ?? (row.others === undefined ? undefined : settingAt(row.others.each, rest.slice(1).join('.')))
  }
  if (isKeyed(row)) return settingAt(row.each, rest.slice(1).join('.'))
  return rest.length === 0 ? row : undefined
}

/** The environment variable of a setting: `spool.maxBytes` is `SLUICE_SPOOL_MAX_BYTES`. */
export function variableOf (path: string): string {
  return `SLUICE_${path.replace(/([a-z\d])([A-Z])/g, '$1_$2').replaceAll('.', '_').toUpperCase()}`
}

// Tested in test/config/environment.test.ts
