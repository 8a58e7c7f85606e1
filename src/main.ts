#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
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
  // It would end the process without a report, and who sends it means a reload, as of php-fpm or nginx.
  process.on('SIGUSR2', () => undefined)
  const problem = nodeProblem(process.versions.node, process.execPath, oldestNode)
  if (problem !== undefined) {
    process.stderr.write(problem)
    return exitCodes.failed
  }
  // Everything below is imported on demand, and from the second start on neither stripped of its types nor compiled
  // again: the sockets open sooner, and it takes 12 MB less memory.
  enableCompileCache()
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
