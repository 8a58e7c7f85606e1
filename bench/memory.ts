import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { table } from '../src/cli/table.ts'
import { readArguments, say } from './arguments.ts'
import { circumstances, shown } from './figures.ts'
import { senderArgs } from './full-speed.ts'
import { sluiceRouter, startRouter } from './router.ts'
import { startStandIn } from './stand-in.ts'

const help = `What the process holds while nothing comes, after both destinations were used:
what the kernel counts, what Node says of it, and the heap by what lies there.

  npm run bench -- memory

  --lines N   lines that come first (1,000)
  --quiet S   seconds of quiet before it is looked at (60)
`

const values = readArguments(help, { lines: 1_000, quiet: 60 })
const mebibyte = 2 ** 20
const patienceMs = 60_000

/** Runs before the program: writes what Node says when it is asked to. */
const asked = (file: string) => `process.on('SIGUSR1', () => {
  require('node:fs').writeFileSync(${JSON.stringify(file)}, JSON.stringify(process.memoryUsage()), { flag: 'wx' })
})`

/** Resident memory, MB, by what the kernel has it for. Source: proc_pid_smaps(5) */
function residentMb (pid: number): Map<string, number> {
  const sums = new Map<string, number>()
  let kind = ''
  for (const line of readFileSync(`/proc/${pid}/smaps`, 'utf8').split('\n')) {
    const mapped = /^[\da-f]+-[\da-f]+ \S+ \S+ \S+ \d+ *(.*)$/.exec(line)
    if (mapped !== null) kind = kindOf(mapped[1] ?? '')
    const [, kibibytes] = /^Rss: +(\d+) kB$/.exec(line) ?? []
    if (kibibytes !== undefined) sums.set(kind, (sums.get(kind) ?? 0) + Number(kibibytes) / 1024)
  }
  return sums
}

function kindOf (name: string): string {
  if (name === '' || name.startsWith('[anon')) return 'anonymous: heaps of V8, buffers, stacks'
  if (name === '[heap]') return 'malloc'
  if (name.startsWith('[')) return 'first stack, vdso'
  return /\/node$/.test(name) ? 'file: node' : 'file: libraries'
}

interface HeapSnapshot {
  readonly snapshot: {
    readonly meta: { readonly node_fields: readonly string[], readonly node_types: readonly [readonly string[]] }
  }
  readonly nodes: readonly number[]
}

/** The heap, MB, by the types of a snapshot. Source: V8's `heap-snapshot-generator.h` */
function heapMb ({ snapshot: { meta }, nodes }: HeapSnapshot): Map<string, number> {
  const { node_fields: fields, node_types: [types] } = meta
  const [typeAt, sizeAt] = [fields.indexOf('type'), fields.indexOf('self_size')]
  const sums = new Map<string, number>()
  for (let index = 0; index < nodes.length; index += fields.length) {
    const type = types[nodes[index + typeAt] ?? 0] ?? ''
    sums.set(type, (sums.get(type) ?? 0) + (nodes[index + sizeAt] ?? 0) / mebibyte)
  }
  return sums
}

function print (title: string, sums: ReadonlyMap<string, number>): void {
  const rows = [...sums].filter(([, mb]) => mb >= 0.05).sort(([, a], [, b]) => b - a)
  console.log(`\n${table([[title, 'MB'], ...rows.map(([name, mb]) => [name, shown(mb, 1)])], [1])}`)
}

async function whole (find: () => string | undefined): Promise<unknown> {
  const endMs = performance.now() + patienceMs
  while (performance.now() < endMs) {
    const file = find()
    try {
      if (file !== undefined) return JSON.parse(readFileSync(file, 'utf8'))
    } catch {
      // It is being written.
    }
    await sleep(200)
  }
  throw new Error('expected the process to write what it holds')
}

const directory = mkdtempSync(join(tmpdir(), 'sluice-memory-'))
const standIn = await startStandIn()
try {
  const [preload, usage] = [join(directory, 'asked.cjs'), join(directory, 'usage.json')]
  writeFileSync(preload, asked(usage))
  const router = await sluiceRouter(directory, {
    NODE_OPTIONS: `--require=${preload} --heapsnapshot-signal=SIGUSR2 --diagnostic-dir=${directory}`,
  })
  const running = await startRouter(router, join(directory, 'run'), standIn)
  const load = { count: values.lines, workload: 'mixed', mode: 'message', per: 1, connections: 1, containers: 1 }
  say(`${values.lines} lines, then ${values.quiet} seconds of quiet ...`)
  await once(spawn(process.execPath, senderArgs(running.socketPath, load, 200), { stdio: ['ignore', 'ignore', 'inherit'] }), 'close')
  await sleep(values.quiet * 1000)
  const resident = residentMb(running.pid)
  process.kill(running.pid, 'SIGUSR1')
  const said = await whole(() => existsSync(usage) ? usage : undefined) as Readonly<Record<string, number>>
  process.kill(running.pid, 'SIGUSR2')
  const snapshot = await whole(() => {
    const name = readdirSync(directory).find(each => each.endsWith('.heapsnapshot'))
    return name === undefined ? undefined : join(directory, name)
  }) as HeapSnapshot
  await running.stop()
  console.log(circumstances())
  print('resident, by the kernel', resident)
  print('process.memoryUsage()', new Map(Object.entries(said).map(([name, bytes]) => [name, bytes / mebibyte])))
  print('V8 heap, by a snapshot', heapMb(snapshot))
} finally {
  await standIn.close()
  rmSync(directory, { recursive: true, force: true })
}
