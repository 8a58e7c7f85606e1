import type { RuleSettings } from '../rules/read-rules.ts'
import { hasVariable } from '../variables.ts'
import { halves } from './sections.ts'

/** A change of the keys of a line. */
export type Edit =
  | { readonly kind: 'add', readonly key: string, readonly value: string, readonly isOnlyNew: boolean }
  | { readonly kind: 'remove', readonly key: string }
  | { readonly kind: 'rename', readonly key: string, readonly to: string }

/** What a rule does to the keys of a line, and where copies of it go. */
export interface Actions {
  readonly add: Record<string, string>
  readonly remove: string[]
  readonly rename: Record<string, string>
  readonly copyTo: string[]
}

export function noActions (): Actions {
  return { add: {}, remove: [], rename: {}, copyTo: [] }
}

/** Those that there are, as a rule has them. */
export function actionsOf ({ add, remove, rename, copyTo }: Actions): Partial<RuleSettings> {
  return withoutEmpty({ add, remove, rename, copyTo })
}

/** Without members that hold nothing. */
export function withoutEmpty<All extends Readonly<Record<string, object>>> (all: All): Partial<All> {
  return Object.fromEntries(Object.entries(all).filter(([, each]) => Object.keys(each).length > 0)) as Partial<All>
}

/** Does one more edit behind those that there are: a rule removes, renames and adds, in this order. */
export function applyEdit (actions: Actions, edit: Edit): void {
  const { add, remove, rename } = actions
  const before = Object.entries(rename).find(([, to]) => to === edit.key)?.[0]
  if (edit.kind === 'add') {
    if (!(edit.isOnlyNew && Object.hasOwn(add, edit.key))) add[edit.key] = edit.value
    return
  }
  const added = add[edit.key]
  delete add[edit.key]
  if (edit.kind === 'remove') {
    const key = before ?? edit.key
    delete rename[key]
    if (!remove.includes(key)) remove.push(key)
  } else if (added !== undefined) {
    add[edit.to] = added
    if (!remove.includes(edit.key)) remove.push(edit.key)
  } else if (!remove.includes(edit.key)) {
    rename[before ?? edit.key] = edit.to
  }
}

/** What an option of `modify` or `record_modifier` does: an edit, or why there is none. undefined: it is not known. */
export function editOf (plugin: string, option: string, value: string): Edit | { readonly kind: 'left', readonly words: string } | undefined {
  const [key, rest] = halves(value)
  if (key === '__proto__') return { kind: 'left', words: 'no line has such a key' }
  const word = plugin === 'record_modifier' ? recordWords.get(option) : option
  switch (word) {
    case 'set':
    case 'add':
      if (hasVariable(rest)) return { kind: 'left', words: `${rest} is not set here` }
      return { kind: 'add', key, value: rest, isOnlyNew: word === 'add' }
    case 'remove': return { kind: 'remove', key }
    case 'rename':
    case 'hard_rename': return { kind: 'rename', key, to: rest }
    case 'copy':
    case 'hard_copy': return { kind: 'left', words: 'rules rename keys, they do not copy them' }
    case 'remove_wildcard':
    case 'remove_regex': return { kind: 'left', words: 'rules remove keys by their names: name them in `remove` of a rule' }
    case undefined:
    default: return undefined
  }
}

const recordWords: ReadonlyMap<string, string> = new Map(Object.entries({ record: 'set', remove_key: 'remove' }))

// Tested in test/config/fluent-bit/line-rules.test.ts
