import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import t, { type Test } from 'tap'
import { startAws } from '../support/aws/server.ts'
import { deliveredLines } from '../support/delivered.ts'
import { originalOf } from '../support/lines.ts'
import { askAt, observed } from '../support/operator.ts'
import { shortDirectory, startSluice, type SluiceOptions, type SluiceProcess } from '../support/sluice-process.ts'
import { until } from '../support/until.ts'

t.setTimeout(1_800_000)

/** The least that a route's quota may be. */
const quotaBytes = 2 ** 20
const env = { ...observed, SLUICE_ROUTES_ACCESS_MAX_BYTES: '1MiB', SLUICE_ROUTES_APP_MAX_BYTES: '1MiB' }

/** Three times the quota of `access`, and a line of `app` after every tenth. */
const lines = Array.from({ length: 10_000 }, (_, number) => number % 10 === 0
  ? `plain ${number}`
  : `{"status":200,"path":"/${number}","agent":"${'x'.repeat(330)}"}`)

/** A process that reads `text` from a file, or is given a pipe, and whose destination refuses until it is mended. */
function startAwayFrom (t: Test, { text, ...options }: SluiceOptions & { readonly text?: string }) {
  const directory = options.directory ?? shortDirectory(t)
  const destination = join(directory, 'out/delivered')
  mkdirSync(join(directory, 'out'), { recursive: true })
  writeFileSync(destination, 'in the way')
  const inputPath = join(directory, 'input.log')
  if (text !== undefined) writeFileSync(inputPath, text)
  const sluice = startSluice(t, {
    ...options,
    directory,
    args: ['--stdin'],
    ...(text !== undefined && { inputPath }),
    env: { ...env, SLUICE_FILE_DIRECTORY: destination, ...options.env },
  })
  return { sluice, directory, mend: () => rmSync(destination), delivered: () => delivered(directory) }
}

/** What was delivered, as it was sent, in the order of the lines' numbers. */
function delivered (directory: string): string[] {
  const { access, app } = deliveredLines(directory)
  const numberOf = (line: string) => Number(/\d+(?=$|")/.exec(line.replace('"status":200', ''))?.[0])
  return [...access, ...app.map(line => originalOf(line, 'app'))].sort((a, b) => numberOf(a) - numberOf(b))
}

/** A quota counts whole blocks of the disk, so a few segments are full with fewer bytes of lines. */
const nearlyFullBytes = quotaBytes - 64 * 1024

/** Resolves when nothing more is received because a quota is full. */
async function untilFull (sluice: SluiceProcess): Promise<number> {
  const operator = await askAt(sluice)
  // The page is the same for a moment: its age of the oldest record says whether this is another one.
  let before = { received: -1, ageSeconds: -1 }
  const { ledger } = await until('the quota is full', () => operator.health(), ({ routes, ledger: { received } }) => {
    const { pendingBytes = 0, oldestPendingSeconds: ageSeconds = 0 } = routes['access'] ?? {}
    const isStill = ageSeconds > before.ageSeconds && received.total === before.received
    before = { received: received.total, ageSeconds }
    return isStill && pendingBytes >= nearlyFullBytes
  })
  return ledger.received.total
}

t.test('a file larger than its quotas waits for a destination that is away, and all of it is delivered', async t => {
  const { sluice, mend, delivered } = startAwayFrom(t, { text: lines.map(line => `${line}\n`).join('') })
  const received = await untilFull(sluice)
  t.ok(received < lines.length, 'it waits')
  mend()
  t.equal(await sluice.exited, 0, sluice.output())
  t.match(sluice.report(), { balanced: true, received: lines.length, delivered: lines.length, dropped: 0, pending: 0 })
  t.ok(isDeepStrictEqual(delivered(), lines), 'each line once')
})

t.test('a signal ends a wait without end: what was taken is left in the spool, the rest in the file', async t => {
  const first = startAwayFrom(t, {
    text: lines.map(line => `${line}\n`).join(''), env: { SLUICE_STOP_DEADLINE: '5s' },
  })
  await untilFull(first.sluice)
  first.sluice.kill('SIGTERM')
  t.equal(await first.sluice.exited, 75, first.sluice.output())
  const report = first.sluice.report()
  t.match(report, { level: 'warn', reason: 'SIGTERM', exitCode: 75, balanced: true, dropped: 0, readToEnd: false })
  t.ok(report.received < lines.length)
  t.equal(report.pending, report.received)

  first.mend()
  const { directory, delivered } = first
  const text = lines.slice(report.received).join('\n')
  const second = startSluice(t, {
    directory,
    args: ['--stdin'],
    env: { ...env, SLUICE_STDIN_WAIT: 'always', SLUICE_FILE_DIRECTORY: join(directory, 'out/delivered') },
  })
  second.stdin.end(text)
  t.equal(await second.exited, 0, second.output())
  t.match(second.report(), { recovered: report.received, delivered: lines.length, readToEnd: undefined })
  t.ok(isDeepStrictEqual(delivered(), lines), 'each line once')
})

t.test('a pipe holds its writer up only briefly: lines are dropped, and that is the exit code', async t => {
  const { sluice } = startAwayFrom(t, { env: { SLUICE_SPOOL_MAX_STALL: '50ms', SLUICE_STOP_DEADLINE: '5s' } })
  sluice.stdin.end(lines.join('\n'))
  t.equal(await sluice.exited, 74, sluice.output())
  const report = sluice.report()
  t.match(report, { level: 'error', reason: 'end of input', exitCode: 74, balanced: true, received: lines.length })
  t.ok(report.dropped > 0 && report.pending > 0, 'lost wins over left')
})

t.test('a pipe waits for room too if told so, and a signal ends that wait', async t => {
  const { sluice } = startAwayFrom(t, { env: { SLUICE_STDIN_WAIT: 'always', SLUICE_STOP_DEADLINE: '5s' } })
  sluice.stdin.on('error', () => undefined)
  sluice.stdin.write(lines.join('\n'))
  await untilFull(sluice)
  sluice.kill('SIGTERM')
  t.equal(await sluice.exited, 75, sluice.output())
  const report = sluice.report()
  t.match(report, { level: 'warn', exitCode: 75, balanced: true, dropped: 0 })
  t.ok(report.received < lines.length)
  t.equal(report.pending, report.received)
})

t.test('a stop reads a pipe that nobody closes until it is quiet for stop.quiet', async t => {
  const env = { SLUICE_STOP_QUIET: '1500ms', SLUICE_STOP_DEADLINE: '10m' }
  const sluice = startSluice(t, { args: ['--stdin'], env })
  await sluice.printed(/"started"/)
  sluice.stdin.write('a line\nhalf a line')
  sluice.kill('SIGTERM')
  t.equal(await sluice.exited, 0, sluice.output())
  const report = sluice.report()
  t.match(report, { balanced: true, reason: 'SIGTERM', level: 'info', received: 2, delivered: 2 })
  t.ok(report.stopMs >= 1500, `${report.stopMs} ms`)
})

t.test('after the end of input the deadline counts from the last delivery', async t => {
  const aws = await startAws({ buckets: ['shop-logs'] })
  t.teardown(() => aws.close())
  aws.faults.set('s3', { mode: 'slow', operation: 'PutObject', ms: 1_000 })
  const sluice = startSluice(t, {
    args: ['--stdin'],
    env: {
      ...observed,
      ...aws.environment,
      SLUICE_BUCKET: 'shop-logs',
      SLUICE_OBJECTS_MAX_BYTES: '1KiB',
      SLUICE_OBJECTS_MAX_AGE: '1h',
      SLUICE_STOP_DEADLINE: '6s',
    },
  })
  // Eleven objects, one after the other.
  sluice.stdin.end(lines.slice(1, 25).filter((_, index) => index % 10 !== 9).join('\n'))
  t.equal(await sluice.exited, 0, sluice.output())
  t.ok(aws.state.objects('shop-logs').length >= 8)
  t.match(sluice.report(), { level: 'info', balanced: true, pending: 0, dropped: 0, delivered: 22 })
})

t.test('a signal after the end of input begins the deadline, and the second one ends it', async t => {
  const { sluice } = startAwayFrom(t, { env: { SLUICE_STOP_DEADLINE: '10m' } })
  sluice.stdin.end('a line')
  await sluice.printed(/"stopping"/)
  // Those of the first second are one: Apache sends its piped programs two or three within milliseconds.
  const signals = setInterval(() => sluice.kill('SIGTERM'), 100)
  t.teardown(() => clearInterval(signals))
  t.equal(await sluice.exited, 75, sluice.output())
  t.match(sluice.report(), { reason: 'end of input', left: { app: 1 } })
})

t.test('a directory is no input', async t => {
  const sluice = startSluice(t, { args: ['--stdin'], inputPath: shortDirectory(t) })
  t.equal(await sluice.exited, 66)
  t.match(sluice.output(), /found a directory/)
})

t.test('an input that fails is an exit code, and what it gave is delivered', async t => {
  // Reading the memory of a process from its first page fails, as reading from a broken disk does.
  const sluice = startSluice(t, { args: ['--stdin'], inputPath: '/proc/self/mem' })
  t.equal(await sluice.exited, 74, sluice.output())
  t.match(sluice.report(), { level: 'error', reason: 'input failed', balanced: true, received: 0 })
})
