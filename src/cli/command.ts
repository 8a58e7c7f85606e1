import type { Io } from './io.ts'

/** An option as it is parsed, and as the help shows it. */
export interface Option {
  readonly type: 'string' | 'boolean'
  readonly short?: string
  /** What the help calls the text that follows a `string`. */
  readonly value?: string
  /** The only texts that may follow. */
  readonly choices?: readonly string[]
  readonly default?: string
  readonly help: string
}

export type Options = Readonly<Record<string, Option>>

/** Whether a command takes a file as its only argument. */
export type FileRule = 'none' | 'optional' | 'required'

type ValueOf<Each extends Option> = Each extends { readonly type: 'boolean' }
  ? boolean
  : (Each extends { readonly choices: readonly (infer Choice)[] } ? Choice : string) |
    (Each extends { readonly default: string } ? never : undefined)

type FileOf<Rule extends FileRule> =
  Rule extends 'required' ? string : Rule extends 'optional' ? string | undefined : undefined

/** What the command line gave: each option by its name, and `file`. */
export type Values<Given extends Options, Rule extends FileRule> =
  { readonly [Name in keyof Given]: ValueOf<Given[Name]> } & { readonly file: FileOf<Rule> }

export interface CommandRow<Given extends Options, Rule extends FileRule> {
  /** One line that goes on from the command's name: `prints …`. */
  readonly summary: string
  readonly file?: Rule
  /** What the help calls it, where it is no plain file. */
  readonly fileWord?: string
  readonly options: Given
  /** Command lines, each with what it is for. */
  readonly examples: readonly (readonly [line: string, purpose: string])[]
  /** What the command exits with besides 0 and 64, and when. */
  readonly exits: readonly (readonly [code: number, meaning: string])[]
  /** What it prints is its log: nobody asked for it, and what it does goes on without. */
  readonly isService?: true
  /** Imports the command and runs it. @returns the exit code */
  run (io: Io, values: Values<Given, Rule>): Promise<number>
}

/** A row of the table, whatever its options are: `readArguments` makes values that suit its own `run`. */
export type Command = CommandRow<Options, FileRule>

/** Lets the options of a row decide what its `run` is given. */
export function command<const Given extends Options, const Rule extends FileRule = 'none'> (
  row: CommandRow<Given, Rule>
): Command {
  return row
}

// Tested in test/cli/command-line.test.ts
