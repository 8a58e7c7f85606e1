#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { setFlagsFromString } from 'node:v8'
import { exitCodes } from './cli/exit-codes.ts'
import { nodeProblem, oldestNode } from './cli/node-version.ts'

const io = {
  env: process.env,
  get stdin () { return process.stdin },
  stdout: process.stdout,
  stderr: process.stderr,
  readFile: (path: string) => readFileSync(path, 'utf8'),
}

async function main (argv: readonly string[]): Promise<number> {
  // Node would open its debugger, for whoever reaches the port. What was sent before this line, only its option
  // `--disable-sigusr1` keeps from that. Source: https://nodejs.org/api/process.html#signal-events
  process.on('SIGUSR1', () => undefined)
  const problem = nodeProblem(process.versions.node, process.execPath, oldestNode)
  if (problem !== undefined) {
    process.stderr.write(problem)
    return exitCodes.failed
  }
  // Everything below is imported on demand, and from the second start on neither stripped of its types nor compiled
  // again: the sockets open sooner, and it takes 12 MB less memory.
  enableCompileCache()
  // The young generation stays at its first size. The hot path makes next to no garbage, so a larger one only takes
  // memory from the application; `--max-semi-space-size` does the same, but only where the process is started.
  setFlagsFromString('--semi-space-growth-factor=1')
  // An idle process would go through its whole heap every other minute, for a few MB: a third of what being idle costs.
  setFlagsFromString('--gc-memory-reducer-start-delay-ms=600000')
  // A pattern of the settings that would try for ever on some line is finished by V8's other engine, in linear time.
  // Source: https://v8.dev/blog/non-backtracking-regexp
  setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks')
  return await (await import('./cli/command-line.ts')).runCommandLine(argv, io)
}

function end (exitCode: number): never {
  // Node joins its threads before it exits, and one that a hanging disk holds would never end.
  if (exitCode === exitCodes.killed) process.kill(process.pid, 'SIGKILL')
  // The exit code alone would wait for handles that a cut-short stop left open.
  process.exit(exitCode)
}

// Not awaited here: the bundle of the image is CommonJS, where only functions wait.
void main(process.argv.slice(2)).then(end)

// Tested in test/e2e/run.test.ts
