import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { bundle } from '../scripts/bundle.ts'

/**
 * What a start costs, from the sources and from the file that the image holds: in turn, so that both see the same
 * machine. Each keeps Node's compiled code from one start to the next, as the image does; the first is not counted.
 */
interface Start {
  readonly startedMs: number
  readonly peakMiB: number
}

/** Odd, so that there is a middle one. */
const runCount = 9
const directory = mkdtempSync(join(tmpdir(), 'sluice-start-'))

async function start (name: string, file: string): Promise<Start> {
  const own = join(directory, name)
  const env = {
    PATH: process.env['PATH'],
    NODE_COMPILE_CACHE: join(own, 'cache'),
    SLUICE_DATA_DIR: join(own, 'data'),
    SLUICE_UNIX_SOCKET: join(own, 'socket'),
    SLUICE_TCP: 'off',
    SLUICE_HTTP: '127.0.0.1:0',
  }
  const spawnedMs = performance.now()
  const child = spawn(process.execPath, [file], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.includes('"started"')) continue
    const startedMs = performance.now() - spawnedMs
    const [, peakKiB] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8')) ?? []
    child.kill('SIGTERM')
    child.stdout.resume()
    await once(child, 'exit')
    return { startedMs, peakMiB: Number(peakKiB) / 1024 }
  }
  throw new Error(`expected ${file} to start`)
}

function median (values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN
}

try {
  const files = { sources: join(import.meta.dirname, '../src/main.ts'), bundle: join(directory, 'sluice.cjs') }
  await bundle(files.bundle)
  const starts: Record<keyof typeof files, Start[]> = { sources: [], bundle: [] }
  for (let index = 0; index <= runCount; index++) {
    for (const name of ['sources', 'bundle'] as const) {
      const each = await start(name, files[name])
      if (index > 0) starts[name].push(each)
    }
  }
  const rows = Object.entries(starts).map(([name, each]) => [name, {
    'ms to started': Math.round(median(each.map(({ startedMs }) => startedMs))),
    'peak MiB by then': Math.round(median(each.map(({ peakMiB }) => peakMiB))),
  }])
  console.table(Object.fromEntries(rows))
} finally {
  rmSync(directory, { recursive: true, force: true })
}
