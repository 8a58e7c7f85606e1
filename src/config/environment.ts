import { excerpt, type Mistake } from './mistake.ts'
import { describeScalar, readList, readScalar, type Given, type Reading } from './reading.ts'
import { rowsOf, variableOf } from './rows.ts'
import type { Setting, SettingTree, SettingValue } from './setting.ts'
import { meantWords, suggest } from './suggest.ts'

/** Variables of Sluice that are not settings. */
export const otherVariables = ['SLUICE_CONFIG', 'SLUICE_CONFIG_YAML'] as const

export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads settings from environment variables. The items of a list are separated by commas.
 *
 * Templates leave a variable empty when its value is missing. An empty variable is a value where text may be empty;
 * elsewhere it counts as not set, with a warning. An unknown `SLUICE_` variable warns too, since others may set it.
 */
export function readEnvironment (tree: SettingTree, env: Environment): Reading {
  const rows = rowsOf(tree)
  const values = new Map<string, Given>()
  const mistakes: Mistake[] = []
  const warnings: string[] = []
  for (const { path, variable, setting, aliases } of rows) {
    for (const name of [variable, ...aliases.map(variableOf)]) {
      const text = env[name]
      if (text === undefined) continue
      if (name !== variable) warnings.push(`${name} is now called ${variable}`)
      const found = readVariable(path, setting, name, text)
      warnings.push(...found.warnings)
      mistakes.push(...found.mistakes)
      if (found.value === undefined) continue
      const { origin } = values.get(path) ?? {}
      if (origin === undefined) values.set(path, { value: found.value, origin: name })
      else mistakes.push({ where: name, path, problem: `given twice, first at ${origin}`, allowed: 'one value' })
    }
  }
  const known = rows.flatMap(({ variable, aliases }) => [variable, ...aliases.map(variableOf)])
  return { values, mistakes, warnings: [...warnings, ...unknownVariables(known, env)] }
}

interface Found {
  /** undefined: there is no usable value. */
  readonly value?: SettingValue
  readonly mistakes: readonly Mistake[]
  readonly warnings: readonly string[]
}

function readVariable (path: string, setting: Setting, name: string, text: string): Found {
  if (setting.type === 'list') {
    const items = text.split(',').map(item => item.trim()).filter(item => item !== '')
    const { value, mistakes, warnings } = readList(path, setting, items.map(item => {
      const scalar = { value: item, text: item }
      return { scalar, shown: describeScalar(scalar), where: name }
    }))
    return { value, mistakes: mistakes.map(({ mistake }) => mistake), warnings }
  }
  const outcome = readScalar(path, setting, { value: text, text }, name)
  if (outcome.kind === 'value') return { ...outcome, mistakes: [] }
  return text === ''
    ? { mistakes: [], warnings: [`${name} is empty and counts as not set`] }
    : { mistakes: [outcome.mistake], warnings: [] }
}

/** What AWS's clients take from the environment as `AWS_…`, for every destination. */
const ofAws = ['REGION', 'DEFAULT_REGION', 'PROFILE', 'ENDPOINT_URL', 'ACCESS_KEY_ID', 'SECRET_ACCESS_KEY', 'SESSION_TOKEN']

function unknownVariables (known: readonly string[], env: Environment): string[] {
  const ours = new Set<string>([...known, ...otherVariables])
  return Object.keys(env).filter(name => name.startsWith('SLUICE_') && !ours.has(name)).sort().map(name => {
    const word = name.slice('SLUICE_'.length)
    const near = suggest(word, [...ours].map(variable => variable.slice('SLUICE_'.length)))
    const meant = ofAws.includes(word) ? `AWS_${word}` : near && `SLUICE_${near}`
    return `unknown variable ${/^\w{1,80}$/.test(name) ? name : excerpt(name)} is ignored${meantWords(meant)}`
  })
}
