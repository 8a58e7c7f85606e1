import { execFileSync, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import t from 'tap'
import { systemClock } from '../../src/contracts/clock.ts'
import { systemDisk } from '../../src/spool/disk.ts'
import { beatMs, isGone, overdueMs, readLease, takeLease, type Lease, type LeaseOptions } from '../../src/spool/lease.ts'
import { systemProcesses, type Processes } from '../../src/spool/processes.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { testProcesses } from './open-test-spool.ts'
import { MemoryDisk } from './memory-disk.ts'

const directory = '/data/host'
const path = `${directory}/lock`

interface World {
  readonly options: LeaseOptions
  readonly disk: MemoryDisk
  readonly clock: ManualClock
  readonly lost: Lease[]
}

function worldOf (processes: Processes, disk = new MemoryDisk(), clock = new ManualClock()): World {
  const lost: Lease[] = []
  return { options: { disk, clock, processes, onLost: lease => lost.push(lease) }, disk, clock, lost }
}

/** A process whose PID namespace is its own: of it nothing is known to others. */
const elsewhere = (pid: number) => testProcesses(pid, { place: async () => `namespace ${pid}`, startOf: async () => '1' })

async function taken (options: LeaseOptions, overdue?: string): Promise<Lease> {
  const lease = await takeLease(options, directory, overdue)
  if (lease === undefined) throw new Error('a lease was expected')
  return lease
}

t.test('a lease says who holds it, changes with every beat, and is gone after it was given back', async t => {
  const { options, disk, clock } = worldOf(testProcesses(7))
  const lease = await taken(options)
  t.match(JSON.parse(disk.content(path).toString()), { pid: 7, started: '1', place: 'here', owner: /^[0-9a-f]{32}$/ })
  const texts = new Set<string>()
  for (let beat = 0; beat < 3; beat++) {
    texts.add(disk.content(path).toString())
    await clock.advance(beatMs)
    await lease.beat()
    t.ok(lease.isFresh)
  }
  t.equal(texts.size, 3)
  t.equal(new Set([...texts].map(text => text.length)).size, 1, 'all as long: it is written over in place')
  await lease.release()
  t.same(disk.paths(), [])
  await lease.release()
})

t.test('an ordinary beat is one small write, and a look', async t => {
  const { options, disk } = worldOf(testProcesses(7))
  const lease = await taken(options)
  await lease.beat()
  const before = disk.operations.length
  await lease.beat()
  t.same(disk.operations.slice(before), ['writev', 'readText'])
})

t.test('a directory of a process that lives, or of which nothing is known, is left to it', async t => {
  for (const [name, other] of Object.entries({
    'in another PID namespace': elsewhere(8),
    'its start is the same': testProcesses(8, { startOf: async () => '1' }),
    'its start is not known': testProcesses(8, { startOf: async () => undefined }),
    'another spool of the same process': testProcesses(7),
  })) {
    const { options, disk, clock } = worldOf(testProcesses(7))
    await taken(options)
    t.equal(await takeLease(worldOf(other, disk, clock).options, directory), undefined, name)
  }
  for (const text of ['', '{"pid":', 'null', '{}', '{"pid":-1,"owner":"x","beat":"1","place":"here"}']) {
    const { options, disk } = worldOf(testProcesses(7))
    disk.put(path, text)
    t.equal(await takeLease(options, directory), undefined, `what cannot be understood: ${text}`)
    t.ok(await takeLease(options, directory, text), 'until it is overdue')
  }
})

t.test('a directory of a process that is known to be gone is taken at once', async t => {
  const container = async () => 'one'
  for (const [name, [before, after]] of Object.entries({
    'it has ended': [testProcesses(7), testProcesses(8)],
    'its id belongs to another process': [testProcesses(7), testProcesses(8, { startOf: async pid => pid === 8 ? '1' : '2' })],
    'the container was started again, and its PID namespace is another': [
      testProcesses(1, { place: async () => 'a', container, startOf: async () => '1' }),
      testProcesses(1, { place: async () => 'b', container, startOf: async () => '2' }),
    ],
  } as const)) {
    const { options, disk } = worldOf(before)
    await taken(options)
    t.ok(await isGone(disk.content(path).toString(), after))
    t.ok(await takeLease(worldOf(after, disk).options, directory), name)
    t.same(disk.paths(), [path], `${name}: nothing else is left`)
  }
})

t.test('a directory on a full disk is taken all the same: that of the process before makes room', async t => {
  const { options, disk } = worldOf(testProcesses(7))
  await taken(options)
  disk.fault = operation => operation === 'createText' && disk.paths().length > 0 ? 'ENOSPC' : undefined
  t.ok(await takeLease(worldOf(testProcesses(8), disk).options, directory))
})

t.test('of two that find the same overdue lease, one gets the directory', async t => {
  for (let round = 0; round < 25; round++) {
    const { options, disk } = worldOf(elsewhere(5))
    await taken(options)
    const text = disk.content(path).toString()
    const [a, b] = [worldOf(elsewhere(7), disk), worldOf(elsewhere(8), disk)]
    const first = takeLease(a.options, directory, text)
    for (let turn = 0; turn < round; turn++) await new Promise(resolve => setImmediate(resolve))
    const second = takeLease(b.options, directory, text)
    const leases = [await first, await second].filter(lease => lease !== undefined)
    t.equal(leases.length, 1, `the second ${round} turns later`)
    await leases[0]?.confirm()
    t.same([...a.lost, ...b.lost], [])
  }
})

t.test('an owner that beats while another judges it overdue keeps the directory', async t => {
  for (let round = 0; round < 15; round++) {
    const { options, disk, clock, lost } = worldOf(elsewhere(5))
    const lease = await taken(options)
    await lease.beat()
    const text = disk.content(path).toString()
    const taking = takeLease(worldOf(elsewhere(7), disk, clock).options, directory, text)
    for (let turn = 0; turn < round; turn++) await new Promise(resolve => setImmediate(resolve))
    await lease.beat()
    const other = await taking
    await clock.advance(overdueMs)
    await lease.confirm().catch(() => undefined)
    t.equal(lost.length, other === undefined ? 0 : 1, `beaten ${round} turns later: one of them has it`)
    const [holder] = other === undefined ? [lease] : [other]
    const before = await readLease(disk, directory)
    await holder.beat()
    await holder.beat()
    t.not(await readLease(disk, directory), before, 'and its beats are seen')
  }
})

t.test('a process that was paused finds its lease taken before it goes on, and says so once', async t => {
  const { options, disk, clock, lost } = worldOf(elsewhere(5))
  const lease = await taken(options)
  t.ok(lease.isFresh)
  const text = disk.content(path).toString()
  await clock.advance(overdueMs)
  t.notOk(lease.isFresh, 'long before another may take it, it has to look')
  await taken(worldOf(elsewhere(7), disk, clock).options, text)
  const theirs = disk.content(path).toString()
  await t.rejects(lease.confirm(), /another process has taken/)
  await t.rejects(lease.confirm(), /another process has taken/)
  await lease.beat()
  t.equal(lost.length, 1)
  t.ok(lease.isLost)
  await lease.release()
  t.equal(disk.content(path).toString(), theirs, 'the other\'s is not touched')
})

t.test('a disk that takes no beats keeps nobody from what it still does: each look says whose it is', async t => {
  const { options, disk, clock } = worldOf(testProcesses(5))
  const lease = await taken(options)
  disk.fault = operation => operation === 'writev' ? 'ENOSPC' : undefined
  await clock.advance(overdueMs)
  await lease.confirm()
  t.notOk(lease.isFresh, 'so the next one looks again')
  disk.fault = operation => operation === 'readText' ? 'EIO' : undefined
  await t.rejects(lease.confirm(), { code: 'EIO' }, 'what cannot be found out is no permission')
  disk.fault = () => undefined
  await lease.confirm()
  t.ok(lease.isFresh)
})

t.test('a file that cannot be read is not left open', async t => {
  const { options, disk } = worldOf(testProcesses(5))
  const lease = await taken(options)
  let openCount = 0
  const open = disk.open.bind(disk)
  disk.open = async (at, mode) => {
    const file = await open(at, mode)
    openCount++
    return { ...file, close: async () => { openCount--; await file.close() } }
  }
  disk.fault = operation => operation === 'read' || operation === 'readText' ? 'EIO' : undefined
  for (let beat = 0; beat < 3; beat++) await lease.beat()
  t.equal(openCount, 0)
  disk.fault = () => undefined
  await lease.confirm()
  t.ok(lease.isFresh)
  t.equal(openCount, 1)
})

t.test('a lease that somebody deleted, with its directory, is made anew', async t => {
  const { options, disk, lost } = worldOf(testProcesses(5))
  const lease = await taken(options)
  await lease.beat()
  disk.deleteTree('/data')
  await lease.beat()
  t.ok((await readLease(disk, directory))?.includes('"beat"'))
  t.same(lost, [])
})

t.test('what the disk refuses is passed on', async t => {
  for (const operation of ['makeDirectory', 'createText', 'readText', 'rename'] as const) {
    const { options, disk } = worldOf(testProcesses(7))
    disk.put(path, 'overdue')
    disk.fault = asked => asked === operation ? 'EROFS' : undefined
    await t.rejects(takeLease(options, directory, 'overdue'), { code: 'EROFS' })
  }
})

t.test('a real process keeps its directory while it lives, and not when it was killed', async t => {
  const real: LeaseOptions = { disk: systemDisk, clock: systemClock, processes: systemProcesses, onLost: () => {} }
  const at = join(t.testdir(), 'host')
  const child = fork(join(import.meta.dirname, 'lease-holder.ts'), [at], { execArgv: [] })
  t.same(await once(child, 'message').then(([word]: unknown[]) => word), 'taken')
  t.equal(await takeLease(real, at), undefined)
  child.kill('SIGKILL')
  await once(child, 'exit')
  const lease = await takeLease(real, at)
  t.ok(lease)
  await lease?.beat()
  t.ok(lease?.isFresh)
  await lease?.release()
})

t.test('what is no file in the place of a lease is one that somebody else holds', async t => {
  const { clock } = worldOf(testProcesses(7))
  const options = { disk: systemDisk, clock, processes: testProcesses(7), onLost: () => {} }
  const root = t.testdir({ link: { lock: t.fixture('symlink', 'nowhere') }, directory: { lock: {} }, pipe: {} })
  execFileSync('mkfifo', [join(root, 'pipe/lock')])
  for (const each of ['link', 'directory', 'pipe']) t.equal(await takeLease(options, join(root, each)), undefined, each)
})
