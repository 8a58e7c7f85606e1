import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { styleText } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { bytes as sizeOf } from '../http/words.ts'
import type { LedgerTerm } from '../telemetry/ledger.ts'
import { replay, type Capture } from './demo/replay.ts'
import type { Io } from './io.ts'
import { table } from './table.ts'

const root = resolve(import.meta.dirname, '../..')
const fixtures = join(root, 'test/fixtures')

/** Longest time to wait for the socket, and for the child to end, ms. */
const patienceMs = 15_000

type Terms = Readonly<Record<LedgerTerm | 'pending', number>>
interface Report extends Terms {
  readonly balanced: boolean
  readonly by: Readonly<Record<LedgerTerm | 'pending', Readonly<Record<string, number>>>>
}

/**
 * `sluice demo`: starts Sluice with files as destinations, replays what a real Apache and PHP wrote, as Docker's driver
 * sends it, and shows what went where. Ends by itself and leaves the files.
 */
export async function runDemo (io: Io): Promise<number> {
  const directory = join(process.cwd(), 'demo-output')
  const socketPath = socketIn(directory)
  const say = (text: string) => io.stdout.write(`${text}\n`)
  const bold = (text: string) => colour(io, 'bold', text)

  if (!existsSync(fixtures)) {
    io.stderr.write('sluice: the demo replays files of a checkout (test/fixtures), which are not here\n')
    return 1
  }
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory)
  say(`Starting Sluice in ${relative(process.cwd(), directory)}/ ...`)
  const sluice = startSluice(directory, socketPath)
  const output = collect(sluice)
  const exited = once(sluice, 'exit')
  try {
    await waitFor(() => existsSync(socketPath), sluice, output)
    say('Replaying what a real Apache 2.4 with PHP 8.2 and a php-fpm wrote, as Docker\'s fluentd driver sends it ...')
    const replayed = await replay(captures(), socketPath, Math.random)
    say(`Sent ${count(replayed.lines)} lines in ${count(replayed.frames)} Forward frames, ${sizeOf(replayed.bytes)}. Stopping Sluice with SIGTERM ...\n`)
  } finally {
    sluice.kill('SIGTERM')
  }
  await Promise.race([exited, sleep(patienceMs, undefined, { ref: false })])
  const report = reportIn(output.text())
  if (report === undefined) {
    io.stderr.write(`sluice: expected an exit report, found none. Its log:\n${output.text()}`)
    return 1
  }

  const files = deliveredFiles(join(directory, 'data'))
  say(bold('What went where'))
  say(table([
    ['CLASS', 'RECORDS', 'BYTES', 'FILE BYTES', 'DESTINATION'],
    ...files.map(file => [
      file.class, count(file.records), sizeOf(file.bytes), sizeOf(file.fileBytes), relative(process.cwd(), file.path)]),
  ], [1, 2, 3]))
  say('')
  for (const file of files) {
    say(bold(`A line of class ${file.class}`))
    say(`${clip(file.sample, 300)}\n`)
  }
  say(bold('Every record is accounted for'))
  say(equation(report))
  say(report.balanced ? colour(io, 'green', 'The ledger balances.') : colour(io, 'red', 'The ledger does NOT balance.'))
  say(`\n${bold('Look at the files')}`)
  for (const file of files) say(`  ${commandFor(relative(process.cwd(), file.path))}`)
  return report.balanced && report.pending === 0 ? 0 : 1
}

function captures (): readonly Capture[] {
  const task = '0123456789abcdef0123456789abcdef'
  const container = (name: string, digit: string) => ({
    id: digit.repeat(64), name: `/ecs-shop-12-${name}-9af3c2d4e5b6a7980100`, tag: `${name}-firelens-${task}`,
  })
  const web = container('web', 'a')
  const fpm = container('php-fpm', 'b')
  return [
    { container: web, source: 'stdout', path: join(fixtures, 'apache-modphp/stdout.log') },
    { container: web, source: 'stderr', path: join(fixtures, 'apache-modphp/stderr.log') },
    { container: fpm, source: 'stderr', path: join(fixtures, 'php-fpm/fpm-stderr.log') },
  ]
}

function startSluice (directory: string, socketPath: string): ChildProcess {
  const env = {
    // The caller's own SLUICE_… variables are about another Sluice.
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('SLUICE_'))),
    SLUICE_DATA_DIR: join(directory, 'data'),
    SLUICE_HOST_ID: 'demo',
    SLUICE_UNIX_SOCKET: socketPath,
    SLUICE_TCP: 'off',
    SLUICE_HTTP: 'off',
  }
  return spawn(process.execPath, [join(root, 'src/main.ts')], { env, stdio: ['ignore', 'pipe', 'inherit'] })
}

/** A path of a unix socket has 107 bytes at most, and a checkout may lie deep. */
function socketIn (directory: string): string {
  const path = join(directory, 'fluent.sock')
  return path.length <= 100 ? path : join(tmpdir(), `sluice-demo-${process.pid}.sock`)
}

function collect (child: ChildProcess): { text (): string } {
  let text = ''
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => { text += chunk })
  return { text: () => text }
}

async function waitFor (isReady: () => boolean, child: ChildProcess, output: { text (): string }): Promise<void> {
  for (const startMs = Date.now(); !isReady();) {
    if (child.exitCode !== null || Date.now() - startMs > patienceMs) {
      throw new Error(`sluice did not start. Its log:\n${output.text()}`)
    }
    await sleep(20)
  }
}

function reportIn (log: string): Report | undefined {
  const line = log.split('\n').find(each => each.includes('"msg":"exit report"'))
  return line === undefined ? undefined : JSON.parse(line) as Report
}

interface DeliveredFile {
  readonly class: string
  readonly path: string
  readonly records: number
  readonly bytes: number
  readonly fileBytes: number
  readonly sample: string
}

function deliveredFiles (directory: string): readonly DeliveredFile[] {
  return globSync('demo/delivered/**/*.{gz,ndjson}', { cwd: directory }).sort().map(name => {
    const path = join(directory, name)
    const content = name.endsWith('.gz') ? gunzipSync(readFileSync(path)) : readFileSync(path)
    const lines = content.toString().split('\n').slice(0, -1)
    return {
      class: /\/delivered\/(\w+)\/dt=/.exec(name)?.[1] ?? /(\w+)\.ndjson$/.exec(name)?.[1] ?? '',
      path,
      records: lines.length,
      bytes: content.length,
      fileBytes: statSync(path).size,
      sample: lines[Math.floor(lines.length / 2)] ?? '',
    }
  })
}

function equation ({ by, ...terms }: Report): string {
  const rows = (['received', 'recovered', 'made', 'delivered', 'filtered', 'rejected', 'dropped', 'joined', 'pending'] as const)
    .map(term => [
      `  ${term}`,
      count(terms[term]),
      Object.entries(by[term]).map(([label, value]) => `${label} ${count(value)}`).join(', '),
    ])
  const sum = (names: readonly (keyof Terms)[]) => count(names.reduce((total, name) => total + terms[name], 0))
  return [
    table(rows, [1]),
    `  in:  received + recovered + made = ${sum(['received', 'recovered', 'made'])}`,
    `  out: delivered + filtered + rejected + dropped + joined + pending = ${sum(['delivered', 'filtered', 'rejected', 'dropped', 'joined', 'pending'])}`,
  ].join('\n')
}

function commandFor (path: string): string {
  return path.endsWith('.gz') ? `zcat ${path} | jq .` : `cat ${path} | jq -r .m`
}

function clip (text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length)}… (${count(text.length)} characters)`
}

function count (value: number): string {
  return value.toLocaleString('en-US')
}

function colour (io: Io, format: 'bold' | 'green' | 'red', text: string): string {
  return io.stdout.isTTY === true && !io.env['NO_COLOR'] ? styleText(format, text, { validateStream: false }) : text
}
