import { parseArgs } from 'node:util'
import { withoutSecrets } from '../config/mistake.ts'
import { meantWords, suggest, suggestWord } from '../config/suggest.ts'
import type { FileRule, Options, Values } from './command.ts'

/** What every command understands. */
export const commonOptions = {
  help: { type: 'boolean', short: 'h', help: 'print this' },
  version: { type: 'boolean', help: 'print the version' },
} as const satisfies Options

export type Arguments<Given extends Options, Rule extends FileRule> =
  | { readonly kind: 'values', readonly values: Values<Given, Rule> }
  | { readonly kind: 'help' | 'version' }
  | Mistake

/** The command line cannot be understood. */
interface Mistake { readonly kind: 'mistake', readonly words: string }

/** Reads what follows a command's name. Whoever asks for help gets it, whatever else stands there. */
export function readArguments<const Given extends Options, Rule extends FileRule> (
  own: Given, argv: readonly string[], file: Rule, fileWord = 'file'
): Arguments<Given, Rule> {
  const options = { ...own, ...commonOptions }
  const args = [...argv]
  const { tokens } = parseArgs({ args, options, strict: false, allowPositionals: true, tokens: true })
  const named = tokens.filter(token => token.kind === 'option')
  if (named.some(({ name }) => name === 'help')) return { kind: 'help' }
  if (named.some(({ name }) => name === 'version')) return { kind: 'version' }
  const unknown = named.find(({ name }) => !Object.hasOwn(options, name))
  if (unknown !== undefined) {
    const meant = suggest(unknown.name, Object.keys(options))
    return mistake(`unknown option ${unknown.rawName}${meantWords(meant && `--${meant}`)}`)
  }
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true })
    const words = choiceMistake(own, values) ?? fileMistake(own, file, positionals, fileWord)
    if (words !== undefined) return mistake(words)
    const switches = Object.entries(own).filter(([, { type }]) => type === 'boolean').map(([name]) => [name, false])
    const given = { ...Object.fromEntries(switches), ...values, file: positionals[0] } as Values<Options, FileRule>
    return { kind: 'values', values: given as Values<Given, Rule> }
  } catch (error) {
    // An option without its value, or with one that it does not take: parseArgs has the words for it.
    if (!(error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'))) throw error
    return mistake(error.message)
  }
}

function mistake (words: string): Mistake {
  return { kind: 'mistake', words: withoutSecrets(words) }
}

function choiceMistake (options: Options, values: Readonly<Record<string, unknown>>): string | undefined {
  for (const [name, { choices }] of Object.entries(options)) {
    const value = values[name]
    if (choices === undefined || typeof value !== 'string' || choices.includes(value)) continue
    return `expected --${name} ${choices.join(', ').replace(/, (?=\S+$)/, ' or ')}, found '${value}'${meantWords(suggestWord(value, choices))}`
  }
  return undefined
}

/** `; did you mean …?`, for a word that is a file in all probability, where a command takes none. */
export function fileHint (word: string, options: Options): string {
  if (/\.(?:ya?ml|json)$/i.test(word) && 'config' in options) return meantWords(`--config ${word}`)
  return /\.\w+$/.test(word) && 'stdin' in options ? meantWords(`--stdin < ${word}`) : ''
}

function fileMistake (own: Options, file: FileRule, found: readonly string[], word: string): string | undefined {
  const [first] = found
  if (file === 'none') return first === undefined ? undefined : `expected no argument, found '${first}'${fileHint(first, own)}`
  if (found.length > 1) return `expected one ${word}, found ${found.length}`
  return file === 'required' && found.length === 0 ? `expected one ${word}, found none` : undefined
}

// Tested in test/cli/command-line.test.ts
