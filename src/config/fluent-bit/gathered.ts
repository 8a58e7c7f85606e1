import { readScalar, type Given } from '../reading.ts'
import { settingAt } from '../rows.ts'
import type { SettingTree } from '../setting.ts'
import type { MadeRule } from './line-rules.ts'
import { isPattern } from '../pattern.ts'
import { parseDuration, parseSize } from '../units.ts'
import { formatValue } from '../values.ts'
import { hasVariable } from '../variables.ts'
import { nestedYaml } from '../yaml-text.ts'

/** Where something stands in the file. */
export interface Place {
  /** `file:line` */
  readonly where: string
  /** The section in words: `[OUTPUT] s3 of web`. */
  readonly section: string
  /** The option; empty for the section as a whole. */
  readonly option: string
}

/** A part of the file that is not carried over. */
export interface Leftover extends Place {
  /** Why, or what to set instead. May be empty. */
  readonly hint: string
  /** Settings to fill in, as lines of YAML, where the file does not tell which lines they are for. */
  readonly proposed?: readonly string[]
}

/** Something that is as it should be: it works otherwise than before, or there is nothing to set for it. */
export interface Note extends Place {
  readonly kind: 'change' | 'nothing'
  readonly hint: string
}

/** A value that names variables which are not set. */
export interface OpenValue { readonly text: string, readonly names: readonly string[], readonly origin: string }

/** Collects settings from a file of Fluent Bit, and what in it is no setting of Sluice. */
export class Gathered {
  readonly values = new Map<string, Given>()
  /** Values that are known only when their variables are set, by the path of their setting. */
  readonly open = new Map<string, OpenValue>()
  /** Rules of one's own, in order. */
  rules: readonly MadeRule[] = []
  readonly leftovers: Leftover[] = []
  readonly notes: Note[] = []
  /** About values that are used, but perhaps not meant. */
  readonly warnings: string[] = []
  /** Variables of the environment that are filled in, with the settings that they belong to. */
  readonly filled = new Map<string, Set<string>>()
  /** Secrets that come of variables, as the file has them: their values are written nowhere. */
  readonly secrets = new Map<string, string>()
  readonly #tree: SettingTree
  readonly #said = new Set<string>()

  constructor (tree: SettingTree) {
    this.#tree = tree
  }

  /** Sets the setting at `path`. False, with a leftover, if the value is not allowed or another was there first. */
  set (path: string, text: string, from: Place, filled: readonly string[] = [], raw = ''): boolean {
    const setting = settingAt(this.#tree, path)
    if (setting === undefined || setting.type === 'list') throw new TypeError(`no setting ${path} of one value`)
    const names = [...text.matchAll(/(?<!\$)\$\{([A-Za-z_]\w*)\}/g)].map(([, name = '']) => name)
    const outcome = readScalar(path, setting, { value: text, text }, from.where)
    if (names.length === 0 && outcome.kind === 'mistake') {
      this.leave(from, hasVariable(text) ? `${text} is none of Sluice's` : `allowed: ${outcome.mistake.allowed ?? 'something else'}`)
      return false
    }
    const value = outcome.kind === 'value' ? formatValue(setting, outcome.value) : text
    const earlier = this.textOf(path)
    if (earlier !== undefined && earlier !== (names.length > 0 ? text : value)) {
      this.leave(from, `${path} is already set at ${this.values.get(path)?.origin ?? this.open.get(path)?.origin ?? ''}`)
      return false
    }
    if (setting.secret === true && filled.length > 0) this.secrets.set(path, raw)
    else for (const name of filled) this.filled.set(name, (this.filled.get(name) ?? new Set()).add(path))
    if (earlier !== undefined) return true
    if (names.length > 0) {
      this.open.set(path, { text, names, origin: from.where })
    } else if (outcome.kind === 'value') {
      this.warnings.push(...outcome.warnings)
      this.values.set(path, { value: outcome.value, origin: from.where })
    }
    return true
  }

  /** Sets a size or a time, as near to it as the setting's bounds let it be. */
  setWithin (path: string, text: string, from: Place, written: string): void {
    const setting = settingAt(this.#tree, path)
    if (setting?.type !== 'size' && setting?.type !== 'duration') throw new TypeError(`no size or time ${path}`)
    const parse = setting.type === 'size' ? parseSize : parseDuration
    const wanted = parse(text) ?? 0
    const [least = 0, most = 0] = [parse(setting.min), parse(setting.max)]
    const bound = wanted < least ? setting.min : wanted > most ? setting.max : undefined
    if (bound !== undefined) this.note('change', from, `${path} is ${bound}, since ${written} is ${wanted < least ? 'under its least' : 'over its most'}`)
    this.set(path, bound ?? text, from)
  }

  setRules (rules: readonly MadeRule[]): void {
    this.rules = rules
    const [first] = rules
    if (first === undefined) return
    this.values.set('rules', { value: Object.freeze(rules.map(({ rule }) => rule)), origin: first.origin })
  }

  /** Adds to a list of words at `path`, each once. */
  addWord (path: string, word: string, from: Place): void {
    const { value = [], origin = from.where } = this.values.get(path) ?? {}
    const words = value as readonly string[]
    this.values.set(path, { value: Object.freeze(words.includes(word) ? words : [...words, word]), origin })
  }

  /** The value at `path` as it would be written. */
  textOf (path: string): string | undefined {
    const setting = settingAt(this.#tree, path)
    const given = this.values.get(path)
    if (given !== undefined && setting !== undefined) return formatValue(setting, given.value)
    return this.open.get(path)?.text
  }

  /** Adds a pattern to the list at `path`. */
  add (path: string, pattern: string | undefined, from: Place): void {
    if (pattern === undefined || !isPattern(pattern)) {
      this.leave(from, 'this regular expression cannot be translated, so it filters nothing')
      return
    }
    this.addWord(path, pattern, from)
  }

  leave ({ where, section, option }: Place, hint = '', proposed: readonly string[] = []): void {
    if (!this.#isNew([where, section, option, hint])) return
    this.leftovers.push({ where, section, option, hint, ...(proposed.length > 0 && { proposed }) })
  }

  note (kind: Note['kind'], { where, section, option }: Place, hint: string): void {
    if (this.#isNew([kind, where, option, hint])) this.notes.push({ kind, where, section, option, hint })
  }

  /** One output may be carried over for several containers. */
  #isNew (words: readonly string[]): boolean {
    const key = words.join('\0')
    if (this.#said.has(key)) return false
    this.#said.add(key)
    return true
  }
}

/** A setting as one line of YAML, for someone to take or to leave. */
export function proposal (path: string, value: string | readonly string[], words = ''): string {
  const text = typeof value !== 'string' || /[^\w/.-]/.test(value) ? JSON.stringify(value) : value
  return `${nestedYaml(path, text)}${words === '' ? '' : `  # ${words}`}`
}

// Tested in test/config/fluent-bit/translate.test.ts
