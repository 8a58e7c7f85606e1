import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { bundle } from '../scripts/bundle.ts'
import { table } from '../src/cli/table.ts'
import { usedBy } from '../test/support/process-usage.ts'
import { readArguments, say } from './arguments.ts'
import { circumstances, median, shown } from './figures.ts'
import { endedCpuSeconds } from './router.ts'

const help = `What a start costs, from the sources and from the file that the image holds, and
what a health check of the running process does: in turns, so that all see the
same machine. Each start has the compiled code of an earlier one, as the image.

  npm run bench -- start

  --starts N    of each; the first is not counted (10)
  --checks N    of each way to ask (40)
`

const values = readArguments(help, { starts: 10, checks: 40 })

interface Start {
  readonly socketMs: number
  readonly startedMs: number
  /** CPU and peak of memory by then. */
  readonly cpuMs: number
  readonly peakMiB: number
}

const directory = mkdtempSync(join(tmpdir(), 'sluice-start-'))
const script = join(import.meta.dirname, '../docker/sluice.sh')

/** Calls `whileRunning` with the port of HTTP before it is stopped. */
async function start (name: string, file: string, whileRunning?: (port: string) => void): Promise<Start> {
  const own = join(directory, name)
  const socketPath = join(own, 'socket')
  const env = {
    PATH: process.env['PATH'],
    NODE_ENV: 'production',
    NODE_COMPILE_CACHE: join(own, 'cache'),
    UV_THREADPOOL_SIZE: '8',
    MALLOC_ARENA_MAX: '1',
    SLUICE_DATA_DIR: join(own, 'data'),
    SLUICE_UNIX_SOCKET: socketPath,
    SLUICE_TCP: 'off',
    SLUICE_HTTP: '127.0.0.1:0',
  }
  const spawnedMs = performance.now()
  const child = spawn(process.execPath, [file], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const opened = (async () => {
    while (!existsSync(socketPath)) await sleep(1)
    return performance.now() - spawnedMs
  })()
  let port = ''
  for await (const line of createInterface({ input: child.stdout })) {
    port = /"port":(\d+),"msg":"http listening"/.exec(line)?.[1] ?? port
    if (!line.includes('"started"')) continue
    const startedMs = performance.now() - spawnedMs
    const { cpuMs } = usedBy(child.pid ?? 0)
    const [, peakKiB] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8')) ?? []
    const socketMs = await opened
    whileRunning?.(port)
    child.kill('SIGTERM')
    child.stdout.resume()
    await once(child, 'exit')
    return { socketMs, startedMs, cpuMs, peakMiB: Number(peakKiB) / 1024 }
  }
  throw new Error(`expected ${file} to start`)
}

/** CPU of a health check, ms, by the command that asks: in the image the script, which has curl ask. */
function checks (file: string, port: string): string[][] {
  const url = `http://127.0.0.1:${port}/health/live`
  const env = {
    PATH: process.env['PATH'],
    NODE_COMPILE_CACHE: join(directory, 'bundle/cache'),
    SLUICE_LIB: directory,
    SLUICE_HTTP: `127.0.0.1:${port}`,
    SLUICE_FIRELENS_CONFIG: 'off',
  }
  const ways = {
    'the image: sluice healthcheck': ['/bin/sh', script, 'healthcheck'],
    'curl alone': ['curl', '-fsS', '-o', '/dev/null', url],
    'a Node: sluice.cjs healthcheck': [process.execPath, file, 'healthcheck'],
  }
  return Object.entries(ways).map(([name, [command = '', ...args]]) => {
    say(`${name}, ${values.checks} times ...`)
    const [fromMs, fromSeconds] = [performance.now(), endedCpuSeconds()]
    for (let count = 0; count < values.checks; count++) {
      const { status, stderr } = spawnSync(command, args, { env, encoding: 'utf8' })
      if (status !== 0) throw new Error(`${name}: ${stderr}`)
    }
    const each = (ms: number) => shown(ms / values.checks, 1)
    return [name, each((endedCpuSeconds() - fromSeconds) * 1000), each(performance.now() - fromMs)]
  })
}

try {
  const files = { sources: join(import.meta.dirname, '../src/main.ts'), bundle: join(directory, 'sluice.cjs') }
  await bundle(files.bundle)
  const starts: Record<keyof typeof files, Start[]> = { sources: [], bundle: [] }
  let checked: string[][] = []
  for (let index = 0; index <= values.starts; index++) {
    say(`start ${index} of ${values.starts} ...`)
    for (const name of ['sources', 'bundle'] as const) {
      const isLast = index === values.starts && name === 'bundle'
      const each = await start(name, files[name], isLast ? port => { checked = checks(files.bundle, port) } : undefined)
      if (index > 0) starts[name].push(each)
    }
  }
  const rows = Object.entries(starts).map(([name, each]) => [
    name, ...(['socketMs', 'startedMs', 'cpuMs', 'peakMiB'] as const).map(key => shown(median(each.map(one => one[key])))),
  ])
  const right = [1, 2, 3, 4]
  console.log(`${circumstances()}\n`)
  console.log(table([['start, medians', 'socket open, ms', 'started, ms', 'CPU, ms', 'peak, MiB'], ...rows], right))
  console.log(`\n${table([['health check, means', 'CPU, ms', 'wall, ms'], ...checked], right)}`)
} finally {
  rmSync(directory, { recursive: true, force: true })
}
