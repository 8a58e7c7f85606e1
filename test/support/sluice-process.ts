import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { PassThrough } from 'node:stream'

const main = resolve(import.meta.dirname, '../../src/main.ts')

/** A test, or whatever else undoes things when it ends. */
export interface Owner {
  teardown (undo: () => unknown): void
}

export interface ExitReport {
  readonly level: string
  readonly reason: string
  readonly exitCode: number
  readonly stopMs: number
  readonly received: number
  readonly recovered: number
  readonly made: number
  readonly delivered: number
  readonly filtered: number
  readonly rejected: number
  readonly dropped: number
  readonly joined: number
  readonly pending: number
  readonly balanced: boolean
  readonly by: Readonly<Record<string, Readonly<Record<string, number>>>>
  readonly left: Readonly<Record<string, number>>
  /** Only of a file. */
  readonly readToEnd?: boolean
}

export interface SluiceProcess {
  readonly pid: number
  readonly socketPath: string
  readonly dataDir: string
  /** Everything it has written to stdout so far. */
  readonly output: () => string
  readonly stdin: NodeJS.WritableStream
  kill (signal: NodeJS.Signals): void
  /** Resolves when `pattern` is in its output. Rejects when it ends before. */
  printed (pattern: RegExp): Promise<RegExpExecArray>
  /** Resolves with the exit code when the process has ended and its output is complete. */
  readonly exited: Promise<number | null>
  report (): ExitReport
}

export interface SluiceOptions {
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Of an earlier process, to start again on what it left. */
  readonly directory?: string
  /** A program that runs it, with its own arguments before those of Node. */
  readonly through?: readonly string[]
  /** Its standard input, as a path; a pipe unless given. */
  readonly inputPath?: string
  /** The file that is run: `src/main.ts` unless given. */
  readonly program?: string
  /** `procsPath` of a `MemoryCgroup` in which it runs. */
  readonly cgroup?: string | undefined
}

/**
 * A directory of the test's own below the system's temporary one: the path of a unix socket has room for 107 bytes,
 * which the fixture directory of a test with a long title exceeds.
 */
export function shortDirectory (t: Owner): string {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-'))
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** Starts `src/main.ts` as its own process on a socket and directory of the test's own; it ends with the test. */
export function startSluice (t: Owner, options: SluiceOptions = {}): SluiceProcess {
  const { args = [], env = {}, directory = shortDirectory(t), inputPath, cgroup } = options
  const { through = [], program: file = main } = options
  const socketPath = join(directory, 'fluent.sock')
  const dataDir = join(directory, 'data')
  const input = inputPath === undefined ? undefined : openSync(inputPath, 'r')
  const command = [...through, process.execPath, file, ...args]
  const [program = '', ...rest] = cgroup === undefined
    ? command
    : ['/bin/sh', '-c', 'echo $$ > "$0" && exec "$@"', cgroup, ...command]
  const child = spawn(program, rest, {
    env: {
      PATH: process.env['PATH'],
      SLUICE_UNIX_SOCKET: socketPath,
      SLUICE_TCP: 'off',
      SLUICE_HTTP: 'off',
      SLUICE_DATA_DIR: dataDir,
      SLUICE_HOST_ID: 'task1',
      // However busy the machine is: neither is what a test is about unless it says so.
      SLUICE_STOP_DEADLINE: '5m',
      SLUICE_SPOOL_MAX_STALL: '4s',
      ...env,
    },
    stdio: [input ?? 'pipe', 'pipe', 'pipe'],
  })
  if (input !== undefined) closeSync(input)
  let output = ''
  let hasExited = false
  const waiting = new Set<() => void>()
  const changed = () => { for (const check of [...waiting]) check() }
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk
      changed()
    })
  }
  const exited = once(child, 'close').then(([code]) => {
    hasExited = true
    changed()
    return code as number | null
  })
  t.teardown(async () => {
    if (!hasExited) child.kill('SIGKILL')
    await exited
  })
  return {
    pid: child.pid ?? 0,
    socketPath,
    dataDir,
    output: () => output,
    stdin: child.stdin ?? new PassThrough(),
    kill: signal => { child.kill(signal) },
    exited,
    printed: async pattern => await new Promise((resolve, reject) => {
      const check = () => {
        const match = pattern.exec(output)
        if (match === null && !hasExited) return
        waiting.delete(check)
        if (match === null) reject(new Error(`expected ${String(pattern)} in the output, found:\n${output}`))
        else resolve(match)
      }
      waiting.add(check)
      check()
    }),
    report: () => {
      const line = output.split('\n').find(each => each.includes('"exit report"'))
      if (line === undefined) throw new Error(`expected an exit report, found:\n${output}`)
      return JSON.parse(line) as ExitReport
    },
  }
}
