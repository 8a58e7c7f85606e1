import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { bundle } from '../scripts/bundle.ts'
import { usedBy, type Used } from '../test/support/process-usage.ts'
import type { StandIn } from './stand-in.ts'

/** Something that takes log lines: how it is called in tables, the command that starts it, and what it finds set. */
export interface Router {
  readonly name: string
  readonly command: string
  readonly env: Readonly<Record<string, string>>
}

export interface RunningRouter {
  readonly pid: number
  readonly socketPath: string
  used (): Used
  rssMb (): number
  /** SIGTERM, and the wait for its end. */
  stop (): Promise<Ended>
}

export interface Ended {
  /** Of the whole process, all threads, from start to end. */
  readonly cpuSeconds: number
  readonly peakRssMb: number
  readonly stopSeconds: number
  readonly exitCode: number | null
}

/**
 * The bundled file as the image runs it, with the compiled code of an earlier start; every `SLUICE_` variable of the
 * caller is passed on.
 */
export async function sluiceRouter (directory: string, more: Readonly<Record<string, string>> = {}): Promise<Router> {
  const file = join(directory, 'sluice.cjs')
  await bundle(file)
  const image = {
    NODE_ENV: 'production',
    NODE_COMPILE_CACHE: join(directory, 'cache'),
    UV_THREADPOOL_SIZE: '8',
    MALLOC_ARENA_MAX: '1',
  }
  spawnSync(process.execPath, [file, '--stdin'], {
    input: '{"status":200,"path":"/"}\n',
    env: { PATH: process.env['PATH'], ...image, SLUICE_DATA_DIR: join(directory, 'warm') },
  })
  const own = Object.entries(process.env).filter(([name]) => name.startsWith('SLUICE_')) as [string, string][]
  return {
    name: 'Sluice',
    command: 'SLUICE_UNIX_SOCKET=$BENCH_SOCKET SLUICE_DATA_DIR=$BENCH_DIR/data SLUICE_BUCKET=$BENCH_BUCKET ' +
      `SLUICE_LOG_GROUP=$BENCH_LOG_GROUP exec '${process.execPath}' '${file}'`,
    env: {
      ...image,
      SLUICE_TCP: 'off',
      SLUICE_HTTP: '127.0.0.1:0',
      SLUICE_STOP_DEADLINE: '5m',
      ...more,
      ...Object.fromEntries(own),
    },
  }
}

/** Any other router: `command` is for a shell, and names the process itself (`exec` where a shell would stay). */
export function otherRouter (command: string): Router {
  return { name: 'other', command: command.startsWith('exec ') ? command : `exec ${command}`, env: {} }
}

const patienceMs = 30_000
/** How long it may take to deliver what it has, after SIGTERM. */
const mostStopMs = 300_000
const ticksPerSecond = 100

/** CPU of children of this process that have ended and were waited for; and of their children, likewise. */
export function endedCpuSeconds (): number {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[13]) + Number(fields[14])) / ticksPerSecond
}

/**
 * Starts a router in a directory of its own and resolves when its socket is there. Its CPU is that of the children of
 * this process, so no other may end between the call of `stop` and its end.
 */
export async function startRouter (
  router: Router, directory: string, { environment }: Pick<StandIn, 'environment'>
): Promise<RunningRouter> {
  const socketPath = join(directory, 'fluent.sock')
  mkdirSync(directory, { recursive: true })
  const child = spawn('/bin/sh', ['-c', router.command], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      HOME: directory,
      ...environment,
      ...router.env,
      BENCH_DIR: directory,
      BENCH_SOCKET: socketPath,
    },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => { output = (output + text).slice(-4000) })
  }
  const exited = once(child, 'exit') as Promise<[number | null]>
  const pid = child.pid ?? 0
  const quit = () => { child.kill('SIGKILL') }
  process.once('exit', quit)
  const startedMs = performance.now()
  while (!existsSync(socketPath)) {
    if (child.exitCode !== null || performance.now() - startedMs > patienceMs) {
      quit()
      throw new Error(`${router.name} has no socket at $BENCH_SOCKET; the end of what it wrote:\n${output}`)
    }
    await sleep(10)
  }
  const status = (name: string) =>
    Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
  return {
    pid,
    socketPath,
    used: () => usedBy(pid),
    rssMb: () => status('VmRSS'),
    async stop () {
      const beforeSeconds = endedCpuSeconds()
      const stopMs = performance.now()
      let peakRssMb = status('VmHWM')
      child.kill('SIGTERM')
      const timer = setTimeout(quit, mostStopMs)
      while (child.exitCode === null && child.signalCode === null) {
        await Promise.race([exited, sleep(20)])
        try {
          peakRssMb = Math.max(peakRssMb, status('VmHWM') || 0)
        } catch {
          // It has ended.
        }
      }
      clearTimeout(timer)
      process.removeListener('exit', quit)
      const [exitCode] = await exited
      const stopSeconds = (performance.now() - stopMs) / 1000
      return { cpuSeconds: endedCpuSeconds() - beforeSeconds, peakRssMb, stopSeconds, exitCode }
    },
  }
}
