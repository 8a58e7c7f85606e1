import { meantWords } from './suggest.ts'

/** Something in the configuration that cannot be understood. */
export interface Mistake {
  /** `file:line:column`, or the name of an environment variable. */
  readonly where: string
  /** The setting as in YAML; empty for the file as a whole. */
  readonly path: string
  /** What is wrong: `found 12`, `unknown setting`. */
  readonly problem: string
  readonly allowed?: string | undefined
  /** What was probably meant. */
  readonly meant?: string | undefined
}

/** Text that is no configuration at all has thousands of mistakes; more than this are not shown. */
const maxShownCount = 100

const longAllowedLength = 100

/** The list of mistakes that an operator sees when Sluice does not start. */
export function describeMistakes (mistakes: readonly Mistake[]): string {
  const count = mistakes.length === 1 ? 'one mistake' : `${mistakes.length} mistakes`
  const said = new Set<string>()
  const lines = mistakes.slice(0, maxShownCount).map(mistake => {
    const { allowed = '', meant } = mistake
    const isSaid = said.has(allowed)
    if (allowed.length > longAllowedLength && meant === undefined) said.add(allowed)
    return `  ${describeMistake(isSaid ? { ...mistake, allowed: undefined } : mistake)}`
  })
  const more = mistakes.length - lines.length
  return [`${count} in the configuration`, ...lines, ...(more > 0 ? [`  and ${more} more`] : [])].join('\n')
}

export function describeMistake ({ where, path, problem, allowed, meant }: Mistake): string {
  const text = path === '' ? `${where}: ${problem}` : `${where}: ${path}: ${problem}`
  // Whoever is told what he meant need not read a list that fills a line.
  const isSaid = allowed === undefined || (meant !== undefined && allowed.length > longAllowedLength)
  return `${text}${isSaid ? '' : `; allowed: ${allowed}`}${meantWords(meant)}`
}

/** A part of the configuration for a message: short, on one line, and without what looks like a secret in it. */
export function excerpt (given: string): string {
  // First, since a part of a secret may be left of a long text.
  const text = withoutSecrets(given)
  const line = JSON.stringify(text.length > 60 ? `${text.slice(0, 59)}…` : text)
  return line.replace(/(?! )[\u007f-\u009f\p{Z}\p{Cf}]/gu, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/**
 * Without the password of `//user:password@host` and of `user:password@host`, and what stands behind a name such as
 * `token=`. Every repetition has a bound, since the text may be as long as a configuration.
 */
export function withoutSecrets (text: string): string {
  return text
    .replace(/(\/\/[^\s:/@]{0,256}:)[^\s"']{0,1024}@/g, '$1***@')
    .replace(/((?:^|[\s"'=,])[^\s:/@"']{1,256}:)(?!\/\/)[^\s"']{0,1024}@/g, '$1***@')
    .replace(secretByName, '$1***')
}

const secretByName = /((?:passw|pwd|passphrase|secret|token|credential|auth|key)\w{0,64}["']?\s{0,8}[:=]\s{0,8})[^]+/gi
