import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { table } from '../src/cli/table.ts'
import { isError, lineOf } from './lines.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    count: { type: 'string', default: '1000000' },
    runs: { type: 'string', default: '3' },
    per: { type: 'string', default: '2000' },
    connections: { type: 'string', default: '1' },
    containers: { type: 'string', default: '1' },
    compression: { type: 'string', default: 'gzip' },
  },
})
const count = Number(values.count)
const root = resolve(import.meta.dirname, '..')

// Parts by the names of their files, `node bench/run.ts classify levels`, instead of the whole process.
for (const part of positionals) {
  const { status } = spawnSync(process.execPath, ['--expose-gc', join(root, `bench/${part}.ts`)], { stdio: 'inherit' })
  if (status !== 0) throw new Error(`bench/${part}.ts did not end well`)
}
if (positionals.length > 0) process.exit()

interface Figures {
  readonly acceptedPerSecond: number
  readonly cpuSecondsPerMillion: number
  readonly maxRssMb: number
  readonly lost: number
  readonly altered: number
  readonly repeated: number
}

async function measure (): Promise<Figures> {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-bench-'))
  const socket = join(directory, 'fluent.sock')
  const sluice = spawn(process.execPath, [join(root, 'src/main.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      SLUICE_UNIX_SOCKET: socket,
      SLUICE_TCP: 'off',
      SLUICE_HTTP: 'off',
      SLUICE_DATA_DIR: join(directory, 'data'),
      SLUICE_OBJECTS_COMPRESSION: values.compression,
      ...(values.containers === '1' ? {} : { SLUICE_OBJECTS_KEY: '{class}/{container}/{segment}.ndjson.{ext}' }),
    },
  })
  const closed = once(sluice, 'close')
  let output = ''
  sluice.stdout.setEncoding('utf8').on('data', (chunk: string) => { output += chunk })
  while (!existsSync(socket)) await sleep(20)
  const load = spawn(process.execPath, [
    join(root, 'bench/load.ts'), '--socket', socket, '--count', values.count, '--per', values.per,
    '--connections', values.connections, '--containers', values.containers,
  ], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [sent] = await once(load.stdout.setEncoding('utf8'), 'data') as [string]
  sluice.kill('SIGTERM')
  await closed
  const report = JSON.parse(output.split('\n').find(line => line.includes('"exit report"')) ?? '{}') as {
    readonly cpuSeconds: number, readonly maxRssBytes: number, readonly balanced: boolean
  }
  if (!report.balanced) throw new Error(`the ledger does not balance:\n${output}`)
  const check = verify(join(directory, 'data'))
  rmSync(directory, { recursive: true })
  return {
    acceptedPerSecond: count / (JSON.parse(sent) as { readonly seconds: number }).seconds,
    cpuSecondsPerMillion: report.cpuSeconds / count * 1e6,
    maxRssMb: report.maxRssBytes / 1024 / 1024,
    ...check,
  }
}

/** Every line is rebuilt from its number and compared, byte for byte. */
function verify (dataDir: string) {
  const seen = new Uint8Array(count)
  const result = { lost: 0, altered: 0, repeated: 0 }
  for (const name of globSync('*/delivered/**/*.*', { cwd: dataDir })) {
    const content = readFileSync(join(dataDir, name))
    const bytes = name.endsWith('.gz') ? gunzipSync(content) : name.endsWith('.zst') ? zstdDecompressSync(content) : content
    for (const line of bytes.toString().split('\n').slice(0, -1)) {
      const text = line.startsWith('{"t":') ? (JSON.parse(line) as { readonly m: string }).m : line
      const sequence = Number(/seq(?:=|":")(\d{10})/.exec(text)?.[1])
      if (text !== lineOf(sequence) || isError(sequence) !== (text !== line)) result.altered++
      if (seen[sequence] === 1) result.repeated++
      seen[sequence] = 1
    }
  }
  for (const each of seen) if (each === 0) result.lost++
  return result
}

const runs: Figures[] = []
for (let run = 0; run < Number(values.runs); run++) {
  process.stderr.write(`run ${run + 1} of ${values.runs} ...\n`)
  runs.push(await measure())
}
const middle = (of: (figures: Figures) => number) => {
  const sorted = runs.map(of).sort((a, b) => a - b)
  return [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)]
}
const row = (name: string, of: (figures: Figures) => number, digits = 0) =>
  [name, ...middle(of).map(value => (value ?? 0).toLocaleString('en-US', { maximumFractionDigits: digits }))]
console.log(table([
  [`${count.toLocaleString('en-US')} lines, Message mode, file sinks, ${values.compression}`, 'MIN', 'MEDIAN', 'MAX'],
  row('lines accepted a second', figures => figures.acceptedPerSecond),
  row('CPU seconds per million lines', figures => figures.cpuSecondsPerMillion, 2),
  row('peak RSS, MB', figures => figures.maxRssMb),
  row('lost', figures => figures.lost),
  row('altered', figures => figures.altered),
  row('repeated', figures => figures.repeated),
], [1, 2, 3]))
