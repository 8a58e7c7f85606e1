import { commonOptions } from './arguments.ts'
import type { Command, FileRule, Option, Options } from './command.ts'
import { commands, defaultCommand } from './commands.ts'
import { exitCodes } from './exit-codes.ts'
import { table } from './table.ts'

const fileWords: Readonly<Record<FileRule, string>> = { none: '', optional: ' [FILE]', required: ' FILE' }

/** `sluice --help`: what there is. */
export function overview (): string {
  const main = commands.get(defaultCommand)
  return sections([
    'Sluice takes the log lines of a container, keeps errors apart from access\nlines, and delivers both.',
    'Usage: sluice [COMMAND] [OPTIONS]',
    `Commands:\n${rows([...commands].map(([name, { summary }]) => [shown(name), summary]))}`,
    `Options of ${defaultCommand}:\n${optionRows(main?.options ?? {})}`,
    `Examples:\n${exampleText(main?.examples ?? [])}`,
    'sluice COMMAND --help says more about a command. sluice check prints every\n' +
    'setting. Each has an environment variable: spool.sync is SLUICE_SPOOL_SYNC.',
  ])
}

/** `sluice COMMAND --help` */
export function helpOf (name: string, { summary, file = 'none', fileWord, options, examples, exits }: Command): string {
  const codes = [[exitCodes.ok, 'done'], ...exits, [exitCodes.usage, 'the command line cannot be understood']] as const
  const codeRows = codes.toSorted(([one], [other]) => one - other).map(([code, meaning]) => [String(code), meaning])
  return sections([
    `sluice ${name} ${summary}.`,
    `Usage: sluice ${shown(name)}${Object.keys(options).length > 0 ? ' [OPTIONS]' : ''}${fileWords[file].replace('FILE', fileWord ?? 'FILE')}`,
    `Options:\n${optionRows(options)}`,
    `${examples.length > 1 ? 'Examples' : 'Example'}:\n${exampleText(examples)}`,
    `Exit codes:\n${rows(codeRows)}`,
  ])
}

/** The name of a command that need not be given stands in brackets. */
function shown (name: string): string {
  return name === defaultCommand ? `[${name}]` : name
}

function sections (parts: readonly string[]): string {
  return `${parts.join('\n\n')}\n`
}

function rows (cells: readonly (readonly string[])[]): string {
  return table(cells.map(([first = '', ...more]) => [`  ${first}`, ...more]))
}

function optionRows (options: Options): string {
  return rows(Object.entries<Option>({ ...options, ...commonOptions }).map(([name, { short, value, help }]) => {
    return [`${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`, help]
  }))
}

/** The purpose on a line of its own: neither has to be short for the other's sake. */
function exampleText (examples: Command['examples']): string {
  return examples.map(([line, purpose]) => `  ${line}\n      ${purpose}`).join('\n')
}

// Tested in test/cli/command-line.test.ts
