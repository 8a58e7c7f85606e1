import { excerpt, type Mistake } from './mistake.ts'
import type { Setting, SettingValue } from './setting.ts'
import { parseScalar, type Scalar } from './values.ts'

/** A value that somebody gave, and where: `file:line`, or the name of the environment variable. */
export interface Given { readonly value: SettingValue, readonly origin: string }

/** What one place of the configuration says. */
export interface Reading {
  readonly values: ReadonlyMap<string, Given>
  readonly mistakes: readonly Mistake[]
  readonly warnings: readonly string[]
}

/** Reads one value, or says what is wrong with it: never the value itself when it is a secret. */
export function readScalar (
  path: string, setting: Exclude<Setting, { type: 'list' }>, scalar: Scalar, where: string
): { readonly kind: 'value', readonly value: SettingValue } | { readonly kind: 'mistake', readonly mistake: Mistake } {
  const parsed = parseScalar(setting, scalar)
  if (parsed.kind === 'value') return parsed
  const isSecret = setting.secret === true
  const problem = isSecret ? 'found a value that is not understood' : `found ${describeScalar(scalar)}`
  const meant = isSecret ? undefined : parsed.meant
  return { kind: 'mistake', mistake: { where, path, problem, allowed: parsed.allowed, meant } }
}

export function describeScalar ({ value, text }: Scalar): string {
  if (value === null) return 'nothing'
  return typeof value === 'string' ? excerpt(text) : text
}
