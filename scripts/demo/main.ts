import { mkdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { styleText } from 'node:util'
import { exitCodes } from '../../src/cli/exit-codes.ts'
import { equation } from '../../src/cli/ledger-table.ts'
import { numeral } from '../../src/telemetry/words.ts'
import { bytes as sizeOf } from '../../src/telemetry/words.ts'
import { errorCode } from '../../src/contracts/disk-errors.ts'
import { startAws } from '../../test/support/aws/server.ts'
import { scriptArguments } from '../arguments.ts'
import { deliveredLines, joinedTrace, repairedEscape, repairedLine, within } from './before-after.ts'
import { startSluice } from './child.ts'
import { sendLive } from './live.ts'
import { replay, type Capture } from './replay.ts'
import { commandFor, deliveredFiles, filesTable, folded } from './summary.ts'

const fixtures = resolve(import.meta.dirname, '../../test/fixtures')
const group = '/demo/errors'
const bucket = 'demo'

const help = `Starts Sluice, replays what a real Apache and PHP wrote, and shows what went
where.

  npm run demo              files as destinations
  npm run demo -- --aws     a stand-in of S3 and CloudWatch Logs
  npm run demo -- --live    to the Sluice of npm start, slowly, until Ctrl-C

Without --live it ends by itself and leaves its files in a new directory:
demo-output, or demo-output-2 and so on where there is one.
`

const say = (text: string) => process.stdout.write(`${text}\n`)

/** @returns the exit code: 0 if every record was delivered or is accounted for otherwise */
async function runDemo (withAws: boolean): Promise<number> {
  const directory = newDirectory(process.cwd(), 'demo-output')
  const here = relative(process.cwd(), directory)
  say(`Everything goes to ${here}/, a new directory: remove it when you like.`)
  const aws = withAws
    ? await startAws({ store: join(directory, 'aws'), buckets: [bucket], groups: [group] })
    : undefined
  if (aws !== undefined) say(`A stand-in of S3 and CloudWatch Logs answers at ${aws.endpoint}.`)
  say('Starting Sluice ...')
  const sluice = startSluice(directory, socketIn(directory), aws === undefined
    ? {}
    : { ...aws.environment, SLUICE_LOG_GROUP: group, SLUICE_BUCKET: bucket })
  await sluice.ready()
  say('Replaying what a real Apache 2.4 with PHP 8.2 and a php-fpm wrote,')
  say("as Docker's fluentd driver sends it ...")
  const sent = await replay(captures(), socketIn(directory), Math.random)
  say(`Sent ${numeral(sent.lines)} lines in ${numeral(sent.frames)} Forward frames, ${sizeOf(sent.bytes)}.`)
  say('Stopping Sluice with SIGTERM ...\n')
  const report = await sluice.stop()
  await aws?.close()

  const below = aws === undefined ? 'data/demo/delivered' : 'aws'
  const files = deliveredFiles(join(directory, below))
  say(paint('bold', `What went where, below ${here}/${below}/`))
  say(`${filesTable(files)}\n`)
  for (const [name, { sample }] of new Map(files.map(file => [file.class, file]))) {
    say(paint('bold', `A line of class ${name}`))
    say(`${folded(sample)}\n`)
  }
  say(paint('bold', 'Their keys'))
  say(keys(aws === undefined))
  showChanges(join(directory, below))
  say(paint('bold', 'Every record is accounted for'))
  say(equation(report))
  say(report.balanced ? paint('green', 'The ledger balances.') : paint('red', 'The ledger does NOT balance.'))
  say(`\n${paint('bold', 'Look at the files')}`)
  for (const { name } of files) say(`  ${commandFor(`${here}/${below}`, name)}`)
  say(`\n${paint('bold', 'Next')}`)
  say('  npm start, beside it npm run demo -- --live, which sends it lines,')
  say('  and http://127.0.0.1:2020/ in a browser')
  return report.balanced && report.pending === 0 ? exitCodes.ok : exitCodes.failed
}

/** Sends lines to the Sluice of `npm start`, for whoever looks at its page. @returns the exit code */
async function runLive (): Promise<number> {
  const stopped = new AbortController()
  process.once('SIGINT', () => stopped.abort()).once('SIGTERM', () => stopped.abort())
  say('Sending lines of a real Apache and PHP to .sluice/fluent.sock, until Ctrl-C.')
  say('Look at http://127.0.0.1:2020/ in a browser.')
  try {
    say(`Sent ${numeral(await sendLive(captures(), '.sluice/fluent.sock', stopped.signal))} lines.`)
    return exitCodes.ok
  } catch (error) {
    process.stderr.write(`demo: nobody takes lines on .sluice/fluent.sock (${errorCode(error)}): run npm start first\n`)
    return exitCodes.failed
  }
}

/** One trace that came line by line, and one line that was no JSON: before and after. */
function showChanges (directory: string): void {
  const trace = joinedTrace(deliveredLines(directory, 'error'))
  if (trace !== undefined) {
    say(paint('bold', `${trace.lines.length} lines of a PHP trace, as they came one by one`))
    say(within(trace.lines, 78))
    say(paint('bold', 'The one event that they became'))
    say(`${folded(trace.event)}\n`)
  }
  const sent = captures().flatMap(({ path }) => readFileSync(path, 'latin1').split('\n'))
  const repaired = repairedLine(sent, deliveredLines(directory, 'access'))
  if (repaired === undefined) return
  say(paint('bold', 'A line that Apache wrote, which is no JSON'))
  say(folded(repaired.before))
  say(paint('bold', 'The same line as it was delivered'))
  say(folded(repaired.after))
  const escape = repairedEscape(repaired)
  say(escape === undefined ? '' : `${escape[0]} is no escape that JSON knows, and became ${escape[1]}.\n`)
}

function keys (areFiles: boolean): string {
  return `  access   Apache's own: what is JSON is delivered as it came
  app      time, container and stream of the line, and log, the line itself
  error    ${areFiles ? 't, the time in ms since 1970; c, the container; m, what it wrote' : 'message, what the container wrote, and its timestamp'}
`
}

/** Makes a directory that was not there: `name`, or `name-2` and so on. What an earlier run left is somebody's. */
function newDirectory (parent: string, name: string): string {
  for (let count = 1; ; count++) {
    const directory = join(parent, count === 1 ? name : `${name}-${count}`)
    try {
      mkdirSync(directory)
      return directory
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
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
  return Buffer.byteLength(path) <= 100 ? path : join(tmpdir(), `sluice-demo-${process.pid}.sock`)
}

function paint (format: 'bold' | 'green' | 'red', text: string): string {
  const hasColors = process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === ''
  return hasColors ? styleText(format, text, { validateStream: false }) : text
}

const switches = { aws: { type: 'boolean', help: '' }, live: { type: 'boolean', help: '' } } as const
// Who read the beginning has read enough (`| head`): what was started ends as always.
process.stdout.on('error', () => undefined)
const { live, aws: withAws } = scriptArguments(help, switches, 'none')
process.exitCode = live ? await runLive() : await runDemo(withAws)
