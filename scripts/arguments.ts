import { readArguments } from '../src/cli/arguments.ts'
import type { FileRule, Options, Values } from '../src/cli/command.ts'
import { exitCodes } from '../src/cli/exit-codes.ts'

/** What the command line of a script gives. Help, and what cannot be understood, is said here, and ends the process. */
export function scriptArguments<const Given extends Options, Rule extends FileRule = 'none'> (
  help: string, options: Given, file: Rule, fileWord?: string
): Values<Given, Rule> {
  const read = readArguments(options, process.argv.slice(2), file, fileWord)
  if (read.kind === 'values') return read.values
  if (read.kind !== 'mistake') {
    process.stdout.write(help)
    process.exit()
  }
  return scriptMistake(read.words, help)
}

/** Says why a command line cannot be understood, and what would be. */
export function scriptMistake (words: string, help: string): never {
  process.stderr.write(`${words}\n\n${help}`)
  process.exit(exitCodes.usage)
}
