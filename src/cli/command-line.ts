import { setImmediate as turn } from 'node:timers/promises'
import { meantWords, suggest } from '../config/suggest.ts'
import { aborted } from '../contracts/clock.ts'
import { fileHint, readArguments } from './arguments.ts'
import { commands, defaultCommand } from './commands.ts'
import { exitCodes } from './exit-codes.ts'
import type { Io } from './io.ts'
import { ended } from './wrap.ts'

/** Runs what the command line asks for. @returns the exit code */
export async function runCommandLine (argv: readonly string[], io: Io): Promise<number> {
  const [first] = argv
  if (first === 'help') return await runCommandLine([...argv.slice(1, 2), '--help'], io)
  if (first === 'version') return await runCommandLine(['--version'], io)
  const isNamed = first !== undefined && !first.startsWith('-')
  const name = isNamed ? first : defaultCommand
  const called = isNamed ? ` ${name}` : ''
  const command = commands.get(name)
  if (command === undefined) {
    const names = [...commands.keys()]
    return misunderstood(io, '', `expected a command (${names.join(', ')}), found '${name}'${meantWords(suggest(name, names)) || fileHint(name, commands.get(defaultCommand)?.options ?? {})}`)
  }
  const read = readArguments(command.options, isNamed ? argv.slice(1) : argv, command.file ?? 'none', command.fileWord)
  switch (read.kind) {
    case 'values': {
      const run = async () => await runOrTell(io, async () => await command.run(io, read.values))
      return command.isService === true ? await run() : await printed(io, called, run)
    }
    case 'mistake': {
      const late = isNamed ? undefined : argv.find(word => commands.has(word))
      return misunderstood(io, called, late === undefined ? read.words : `expected the command ${late} before its options`)
    }
    case 'version': return await tell(io, called, `${(await import('../version.ts')).version}\n`)
    case 'help': {
      const { helpOf, overview } = await import('./help.ts')
      return await tell(io, called, isNamed ? helpOf(name, command) : overview())
    }
  }
}

async function tell (io: Io, called: string, text: string): Promise<number> {
  return await printed(io, called, async () => {
    io.stdout.write(text)
    return exitCodes.ok
  })
}

/**
 * What a command prints is what it was asked for: where the system does not take it, it has not been done. A reader
 * that has seen enough (`| head`) is no failure.
 */
async function printed (io: Io, called: string, run: () => Promise<number>): Promise<number> {
  let failure: NodeJS.ErrnoException | undefined
  const onError = (error: NodeJS.ErrnoException) => { if (error.code !== 'EPIPE') failure ??= error }
  io.stdout.on('error', onError)
  const code = await run()
  // Node tells in the same turn what failed. Where a reader is slow, and its pipe full, the rest waits for it.
  await turn()
  if (io.stdout.writableLength > 0) await allRead(io)
  io.stdout.off('error', onError)
  if (failure === undefined || code !== exitCodes.ok) return code
  return ended(io.stderr, exitCodes.inputOutput, `sluice${called}: cannot write to standard output: ${failure.message}`)
}

/** Ended by the reader, which reads or goes away, or by a signal. */
async function allRead ({ stdout }: Io): Promise<void> {
  const { stopSignals } = await import('./stop-signals.ts')
  const written = new Promise<void>(resolve => { stdout.write('', () => resolve()) })
  await Promise.race([written, aborted(stopSignals().first)])
  await turn()
}

/** `called` is the command's name after a space, if it was given. */
function misunderstood (io: Io, called: string, words: string): number {
  return ended(io.stderr, exitCodes.usage, `sluice${called}: ${words}${words.endsWith('?') ? '' : '.'} See sluice${called} --help`)
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
