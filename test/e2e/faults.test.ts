import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import type { HealthReport } from '../../src/http/health.ts'
import { deliveredLines } from '../support/delivered.ts'
import type { SentRecord } from '../support/forward-frames.ts'
import { originalOf } from '../support/lines.ts'
import { askAt, observed } from '../support/operator.ts'
import { sendForAcks, sendRecords } from '../support/sender.ts'
import { shortDirectory, startSluice } from '../support/sluice-process.ts'
import { until } from '../support/until.ts'

/** Lines of all three classes, `count` of each. */
function lines (count: number, name = 'line', padding = ''): SentRecord[] {
  const record = (source: string, log: string) =>
    ({ timeMs: Date.now(), fields: { source, log, container_name: '/web' } })
  return Array.from({ length: count }, (_, index) => [
    record('stdout', `{"status":200,"path":"/${name}/${index}","agent":"${padding}"}`),
    record('stderr', `PHP Warning: ${name} ${index} ${padding}`),
    record('stdout', `plain ${name} ${index} ${padding}`),
  ]).flat()
}

/** What was delivered below the `delivered` of one of the directories in `root`, as it was sent, sorted. */
function delivered (root: string): string[] {
  const { access, app, error } = deliveredLines(root)
  return [...access, ...app.map(line => originalOf(line, 'app')), ...error.map(line => originalOf(line, 'error'))].sort()
}

const sentLines = (records: readonly SentRecord[]) => records.map(({ fields }) => fields['log'] ?? '').sort()

/** The routes that the lines of these tests take. */
function used ({ routes }: Pick<HealthReport, 'routes'>) {
  return Object.entries(routes).filter(([name]) => name !== 'invalid')
}

t.test('a destination that refuses costs nothing but time, and the health page says what to do', async t => {
  const directory = shortDirectory(t)
  const root = join(directory, 'mount')
  const destination = join(root, 'files/delivered')
  mkdirSync(join(root, 'files'), { recursive: true })
  writeFileSync(destination, 'in the way')
  const sluice = startSluice(t, { directory, env: { ...observed, SLUICE_FILE_DIRECTORY: destination } })
  const operator = await askAt(sluice)
  const sent = lines(20)
  await sendRecords(sluice.socketPath, sent)

  const { routes, summary } = await until('every route with records is paused', () => operator.health(),
    health => used(health).every(([, { state, pendingRecords }]) => state === 'paused' && pendingRecords === 20))
  for (const [name, route] of used({ routes })) {
    t.equal(route.pendingRecords, 20, `${name} keeps its records`)
    t.match(route.summary, /paused.*no directory.*remove it.*20 records.*waiting/, `${name} says what is wrong, what to do, and what waits`)
    t.ok(route.summary.includes(destination), 'and where')
  }
  t.match(summary, /route access is paused.*60 records waiting; none dropped/)
  t.equal(await operator.live(), 200, 'no reason to restart anything')

  rmSync(destination)
  await until('everything is delivered', () => operator.health(), ({ ledger }) => ledger.pending.total === 0)
  t.same(delivered(root), sentLines(sent))
  sluice.kill('SIGTERM')
  t.equal(await sluice.exited, 0, sluice.output())
  t.match(sluice.report(), { balanced: true, received: 60, delivered: 60, dropped: 0, pending: 0 })
  t.equal(sluice.output().match(/delivery paused/g)?.length, 3, 'one line for each change of state, not for each try')
})

t.test('a destination that refuses until the end leaves everything in the spool, and the next process delivers it', async t => {
  const directory = shortDirectory(t)
  const destination = join(directory, 'out/delivered')
  mkdirSync(join(directory, 'out'))
  writeFileSync(destination, 'in the way')
  const env = { ...observed, SLUICE_FILE_DIRECTORY: destination }
  const first = startSluice(t, { directory, env: { ...env, SLUICE_STOP_DEADLINE: '5s' } })
  await first.printed(/"started"/)
  const sent = lines(10)
  await sendRecords(first.socketPath, sent)
  first.kill('SIGTERM')
  t.equal(await first.exited, 75, first.output())
  t.match(first.report(), { level: 'warn', exitCode: 75, balanced: true, pending: 30, left: { access: 10, error: 10, app: 10 } })

  rmSync(destination)
  const second = startSluice(t, { directory, env })
  await second.printed(/"started"/)
  second.kill('SIGTERM')
  t.equal(await second.exited, 0, second.output())
  t.match(second.report(), { balanced: true, recovered: 30, delivered: 30, pending: 0 })
  t.same(delivered(directory), sentLines(sent))
})

t.test('connections that the system closes for want of file descriptors are told', async t => {
  const sluice = startSluice(t, { through: ['/bin/sh', '-c', 'ulimit -n 80; exec "$@"', 'sh'] })
  await sluice.printed(/"started"/)
  const sockets = Array.from({ length: 120 }, () => connect(sluice.socketPath).on('error', () => undefined))
  t.teardown(() => { for (const socket of sockets) socket.destroy() })
  const [line] = await sluice.printed(/.*few more files can be opened.*/)
  t.match(JSON.parse(line), { level: 'warn', limit: 80, advice: /ulimit nofile/ })
  for (const socket of sockets) socket.destroy()
  await sluice.printed(/enough files can be opened again/)
  sluice.kill('SIGTERM')
  t.equal(await sluice.exited, 0, sluice.output())
})

t.test('a data directory that takes no writes is no reason not to run, and records wait for it', async t => {
  const directory = shortDirectory(t)
  const root = join(directory, 'volume')
  writeFileSync(root, 'in the way')
  const sluice = startSluice(t, { directory, env: { ...observed, SLUICE_DATA_DIR: root } })
  const operator = await askAt(sluice)
  const sent = lines(5)
  await sendRecords(sluice.socketPath, sent)
  const { routes } = await until('every route is blocked', () => operator.health(),
    health => Object.values(health.routes).every(({ state }) => state === 'blocked'))
  for (const { summary } of Object.values(routes)) t.match(summary, /the spool cannot be written or read.*ENOTDIR.*dataDir/)
  t.equal(await operator.live(), 200)

  rmSync(root)
  await until('everything is delivered', () => operator.health(), ({ ledger }) => ledger.pending.total === 0)
  t.same(delivered(root), sentLines(sent))
  sluice.kill('SIGTERM')
  t.equal(await sluice.exited, 0, sluice.output())
  t.match(sluice.report(), { balanced: true, received: 15, delivered: 15, dropped: 0 })
})

t.test('what a data directory never took is dropped at the end, by a name', async t => {
  const directory = shortDirectory(t)
  const root = join(directory, 'volume')
  writeFileSync(root, 'in the way')
  const sluice = startSluice(t, { directory, env: { ...observed, SLUICE_DATA_DIR: root, SLUICE_STOP_DEADLINE: '5s' } })
  await sluice.printed(/"started"/)
  t.same(await sendForAcks(sluice.socketPath, [lines(5)]), [], 'nothing is acked')
  sluice.kill('SIGTERM')
  t.equal(await sluice.exited, 74, sluice.output())
  const report = sluice.report()
  t.match(report, { level: 'error', balanced: true, received: 15, delivered: 0, dropped: 15, pending: 0 })
  t.same(report.by['dropped'], { 'access/memory': 5, 'error/memory': 5, 'app/memory': 5 })
})

const volume = tmpfs(8)
const skip = volume === undefined ? 'this user may not mount a file system of its own' : false
t.test('a full disk stops nothing: lines are dropped, counted, and taken again when it has room', { skip }, async t => {
  const directory = shortDirectory(t)
  const root = join(directory, 'root')
  const env = {
    ...observed,
    SLUICE_DATA_DIR: volume ?? '',
    SLUICE_FILE_DIRECTORY: join(root, 'files/delivered'),
    SLUICE_SPOOL_WRITE_BUFFER_BYTES: '256KiB',
    SLUICE_SPOOL_MAX_STALL: '100ms',
  }
  const sluice = startSluice(t, { directory, env })
  const operator = await askAt(sluice)
  await sendRecords(sluice.socketPath, lines(10, 'before'))
  await until('everything is delivered', () => operator.health(), ({ ledger }) => ledger.pending.total === 0)

  const filler = join(volume ?? '', 'filler')
  fill(filler)
  await sendRecords(sluice.socketPath, lines(3000, 'during', 'x'.repeat(500)))
  const { routes, ledger } = await until('lines are dropped', () => operator.health(), health => health.ledger.dropped.total > 0)
  t.match(routes['access']?.summary, /dropped since the start/)
  t.ok(ledger.isBalanced)
  t.equal(await operator.live(), 200)

  rmSync(filler)
  await until('everything kept is delivered', () => operator.health(), health => health.ledger.pending.total === 0)
  const after = lines(10, 'after')
  // A quota that was taken back comes back within a tick.
  await until('lines are taken again', async () => (await sendForAcks(sluice.socketPath, [after])).length, count => count > 0)
  sluice.kill('SIGTERM')
  t.equal(await sluice.exited, 74, sluice.output())
  const report = sluice.report()
  t.match(report, { level: 'error', balanced: true, pending: 0 })
  t.same(Object.keys(report.by['dropped'] ?? {}).filter(key => !/\/(memory|quota|disk_full)$/.test(key)), [])
  const found = delivered(root)
  t.equal(report.delivered, found.length)
  t.equal(found.filter(line => line.includes('before')).length, 30)
  t.ok(found.filter(line => line.includes('after')).length >= 30)
})

t.test('while somebody fills the disk, lines go on by way of what the spool holds of it', { skip }, async t => {
  const directory = shortDirectory(t)
  const root = join(directory, 'root')
  const env = { ...observed, SLUICE_DATA_DIR: volume ?? '', SLUICE_FILE_DIRECTORY: join(root, 'files/delivered') }
  const sluice = startSluice(t, { directory, env })
  await sluice.printed(/"started"/)
  // In a segment that is open for a minute.
  const held = lines(300, 'held', 'x'.repeat(500))
  t.equal((await sendForAcks(sluice.socketPath, [held])).length, held.length)
  fill(join(volume ?? '', 'filler'))
  // More than what the last block has room for, and less than the quota.
  const during = lines(20, 'during', 'x'.repeat(500))
  await sendRecords(sluice.socketPath, during)
  await until('what the disk holds is delivered', () => delivered(root).filter(line => line.includes('held')).length,
    count => count === held.length)
  sluice.kill('SIGTERM')
  t.equal(await sluice.exited, 0, sluice.output())
  t.same(delivered(root), sentLines([...held, ...during]), 'and so is the rest, on the same disk')
  rmSync(join(volume ?? '', 'filler'))
})

t.test('a port in use costs the health page until it is free, and no record', async t => {
  const holder = createServer().listen(0, '127.0.0.1')
  await once(holder, 'listening')
  const address = holder.address()
  const port = typeof address === 'object' ? address?.port ?? 0 : 0
  const sluice = startSluice(t, { env: { ...observed, SLUICE_HTTP: `127.0.0.1:${port}` } })
  await sluice.printed(/"http cannot listen, trying again"/)
  await sluice.printed(/"started"/)
  const sent = lines(5)
  t.equal((await sendForAcks(sluice.socketPath, [sent])).length, sent.length)
  holder.close()
  const operator = await askAt(sluice)
  t.equal(await operator.live(), 200)
  sluice.kill('SIGTERM')
  t.equal(await sluice.exited, 0, sluice.output())
  t.match(sluice.report(), { balanced: true, delivered: 15, dropped: 0 })
})

/** A file system of so many MiB; undefined where this user may not mount one. */
function tmpfs (mebibytes: number): string | undefined {
  const directory = shortDirectory(t)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', directory], { stdio: 'ignore' })
  } catch {
    return undefined
  }
  // Lazily: a process that a failed test left may still have files open.
  t.teardown(() => execFileSync('umount', ['--lazy', directory]))
  return directory
}

function fill (path: string): void {
  const file = openSync(path, 'w')
  try {
    for (const block = Buffer.alloc(4096); ;) writeSync(file, block)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  } finally {
    closeSync(file)
  }
}
