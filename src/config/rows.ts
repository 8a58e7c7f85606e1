import { isGroup, type Setting, type SettingGroup, type SettingTree } from './setting.ts'

/** One setting with its names. */
export interface Row {
  /** As in YAML: `spool.maxBytes`. */
  readonly path: string
  /** `SLUICE_SPOOL_MAX_BYTES` */
  readonly variable: string
  readonly setting: Setting
}

/** Every setting of `tree`, in the order of the table. */
export function rowsOf (tree: SettingTree, parent = ''): Row[] {
  return Object.entries(tree).flatMap(([key, row]) => {
    const path = parent === '' ? key : `${parent}.${key}`
    return isGroup(row) ? rowsOf(row.settings, path) : [{ path, variable: variableOf(path), setting: row }]
  })
}

/** Every group of `tree` with its path, outermost first. */
export function groupsOf (tree: SettingTree, parent = ''): { readonly path: string, readonly group: SettingGroup }[] {
  return Object.entries(tree).flatMap(([key, row]) => {
    const path = parent === '' ? key : `${parent}.${key}`
    return isGroup(row) ? [{ path, group: row }, ...groupsOf(row.settings, path)] : []
  })
}

/** The environment variable of a setting: `spool.maxBytes` is `SLUICE_SPOOL_MAX_BYTES`. */
export function variableOf (path: string): string {
  return `SLUICE_${path.replace(/([a-z\d])([A-Z])/g, '$1_$2').replaceAll('.', '_').toUpperCase()}`
}
