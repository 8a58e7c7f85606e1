/** What many containers cost the whole process, where key and stream name them: see `help`. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { table } from '../src/cli/table.ts'
import { readArguments, say } from './arguments.ts'
import { circumstances, median, shown } from './figures.ts'
import { senderArgs } from './full-speed.ts'
import { sluiceRouter, startRouter } from './router.ts'

const help = `CPU of the whole process with many containers that write in turns, one line
in twenty an error, key and stream with {container}, to files: those that can
be written, and, "away", those that cannot. As ratios to the first number.

  node bench/containers-process.ts --rounds 2

  --containers LIST  (10,17,40,300)
  --count N          lines of each run (16,000)
  --rate N           of them a second (8,000)
  --rounds N         each round has every case once (3)
TMPDIR says on which disk.
`
const values = readArguments(help, { containers: [10, 17, 40, 300], count: 16_000, rate: 8_000, rounds: 3 })
const numbers = values.containers
const directory = mkdtempSync(join(tmpdir(), 'sluice-containers-'))
const noDirectory = join(directory, 'file')
writeFileSync(noDirectory, '')

/** No bucket and no log group: files. */
const environment = { BENCH_BUCKET: '', BENCH_LOG_GROUP: '' }
const router = await sluiceRouter(directory, {
  SLUICE_OBJECTS_KEY: '{class}/{container}/{segment}.ndjson.{ext}',
  SLUICE_EVENTS_STREAM: '{container}/{class}',
  SLUICE_STOP_DEADLINE: '10s',
})

async function measure (containers: number, isThere: boolean): Promise<number> {
  const own = mkdtempSync(join(directory, 'run-'))
  const env = { ...router.env, SLUICE_FILE_DIRECTORY: join(isThere ? own : noDirectory, 'delivered') }
  const running = await startRouter({ ...router, env }, own, { environment })
  const load = { count: values.count, workload: 'mixed', mode: 'message', per: 100, connections: 1, containers }
  const sender = spawn(process.execPath, senderArgs(running.socketPath, load, values.rate), { stdio: ['ignore', 'ignore', 'inherit'] })
  await once(sender, 'close')
  const { cpuSeconds } = await running.stop()
  rmSync(own, { recursive: true, force: true })
  return cpuSeconds
}

try {
  const seconds = new Map<string, number[]>()
  const keyOf = (containers: number, isThere: boolean) => `${containers} ${isThere}`
  for (let round = 1; round <= values.rounds; round++) {
    for (const containers of numbers) {
      for (const isThere of [true, false]) {
        say(`round ${round} of ${values.rounds}: ${containers} containers, ${isThere ? 'there' : 'away'} ...`)
        const key = keyOf(containers, isThere)
        seconds.set(key, [...seconds.get(key) ?? [], await measure(containers, isThere)])
      }
    }
  }
  const cell = (containers: number, isThere: boolean) => {
    const first = seconds.get(keyOf(numbers[0] ?? NaN, isThere)) ?? []
    const own = seconds.get(keyOf(containers, isThere)) ?? []
    return containers === numbers[0] ? `${shown(median(own), 2)} s` : shown(median(own.map((value, index) => value / (first[index] ?? NaN))), 2)
  }
  console.log(`${shown(values.count)} lines, ${shown(values.rate)} a second\n${circumstances()}\n\n${table([
    ['containers', 'CPU, there', 'away'],
    ...numbers.map(containers => [String(containers), cell(containers, true), cell(containers, false)]),
  ], [0, 1, 2])}`)
} finally {
  rmSync(directory, { recursive: true, force: true })
}
