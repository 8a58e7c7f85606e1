import { excerpt, type Mistake } from './mistake.ts'
import { describeScalar, readList, readScalar, type Given, type Reading } from './reading.ts'
import { rowsOf } from './rows.ts'
import type { SettingTree } from './setting.ts'
import { suggest } from './suggest.ts'

/** Variables that are ours and no settings. */
export const otherVariables = ['SLUICE_CONFIG', 'SLUICE_CONFIG_YAML'] as const

export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads settings from environment variables. A list is its items with commas between them.
 *
 * An empty variable is what templates leave of a value that nobody gave: it is a value where text may be empty, and as
 * good as none elsewhere, with a warning. An unknown `SLUICE_` variable warns too: whoever sets it may not be us.
 */
export function readEnvironment (tree: SettingTree, env: Environment): Reading {
  const rows = rowsOf(tree)
  const values = new Map<string, Given>()
  const mistakes: Mistake[] = []
  const warnings: string[] = []
  for (const { path, variable, setting } of rows) {
    const text = env[variable]
    if (text === undefined) continue
    if (setting.type === 'list') {
      const scalars = text.split(',').map(item => item.trim()).filter(item => item !== '')
        .map(item => ({ value: item, text: item }))
      const list = readList(path, setting, scalars.map(scalar =>
        ({ scalar, shown: describeScalar(scalar), where: variable })))
      values.set(path, { value: list.value, origin: variable })
      mistakes.push(...list.mistakes.map(({ mistake }) => mistake))
      continue
    }
    const outcome = readScalar(path, setting, { value: text, text }, variable)
    if (outcome.kind === 'value') values.set(path, { value: outcome.value, origin: variable })
    else if (text === '') warnings.push(`${variable} is empty: taken as not given`)
    else mistakes.push(outcome.mistake)
  }
  return { values, mistakes, warnings: [...warnings, ...unknownVariables(rows.map(({ variable }) => variable), env)] }
}

function unknownVariables (known: readonly string[], env: Environment): string[] {
  const ours = new Set<string>([...known, ...otherVariables])
  return Object.keys(env).filter(name => name.startsWith('SLUICE_') && !ours.has(name)).sort().map(name => {
    const meant = suggest(name.slice('SLUICE_'.length), [...ours].map(variable => variable.slice('SLUICE_'.length)))
    const hint = meant === undefined ? '' : `; did you mean SLUICE_${meant}?`
    return `unknown variable ${/^\w{1,80}$/.test(name) ? name : excerpt(name)} is ignored${hint}`
  })
}
