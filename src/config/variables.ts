import type { Environment } from './environment.ts'

/** Text with its variables filled in, and the names of those that are not set. */
export interface Expanded { readonly text: string, readonly unset: readonly string[] }

const variable = /\$(\$?)\{([A-Za-z_]\w*)(?::-([^}]*))?\}/g

/** Whether the text names a variable. */
export function hasVariable (text: string): boolean {
  return text.search(variable) >= 0
}

/** `${NAME}` for `$NAME`, as a shell writes it. */
export function meantVariable (text: string): string | undefined {
  return /^\$[A-Za-z_]\w*$/.test(text) ? `\${${text.slice(1)}}` : undefined
}

/**
 * Fills in `${NAME}` and `${NAME:-default}`. A variable that is empty counts as not set, since templates leave it empty
 * when its value is missing; one without a default stays in the text as it is. `$${NAME}` is the text `${NAME}`.
 */
export function expandVariables (given: string, env: Environment): Expanded {
  const unset: string[] = []
  const text = given.replace(variable, (whole, escape: string, name: string, fallback: string | undefined) => {
    if (escape !== '') return whole.slice(1)
    const value = Object.hasOwn(env, name) ? env[name] ?? '' : ''
    if (value !== '') return value
    if (fallback === undefined) unset.push(name)
    return fallback ?? whole
  })
  return { text, unset }
}

/** Says that a setting counts as not set, because variables that it names are not set. */
export function unsetWarning (where: string, path: string, names: readonly string[]): string {
  return `${where}: ${path} counts as not set: ${unsetWords(names)}`
}

export function unsetWords (names: readonly string[]): string {
  return `the ${names.length === 1 ? 'variable' : 'variables'} ${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} not set`
}
