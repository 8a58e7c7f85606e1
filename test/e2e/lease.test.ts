import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { deliveredLines } from '../support/delivered.ts'
import type { SentRecord } from '../support/forward-frames.ts'
import { askAt, observed } from '../support/operator.ts'
import { sendForAcks, sendRecords } from '../support/sender.ts'
import { shortDirectory, startSluice } from '../support/sluice-process.ts'
import { until } from '../support/until.ts'

const access = (path: string): SentRecord =>
  ({ timeMs: Date.now(), fields: { source: 'stdout', log: `{"status":200,"request":"GET /${path}"}`, container_name: '/web' } })
const linesOf = (records: readonly SentRecord[]) => records.map(({ fields }) => fields['log'] ?? '').sort()
const one = (name: string) => Array.from({ length: 20 }, (_, n) => access(`${name}/${n}`))

/** A lease is overdue after twenty seconds, and the machine may be busy. */
const long = { timeout: 120_000 }
t.setTimeout(300_000)

/** Nothing is delivered before the stop. */
const slow = { SLUICE_OBJECTS_MAX_AGE: '1h' }

t.test('what a second process on the same host left is delivered at once, under its own name, and its directory removed', long, async t => {
  const directory = shortDirectory(t)
  const first = startSluice(t, { directory, env: { ...observed, SLUICE_FILE_DIRECTORY: join(directory, 'x/delivered') } })
  await askAt(first)
  const env = { ...slow, SLUICE_UNIX_SOCKET: join(directory, 'second.sock'), SLUICE_FILE_DIRECTORY: join(directory, 'x/delivered') }
  const second = startSluice(t, { directory, env })
  await second.printed(/"msg":"started"/)
  const sent = one('second')
  t.equal((await sendForAcks(join(directory, 'second.sock'), [sent])).length, 20)
  t.ok(existsSync(join(first.dataDir, 'task1-2/lock')))
  second.kill('SIGKILL')
  await second.exited
  await first.printed(/spool of a process that ended is taken over/)
  await until('it is delivered', async () => deliveredLines(directory).access.length, count => count === 20)
  t.same([...deliveredLines(directory).access].sort(), linesOf(sent))
  const [hour = ''] = readdirSync(join(directory, 'x/delivered/access'), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.gz'))
  t.match(hour, /task1-2-\d{10}/, 'the key has its name')
  await until('nothing of it is left', async () => existsSync(join(first.dataDir, 'task1-2')), isThere => !isThere)
  first.kill('SIGTERM')
  await first.exited
  t.match(first.report(), { balanced: true, recovered: 20, delivered: 20, left: {} })
})

t.test('two PID namespaces on one data directory: the living one is left alone, and so is every line of it', {
  ...long, skip: spawnSync('unshare', ['--pid', '--fork', 'true']).status !== 0 && 'no PID namespaces here',
}, async t => {
  const directory = shortDirectory(t)
  const first = startSluice(t, { directory, env: slow })
  await first.printed(/"msg":"started"/)
  const sent = one('first')
  t.equal((await sendForAcks(first.socketPath, [sent])).length, 20)
  // As process 1 of a container, which is another one than it is here.
  const script = 'exec unshare --pid --fork --mount-proc "$0" "$@"'
  const socket = join(directory, 'second.sock')
  const second = startSluice(t, {
    directory, env: { ...slow, SLUICE_UNIX_SOCKET: socket }, through: ['sh', '-c', script],
  })
  await second.printed(/"msg":"started"/)
  t.match(second.output(), /another process holds the spool of this host/)
  const more = one('second')
  t.equal((await sendForAcks(socket, [more])).length, 20)
  t.same(readdirSync(first.dataDir).sort(), ['task1', 'task1-2'])
  first.kill('SIGTERM')
  await first.exited
  t.match(first.report(), { balanced: true, received: 20, delivered: 20, dropped: 0 })
  const [child = ''] = readFileSync(`/proc/${second.pid}/task/${second.pid}/children`, 'utf8').split(' ')
  process.kill(Number(child), 'SIGTERM')
  await second.exited
  t.match(second.report(), { balanced: true, received: 20, delivered: 20, dropped: 0 })
})

t.test('a process that was stopped while another took its directory goes on in another one, and nothing is lost', long, async t => {
  const directory = shortDirectory(t)
  const env = { SLUICE_HTTP: 'off', SLUICE_SPOOL_SYNC: 'never', ...slow }
  const paused = startSluice(t, { directory, env })
  await paused.printed(/"msg":"started"/)
  const before = one('before')
  t.equal((await sendForAcks(paused.socketPath, [before])).length, 20)
  paused.kill('SIGSTOP')
  // Of another machine, as far as its words go: only its heartbeat tells that it lives.
  const lock = join(paused.dataDir, 'task1/lock')
  const told = JSON.parse(readFileSync(lock, 'utf8')) as Record<string, unknown>
  writeFileSync(lock, `${JSON.stringify({ ...told, place: 'another machine', container: 'another' })}\n`)
  const other = startSluice(t, {
    directory, env: { ...observed, SLUICE_UNIX_SOCKET: join(directory, 'other.sock'), SLUICE_HOST_ID: 'other' },
  })
  await other.printed(/spool of a process that ended is taken over/)
  await until('they are delivered', async () => deliveredLines(other.dataDir).access.length, count => count === 20)
  paused.kill('SIGCONT')
  await paused.printed(/another process has taken the spool directory[^]*another process holds the spool of this host/)
  const after = one('after')
  t.equal((await sendForAcks(paused.socketPath, [after])).length, 20)
  paused.kill('SIGTERM')
  await paused.exited
  t.match(paused.report(), { balanced: true, received: 40, delivered: 20, by: { dropped: { 'access/taken': 20 } } })
  t.notOk(existsSync(join(paused.dataDir, 'task1/delivered')), 'it writes no file to the directory that is the other\'s')
  t.ok(existsSync(join(paused.dataDir, 'task1-2/delivered')))
  other.kill('SIGTERM')
  await other.exited
  t.match(other.report(), { balanced: true, recovered: 20, delivered: 20, dropped: 0 })
  t.same([...deliveredLines(other.dataDir).access].sort(), linesOf([...before, ...after]), 'each line is there once')
})

t.test('neither a symbolic link nor a directory named like a segment is sent, and the others are', long, async t => {
  const directory = shortDirectory(t)
  const at = join(directory, 'data/task1/spool/access/_')
  mkdirSync(join(at, `2026112310-${'e'.repeat(32)}-1-5-00000000.ndjson`), { recursive: true })
  writeFileSync(join(directory, 'secret'), 'secret\n')
  symlinkSync(join(directory, 'secret'), join(at, `2026112310-${'e'.repeat(32)}-2-1-00000000.ndjson`))
  symlinkSync(join(directory, 'secret'), join(at, `2026112310-${'e'.repeat(32)}-3.open`))
  const sluice = startSluice(t, { directory, env: observed })
  await askAt(sluice)
  await sendRecords(sluice.socketPath, [access('one')])
  await until('it is delivered', async () => deliveredLines(sluice.dataDir).access.length, count => count === 1)
  await sluice.printed(/segment cannot be read and is set aside/)
  t.match(sluice.output(), /unknown files left alone in the spool/)
  sluice.kill('SIGTERM')
  await sluice.exited
  t.match(sluice.report(), { balanced: true, recovered: 5, delivered: 1, by: { dropped: { 'access/damaged': 5 } }, left: {} })
  t.same(deliveredLines(sluice.dataDir).access, linesOf([access('one')]))
  t.equal(readFileSync(join(directory, 'secret'), 'utf8'), 'secret\n')
})
