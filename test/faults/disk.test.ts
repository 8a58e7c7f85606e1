import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import type { DiskTrouble } from '../support/broken-disk.ts'
import { createHooks } from '../support/hooks.ts'
import { askAt } from '../support/operator.ts'
import { linesInAws, startScenario } from '../support/scenario.ts'
import { shortDirectory } from '../support/sluice-process.ts'
import { uniqueLines } from '../support/unique-lines.ts'
import { until } from '../support/until.ts'

t.setTimeout(1_800_000)

const troubleMs = 1000

interface Case {
  readonly words: string
  readonly trouble: Omit<DiskTrouble, 'path'>
  readonly env?: Readonly<Record<string, string>>
  readonly padding?: string
  /** What cannot be taken is dropped and not acked. */
  readonly mayDrop?: readonly string[]
}

const cases: readonly Case[] = [
  { words: 'fails to write (EIO)', trouble: { operations: ['write'], code: 'EIO' }, mayDrop: ['memory'] },
  { words: 'has no space (ENOSPC)', trouble: { operations: ['write'], code: 'ENOSPC' }, mayDrop: ['memory'] },
  { words: 'hangs in writes', trouble: { operations: ['write'], code: 'hang' }, mayDrop: ['memory'] },
  { words: 'fails to rename (EIO)', trouble: { operations: ['rename'], code: 'EIO' } },
  {
    words: 'fails to fsync (EIO)',
    trouble: { operations: ['sync'], code: 'EIO' },
    env: { SLUICE_SPOOL_SYNC: 'always' },
    mayDrop: ['memory'],
  },
  // With more in each segment than what is kept of it in memory.
  { words: 'fails to read (EIO)', trouble: { operations: ['read'], code: 'EIO' }, padding: 'x'.repeat(1000), mayDrop: ['damaged'] },
  { words: 'fails to open (EMFILE)', trouble: { operations: ['open'], code: 'EMFILE' }, mayDrop: ['memory'] },
  { words: 'fails to remove (EROFS)', trouble: { operations: ['remove'], code: 'EROFS' } },
]

for (const { words, trouble, env = {}, padding = '', mayDrop = [] } of cases) {
  t.test(`a disk that ${words} for a second loses nothing that was acked, and goes on by itself`, async t => {
    const hooks = createHooks(shortDirectory(t))
    const scenario = await startScenario(t, { env: { ...hooks.env, SLUICE_SPOOL_MAX_STALL: '500ms', ...env } })
    const sluice = await scenario.start()
    await scenario.sendForAcks(sluice, uniqueLines('before', 50, { padding }))
    hooks.breakDisk({ ...trouble, path: '/spool/' })
    const broken = new AbortController()
    const mended = delay(troubleMs).then(() => {
      hooks.mendDisk()
      broken.abort()
    })
    // A chunk that waits for the disk waits for its ack.
    for (let round = 0; !broken.signal.aborted; round++) {
      await scenario.sendForAcks(sluice, uniqueLines(`during-${round}`, 50, { padding }))
      await delay(20)
    }
    await mended
    let tries = 0
    await until('it takes lines again', async () => {
      return (await scenario.sendForAcks(sluice, uniqueLines(`after-${tries++}`, 10))).length
    }, count => count === 30)
    const report = await scenario.stop(sluice, 'any')
    t.equal(report.pending, 0)
    t.comment(`${scenario.sent.length} sent, ${scenario.acked.length} acked, dropped ${JSON.stringify(report.by['dropped'])}`)
    scenario.balance(t, { refusedCount: 'unacked', mayDrop })
  })
}

t.test('a disk that hangs in writes for longer than senders wait drops the newest as `memory`, all of them counted', async t => {
  const hooks = createHooks(shortDirectory(t))
  const scenario = await startScenario(t, {
    env: { ...hooks.env, SLUICE_SPOOL_MAX_STALL: '200ms', SLUICE_SPOOL_WRITE_BUFFER_BYTES: '256KiB' },
  })
  const sluice = await scenario.start()
  hooks.breakDisk({ operations: ['write'], code: 'hang', path: '/spool/' })
  await scenario.send(sluice, uniqueLines('during', 3000, { padding: 'x'.repeat(200) }))
  hooks.mendDisk()
  const report = await scenario.stop(sluice, 'any')
  t.ok(report.dropped > 0 && report.delivered > 0, `${report.dropped} dropped, ${report.delivered} delivered`)
  t.equal(report.exitCode, 74)
  scenario.balance(t, { mayDrop: ['memory'] })
})

t.test('the torn tail that a crash leaves is cut off, and every line before it is delivered', async t => {
  const scenario = await startScenario(t, { env: { SLUICE_OBJECTS_MAX_AGE: '1h', SLUICE_EVENTS_MAX_AGE: '1m' } })
  const sluice = await scenario.start()
  await scenario.sendForAcks(sluice, uniqueLines('torn', 100))
  await scenario.kill(sluice)
  const open = globSync('*/spool/*/*/*.open', { cwd: scenario.dataDir })
  t.equal(open.length, 3, 'one of each route')
  for (const path of open) appendFileSync(join(scenario.dataDir, path), '{"status":200,"id":"access-nev')
  const next = await scenario.start()
  t.match(await scenario.stop(next), { recovered: 300, delivered: 300, dropped: 0 })
  scenario.balance(t)
})

t.test('foreign files in the spool are left alone, and what is ours is delivered', async t => {
  const scenario = await startScenario(t, { env: { SLUICE_OBJECTS_MAX_AGE: '1h', SLUICE_EVENTS_MAX_AGE: '1m' } })
  const sluice = await scenario.start()
  await scenario.sendForAcks(sluice, uniqueLines('ours', 50))
  await scenario.kill(sluice)
  const [route = ''] = globSync('*/spool/access/*', { cwd: scenario.dataDir })
  const directory = join(scenario.dataDir, route)
  const foreign = ['.nfs0000000001', 'README', '2026112310.tmp', 'core.1234', 'lost+found/x']
  mkdirSync(join(directory, 'lost+found'))
  for (const name of foreign) writeFileSync(join(directory, name), 'nobody sent this\n')
  const next = await scenario.start()
  await scenario.sendForAcks(next, uniqueLines('more', 50))
  t.match(await scenario.stop(next), { recovered: 150, delivered: 300, dropped: 0 })
  for (const name of foreign) t.equal(readFileSync(join(directory, name), 'utf8'), 'nobody sent this\n', name)
  scenario.balance(t)
})

t.test('a spool that is deleted underneath: what was in it is counted as dropped, and it goes on', async t => {
  const scenario = await startScenario(t)
  const sluice = await scenario.start()
  await scenario.send(sluice, uniqueLines('before', 50))
  const spool = join(scenario.dataDir, 'task1/spool')
  await until('the spool is there', async () => existsSync(spool), Boolean)
  // Lines may be written there meanwhile.
  rmSync(spool, { recursive: true, maxRetries: 20 })
  let round = 0
  await until('lines are delivered again', async () => {
    await scenario.send(sluice, uniqueLines(`after-${++round}`, 10))
    return linesInAws(scenario.aws).filter(({ text }) => text.includes('-after-')).length
  }, count => count > 30)
  await scenario.stop(sluice, 'any')
  scenario.balance(t, { mayDrop: ['disk', 'damaged', 'memory'] })
})

const volume = mountTmpfs()
const skip = volume === undefined ? 'this user may not mount a file system of its own' : false

t.test('a file system that becomes read-only takes nothing, loses nothing that was acked, and is used again', { skip }, async t => {
  const scenario = await startScenario(t, { env: { SLUICE_DATA_DIR: volume ?? '', SLUICE_SPOOL_MAX_STALL: '300ms' } })
  const sluice = await scenario.start()
  await scenario.sendForAcks(sluice, uniqueLines('before', 50))
  await scenario.arrived(sluice, 150)
  // The kernel refuses it while files are open for writing.
  await remount('ro')
  t.same(await scenario.sendForAcks(sluice, uniqueLines('during', 30)), [], 'nothing is acked')
  await remount('rw')
  let tries = 0
  await until('it takes lines again', async () => {
    return (await scenario.sendForAcks(sluice, uniqueLines(`after-${tries++}`, 10))).length
  }, count => count === 30)
  await scenario.stop(sluice, 'any')
  scenario.balance(t, { refusedCount: 'unacked', mayDrop: ['memory'] })
})

async function remount (mode: 'ro' | 'rw'): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      execFileSync('mount', ['-o', `remount,${mode}`, volume ?? ''], { stdio: 'ignore' })
      return
    } catch (error) {
      if (tries === 100) throw error
      await delay(50)
    }
  }
}

/** undefined where this user may not mount one. */
function mountTmpfs (): string | undefined {
  const directory = shortDirectory(t)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', directory], { stdio: 'ignore' })
  } catch {
    return undefined
  }
  t.teardown(() => execFileSync('umount', ['--lazy', directory]))
  return directory
}

t.test('a read of one segment that hangs is told, costs no other route a line, and comes with the next start', async t => {
  const hooks = createHooks(shortDirectory(t))
  const scenario = await startScenario(t, { env: hooks.env })
  const { aws, dataDir } = scenario
  const sluice = await scenario.start({ SLUICE_DELIVERY_REQUEST_TIMEOUT: '300ms', SLUICE_STOP_DEADLINE: '4s' })
  const operator = await askAt(sluice)
  aws.faults.set('s3', { mode: '500' })
  // More than what is kept of a segment in memory.
  await scenario.send(sluice, uniqueLines('stuck', 10, { only: 'access', padding: 'x'.repeat(5000) }))
  await aws.state.until(() => (aws.state.outcomes('PutObject')['InternalError'] ?? 0) > 0)
  const [path = ''] = globSync(join(dataDir, '**/spool/access/**/*.ndjson'))
  hooks.breakDisk({ operations: ['open', 'read'], code: 'hang', path })
  aws.faults.clear()
  await sluice.printed(/"code":"HANGS".*"the disk does not answer"/)
  const tries = new Set<string>()
  await until('it is tried more often than Node has threads', () => operator.health(), ({ routes: { access } }) => {
    if (access?.lastError?.reason === 'spool_read') tries.add(access.lastError.at)
    return tries.size > 10 && access?.state === 'blocked'
  })
  await scenario.send(sluice, [...uniqueLines('free', 10, { only: 'error' }), ...uniqueLines('free', 10, { only: 'app' })])
  await scenario.arrived(sluice, 20)
  t.match(await scenario.stop(sluice, 'any'), { delivered: 20, pending: 10, dropped: 0 })
  hooks.mendDisk()
  const next = await scenario.start()
  await scenario.arrived(next, 30)
  t.match(await scenario.stop(next), { recovered: 10, delivered: 10, pending: 0 })
  scenario.balance(t)
})
