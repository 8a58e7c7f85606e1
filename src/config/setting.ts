/** Where a server listens. Port 0 lets the system choose one. */
export interface Address { readonly host: string, readonly port: number }

interface Described {
  /** For the manual and for editors, in a few sentences: what it does, and what a wrong value costs. */
  readonly doc: string
  /** A useful value other than the default, as it is written in YAML or in the environment. */
  readonly example: string
  /** Never shown: not in messages, not by `sluice check`. */
  readonly secret?: true
  /** Former paths, in the same group. They and their variables still work, with a warning. */
  readonly aliases?: readonly string[]
}

/** A setting that may be `off` says so. Its value is then that word. */
interface CanBeOff { readonly canBeOff?: true }

/**
 * Defaults and bounds are written as an operator writes them, so that the manual shows what YAML takes.
 *
 * `known` and `others` are for values that AWS adds to: one that is well formed but not known is used as it is, with a
 * warning.
 */
export type Setting = Described & (
  /** `known`: the values that AWS has today, or a pattern of them. `meant`: what a text of another form was to be. */
  | {
    readonly type: 'string'
    readonly default: string
    readonly pattern?: RegExp
    readonly allowed?: string
    readonly known?: readonly string[] | RegExp
    meant? (text: string): string | undefined
  } & CanBeOff
  /** Text with `{name}` and `%Y %m %d %H` (UTC); `required` names must occur in it. */
  | {
    readonly type: 'template'
    readonly default: string
    readonly names: readonly string[]
    readonly required: readonly string[]
  }
  | { readonly type: 'boolean', readonly default: boolean }
  /** `values`: only these; with `others`, any other from `min` to `max` too. */
  | {
    readonly type: 'integer'
    readonly default: number
    readonly min: number
    readonly max: number
    readonly values?: readonly number[]
    readonly others?: true
  }
  /** Bytes: `64MiB`, `500kB`, `4096`. */
  | { readonly type: 'size', readonly default: string, readonly min: string, readonly max: string } & CanBeOff
  /** Milliseconds: `60s`, `1h30m`, `250ms`. */
  | { readonly type: 'duration', readonly default: string, readonly min: string, readonly max: string } & CanBeOff
  /** `others`: a pattern of further values. `words`: other names of choices, by those names in small letters. */
  | {
    readonly type: 'choice'
    readonly default: string
    readonly choices: readonly string[]
    readonly others?: RegExp
    readonly words?: ReadonlyMap<string, string>
  }
  | { readonly type: 'address', readonly default: string } & CanBeOff
  /** A file or directory; a relative one is below the working directory. */
  | {
    readonly type: 'path'
    readonly default: string
    readonly maxLength?: number
    readonly canBeEmpty?: true
  } & CanBeOff
  /** Permissions of a file, in octal. */
  | { readonly type: 'mode', readonly default: string }
  | ListSetting
)

/** A list of texts. Each is one of `choices`, or matches `pattern`; `allowed` says in words what one item is. */
export interface ListSetting extends Described {
  readonly type: 'list'
  readonly default: readonly string[]
  readonly choices?: readonly string[]
  readonly pattern?: RegExp
  /** A pattern of the items that AWS has today. */
  readonly known?: RegExp
  /** Each is itself a regular expression. */
  readonly isRegex?: true
  /** Each is a regular expression that V8's linear engine can run. */
  readonly isLinear?: true
  /** Each is an IP address or a network. */
  readonly isNetwork?: true
  readonly allowed?: string
  readonly maxItems?: number
  /** What two items may not have in common: the whole item, or its key before the first `=`. */
  readonly unique?: 'item' | 'key'
}

/** Settings that belong together: one mapping in YAML, one table in the manual. */
export interface SettingGroup {
  readonly doc: string
  readonly settings: SettingTree
  /** Besides its settings, entries under names that an operator chooses, as in a `SettingMap`. */
  readonly others?: SettingMap
}

/**
 * A mapping whose keys are names that an operator chooses, each with the same settings. It can be set in YAML and in
 * the file of Fluent Bit, not by a variable. A setting that an entry does not have is as for all.
 */
export interface SettingMap {
  readonly doc: string
  /** What the keys are. */
  readonly keys: { readonly pattern: RegExp, readonly allowed: string, readonly example: string }
  readonly each: SettingTree
}

/**
 * A list of mappings, each read by a function of its own. It can be set in YAML only.
 */
export interface SettingItems<Item extends object = object> {
  readonly doc: string
  /** What each item may hold, for the manual and for editors. */
  readonly fields: Readonly<Record<string, { readonly doc: string, readonly schema: object }>>
  readonly example: string
  /** Reads the items, and says what is wrong with them. */
  readonly readItems: (list: ItemNode, wrong: WrongItem, note: NoteItem) => readonly Item[]
}

/** A part of YAML with its place; aliases and variables are filled in. */
export type ItemNode =
  | { readonly kind: 'scalar', readonly value: string | number | boolean | null, readonly text: string, readonly at: ItemPlace }
  | { readonly kind: 'list', readonly items: readonly ItemNode[], readonly at: ItemPlace }
  | {
    readonly kind: 'map'
    readonly entries: readonly { readonly key: string, readonly keyAt: ItemPlace, readonly value: ItemNode }[]
    readonly at: ItemPlace
  }

export interface ItemPlace { readonly start: number, readonly end: number, readonly where: string }

/** Keeps the place of a part that is checked when all settings are read. */
export type NoteItem = (at: ItemPlace, path: string, value: string) => void

export type WrongItem = (at: ItemPlace, path: string, problem: string, allowed: string, meant?: string) => void

export type SettingRow = Setting | SettingGroup | SettingMap | SettingItems

export interface SettingTree { readonly [key: string]: SettingRow }

type PlainValue<Row> =
  Row extends { readonly type: 'choice', readonly others: RegExp } ? string
    : Row extends { readonly type: 'choice', readonly choices: readonly (infer Choice)[] } ? Choice
      : Row extends { readonly type: 'boolean' } ? boolean
        : Row extends { readonly type: 'integer' | 'size' | 'duration' | 'mode' } ? number
          : Row extends { readonly type: 'address' } ? Address
            : Row extends { readonly type: 'list', readonly choices: readonly (infer Choice)[] } ? readonly Choice[]
              : Row extends { readonly type: 'list' } ? readonly string[]
                : string

type ValueOf<Row> = PlainValue<Row> | (Row extends { readonly canBeOff: true } ? 'off' : never)

/** The configuration as the program reads it: the names of YAML, sizes in bytes, durations in ms. */
export type ConfigOf<Tree> = {
  readonly [Key in keyof Tree]:
  Tree[Key] extends { readonly settings: infer Children } ? ConfigOf<Children>
    : Tree[Key] extends { readonly each: infer Children } ? Readonly<Record<string, Partial<ConfigOf<Children>>>>
      : Tree[Key] extends { readonly readItems: (...given: never[]) => infer Items } ? Items
        : ValueOf<Tree[Key]>
}

/** Any value a setting can have. */
export type SettingValue = string | number | boolean | Address | readonly string[] | readonly object[]

export function isGroup (row: SettingRow): row is SettingGroup {
  return 'settings' in row
}

export function isKeyed (row: SettingRow): row is SettingMap {
  return 'each' in row
}

export function isItems (row: SettingRow): row is SettingItems {
  return 'readItems' in row
}

// Tested in test/config/values.test.ts
