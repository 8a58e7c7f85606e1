import { readScalar, type Given } from '../reading.ts'
import { settingAt } from '../rows.ts'
import type { SettingTree } from '../setting.ts'
import { isPattern } from '../pattern.ts'

/** A part of the file that is not carried over. */
export interface Leftover {
  /** `file:line` */
  readonly where: string
  /** The section in words: `[OUTPUT] s3 of web`. */
  readonly section: string
  /** The option; empty for the section as a whole. */
  readonly option: string
  /** Why, or what to set instead. May be empty. */
  readonly hint: string
}

/** Collects settings from a file of Fluent Bit, and what in it is no setting of Sluice. */
export class Gathered {
  readonly values = new Map<string, Given>()
  readonly leftovers: Leftover[] = []
  /** About values that are used, but perhaps not meant. */
  readonly warnings: string[] = []
  readonly #tree: SettingTree

  constructor (tree: SettingTree) {
    this.#tree = tree
  }

  /** Sets the setting at `path`. False, with a leftover, if the value is not allowed or another was there first. */
  set (path: string, text: string, from: Omit<Leftover, 'hint'>): boolean {
    const setting = settingAt(this.#tree, path)
    if (setting === undefined || setting.type === 'list') throw new TypeError(`no setting ${path} of one value`)
    const outcome = readScalar(path, setting, { value: text, text }, from.where)
    if (outcome.kind === 'mistake') {
      this.leave(from, `allowed: ${outcome.mistake.allowed ?? 'something else'}`)
      return false
    }
    const earlier = this.values.get(path)
    if (earlier !== undefined && earlier.value !== outcome.value) {
      this.leave(from, `${path} is already set at ${earlier.origin}`)
      return false
    }
    if (earlier !== undefined) return true
    this.warnings.push(...outcome.warnings)
    this.values.set(path, { value: outcome.value, origin: from.where })
    return true
  }

  /** Adds a pattern to the list at `path`. */
  add (path: string, pattern: string | undefined, from: Omit<Leftover, 'hint'>): void {
    if (pattern === undefined || !isPattern(pattern)) {
      this.leave(from, 'this regular expression cannot be translated, so it filters nothing')
      return
    }
    const { value = [], origin = from.where } = this.values.get(path) ?? {}
    this.values.set(path, { value: Object.freeze([...value as readonly string[], pattern]), origin })
  }

  leave (from: Omit<Leftover, 'hint'>, hint = ''): void {
    this.leftovers.push({ ...from, hint })
  }
}

// Tested in test/config/fluent-bit/translate.test.ts
