import { excerpt, type Mistake } from './mistake.ts'
import type { ListSetting, Setting, SettingValue } from './setting.ts'
import { allowedOf } from './allowed.ts'
import { meantWords } from './suggest.ts'
import { parseListItem, parseScalar, uniquePart, type Scalar } from './values.ts'

/** A value that was set, and where: `file:line`, or the name of an environment variable. */
export interface Given {
  readonly value: SettingValue
  readonly origin: string
  /** As the origin, with the column if there is one. */
  readonly where?: string
}

/** What one file, or the environment, sets. */
export interface Reading {
  readonly values: ReadonlyMap<string, Given>
  readonly mistakes: readonly Mistake[]
  readonly warnings: readonly string[]
}

export type ScalarReading =
  | { readonly kind: 'value', readonly value: SettingValue, readonly warnings: readonly string[] }
  | { readonly kind: 'mistake', readonly mistake: Mistake }

/** Reads one value, or says what is wrong with it. A secret value is never shown. */
export function readScalar (
  path: string, setting: Exclude<Setting, { type: 'list' }>, scalar: Scalar, where: string
): ScalarReading {
  const parsed = parseScalar(setting, scalar)
  if (parsed.kind === 'value') return { ...parsed, warnings: [] }
  if (parsed.kind === 'unknown') {
    return { kind: 'value', value: parsed.value, warnings: [unknownWarning(where, path, describeScalar(scalar), parsed.meant)] }
  }
  const isSecret = setting.secret === true
  const detail = parsed.detail === undefined ? '' : `: ${parsed.detail}`
  const problem = isSecret ? 'found a value that is not understood' : `found ${describeScalar(scalar)}${detail}`
  const meant = isSecret ? undefined : parsed.meant
  return { kind: 'mistake', mistake: { where, path, problem, allowed: parsed.allowed, meant } }
}

/** One item of a list, as written. */
export interface GivenItem {
  readonly scalar: Scalar
  /** The item in words, for a message. */
  readonly shown: string
  readonly where: string
}

export interface ListReading<Item> {
  readonly value: readonly string[]
  readonly mistakes: readonly { readonly item: Item, readonly mistake: Mistake }[]
  readonly warnings: readonly string[]
}

/** Reads a list, or says what is wrong with each item. An item of a secret list is never shown. */
export function readList<Item extends GivenItem> (
  path: string, setting: ListSetting, given: readonly Item[]
): ListReading<Item> {
  const value: string[] = []
  const mistakes: { item: Item, mistake: Mistake }[] = []
  const warnings: string[] = []
  const seen = new Map<string, Item>()
  const isSecret = setting.secret === true
  for (const item of given) {
    const { where } = item
    const wrong = (problem: string, allowed: string, meant?: string) => {
      mistakes.push({ item, mistake: { where, path, problem, allowed, meant: isSecret ? undefined : meant } })
    }
    const parsed = parseListItem(setting, item.scalar)
    if (parsed.kind === 'mistake') {
      wrong(isSecret ? 'found an item that is not understood' : `found ${item.shown}`, parsed.allowed, parsed.meant)
      continue
    }
    if (parsed.kind === 'unknown') warnings.push(unknownWarning(where, path, item.shown, parsed.meant))
    const part = uniquePart(setting, item.scalar.text)
    if (part !== undefined) {
      const earlier = seen.get(part)
      const shown = isSecret ? 'an item' : excerpt(part)
      if (earlier === undefined) seen.set(part, item)
      else wrong(`${shown} is given twice, first at ${earlier.where}`, allowedOf(setting))
    }
    value.push(item.scalar.text)
    // Reported once, at the first item that is too many.
    if (value.length - 1 === setting.maxItems) wrong(`found ${given.length} items`, allowedOf(setting))
  }
  return { value: Object.freeze(value), mistakes, warnings }
}

function unknownWarning (where: string, path: string, shown: string, meant: string | undefined): string {
  return `${where}: ${path}: ${shown} is not known to this version and is used as it is${meantWords(meant)}`
}

export function describeScalar ({ value, text }: Scalar): string {
  if (value === null) return 'nothing'
  return typeof value === 'string' ? excerpt(text) : text
}

// Tested in test/config/load.test.ts
