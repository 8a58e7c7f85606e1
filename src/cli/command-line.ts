import { hint, readArguments } from './arguments.ts'
import { commands, defaultCommand } from './commands.ts'
import { exitCodes } from './exit-codes.ts'
import type { Io } from './io.ts'

/** Runs what the command line asks for. @returns the exit code */
export async function runCommandLine (argv: readonly string[], io: Io): Promise<number> {
  const [first] = argv
  if (first === 'help') return await runCommandLine([...argv.slice(1, 2), '--help'], io)
  const isNamed = first !== undefined && !first.startsWith('-')
  const name = isNamed ? first : defaultCommand
  const command = commands.get(name)
  if (command === undefined) {
    const names = [...commands.keys()]
    return misunderstood(io, '', `expected a command (${names.join(', ')}), found '${name}'${hint(name, names)}`)
  }
  const read = readArguments(command.options, isNamed ? argv.slice(1) : argv, command.file ?? 'none')
  switch (read.kind) {
    case 'values': return await runOrTell(io, async () => await command.run(io, read.values))
    case 'mistake': return misunderstood(io, isNamed ? ` ${name}` : '', read.words)
    case 'version': return tell(io, `${(await import('../version.ts')).version}\n`)
    case 'help': {
      const { helpOf, overview } = await import('./help.ts')
      return tell(io, isNamed ? helpOf(name, command) : overview())
    }
  }
}

function tell (io: Io, text: string): number {
  io.stdout.write(text)
  return exitCodes.ok
}

/** `called` is the command's name after a space, if it was given. */
function misunderstood (io: Io, called: string, words: string): number {
  io.stderr.write(`sluice${called}: ${words}${words.endsWith('?') ? '' : '.'} See sluice${called} --help\n`)
  return exitCodes.usage
}

/** What a command throws is a bug, and shows its stack. */
async function runOrTell (io: Io, run: () => Promise<number>): Promise<number> {
  try {
    return await run()
  } catch (error) {
    io.stderr.write(`${error instanceof Error ? error.stack ?? error.message : String(error)}\n`)
    return exitCodes.failed
  }
}
