import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs, styleText } from 'node:util'
import { bytes as sizeOf } from '../../src/telemetry/words.ts'
import { startSluice } from './child.ts'
import { replay, type Capture } from './replay.ts'
import { countOf, equation } from '../../src/cli/ledger-table.ts'
import { commandFor, deliveredFiles, filesTable } from './summary.ts'
import type { Io } from '../../src/cli/io.ts'

type StandIn = typeof import('../../test/support/aws/server.ts')

const root = resolve(import.meta.dirname, '../..')
const fixtures = join(root, 'test/fixtures')
const group = '/demo/errors'
const bucket = 'demo-logs'

/**
 * `sluice demo [--aws]`: starts Sluice with files as destinations, or with a stand-in of S3 and CloudWatch Logs;
 * replays what a real Apache and PHP wrote, as Docker's driver sends it; shows what went where. Ends by itself and
 * leaves the files.
 */
export async function runDemo (io: Io): Promise<number> {
  const { values } = parseArgs({ args: [...io.argv], options: { aws: { type: 'boolean', default: false } } })
  if (!existsSync(fixtures)) {
    io.stderr.write('sluice: the demo replays files of a checkout (test/fixtures), which are not here\n')
    return 1
  }
  const directory = join(process.cwd(), 'demo-output')
  const here = (path: string) => relative(process.cwd(), path)
  const say = (text: string) => io.stdout.write(`${text}\n`)
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory)

  const aws = values.aws ? await startStandIn(join(directory, 'aws')) : undefined
  if (aws !== undefined) say(`A stand-in of S3 and CloudWatch Logs answers at ${aws.endpoint} and keeps copies in ${here(directory)}/aws/`)
  say(`Starting Sluice in ${here(directory)}/ ...`)
  const sluice = startSluice(directory, socketIn(directory), aws === undefined
    ? {}
    : { ...aws.environment, SLUICE_LOG_GROUP: group, SLUICE_BUCKET: bucket })
  await sluice.ready()
  say('Replaying what a real Apache 2.4 with PHP 8.2 and a php-fpm wrote, as Docker\'s fluentd driver sends it ...')
  const sent = await replay(captures(), socketIn(directory), Math.random)
  say(`Sent ${countOf(sent.lines)} lines in ${countOf(sent.frames)} Forward frames, ${sizeOf(sent.bytes)}. Stopping Sluice with SIGTERM ...\n`)
  const report = await sluice.stop()
  await aws?.close()

  const files = deliveredFiles(aws === undefined ? join(directory, 'data/demo/delivered') : join(directory, 'aws'))
  say(paint(io, 'bold', 'What went where'))
  say(`${filesTable(files, here)}\n`)
  for (const file of files) {
    say(paint(io, 'bold', `A line of class ${file.class}`))
    say(`${clip(file.sample, 300)}\n`)
  }
  say(paint(io, 'bold', 'Every record is accounted for'))
  say(equation(report))
  say(report.balanced ? paint(io, 'green', 'The ledger balances.') : paint(io, 'red', 'The ledger does NOT balance.'))
  say(`\n${paint(io, 'bold', 'Look at the files')}`)
  for (const file of files) say(`  ${commandFor(here(file.path))}`)
  return report.balanced && report.pending === 0 ? 0 : 1
}

/** The stand-in belongs to the tests of a checkout; what is shipped has none. */
async function startStandIn (store: string): Promise<Awaited<ReturnType<StandIn['startAws']>>> {
  const { startAws } = await import(pathToFileURL(join(root, 'test/support/aws/server.ts')).href) as StandIn
  return await startAws({ store, buckets: [bucket], groups: [group] })
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

/** A path of a unix socket has 107 bytes at most, and a checkout may lie deep. */
function socketIn (directory: string): string {
  const path = join(directory, 'fluent.sock')
  return path.length <= 100 ? path : join(tmpdir(), `sluice-demo-${process.pid}.sock`)
}

function clip (text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length)}… (${countOf(text.length)} characters)`
}

function paint (io: Io, format: 'bold' | 'green' | 'red', text: string): string {
  return io.stdout.isTTY === true && !io.env['NO_COLOR'] ? styleText(format, text, { validateStream: false }) : text
}
