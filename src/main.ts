#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { setFlagsFromString } from 'node:v8'
import { usage } from './cli/usage.ts'

// Everything below is imported on demand, and from the second start on neither stripped of its types nor compiled
// again: the sockets open sooner, and it takes 12 MB less memory.
enableCompileCache()
// The young generation stays at its first size. The hot path makes next to no garbage, so a larger one only takes
// memory from the application; `--max-semi-space-size` does the same, but only where the process is started.
setFlagsFromString('--semi-space-growth-factor=1')

// A pattern of the settings that would try for ever on some line is finished by V8's other engine, in linear time.
// Source: https://v8.dev/blog/non-backtracking-regexp
setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks')

/** EX_USAGE of sysexits.h: the command line cannot be understood. */
const exitUsage = 64
/** 128 and the number of SIGKILL, as shells have it: what a command returns that only that ends. */
const killedExitCode = 137

/** Each command is imported when it is asked for: a health check runs every few seconds and must not load the rest. */
const commands: Readonly<Record<string, (argv: readonly string[]) => Promise<number>>> = {
  run: async argv => await (await import('./cli/run.ts')).run({ ...io, argv }),
  check: async argv => await (await import('./cli/check.ts')).runCheck({ ...io, argv }),
  explain: async argv => await (await import('./cli/explain.ts')).runExplain({ ...io, argv, stdin: process.stdin }),
  migrate: async argv => (await import('./cli/migrate.ts')).runMigrate({ ...io, argv }),
  healthcheck: async argv => await (await import('./cli/healthcheck.ts')).runHealthcheck({ ...io, argv }),
  demo: async argv => await (await import('../scripts/demo/demo.ts')).runDemo({ ...io, argv }),
}

const io = {
  env: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  readFile: (path: string) => readFileSync(path, 'utf8'),
}

async function main (args: readonly string[]): Promise<number> {
  const [first = 'run'] = args
  const named = !first.startsWith('-')
  const rest = named ? args.slice(1) : args
  if (first === 'help' || rest.includes('--help') || rest.includes('-h')) {
    process.stdout.write(usage)
    return 0
  }
  if (rest.includes('--version')) {
    process.stdout.write(`${(await import('./version.ts')).version}\n`)
    return 0
  }
  const command = commands[named ? first : 'run']
  if (command === undefined) {
    process.stderr.write(`sluice: expected a command (${Object.keys(commands).join(', ')}), found '${first}'. See sluice --help\n`)
    return exitUsage
  }
  try {
    return await command(rest)
  } catch (error) {
    // parseArgs explains itself; anything else is a bug and shows its stack.
    const isUsage = error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
    process.stderr.write(isUsage ? `sluice: ${error.message}. See sluice --help\n` : `${(error as Error).stack}\n`)
    return isUsage ? exitUsage : 1
  }
}

function end (exitCode: number): never {
  // Node joins its threads before it exits, and one that a hanging disk holds would never end.
  if (exitCode === killedExitCode) process.kill(process.pid, 'SIGKILL')
  // The exit code alone would wait for handles that a cut-short stop left open.
  process.exit(exitCode)
}

// Not awaited here: the bundle of the image is CommonJS, where only functions wait.
void main(process.argv.slice(2)).then(end)
