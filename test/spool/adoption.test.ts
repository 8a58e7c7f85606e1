import t from 'tap'
import { turns } from '../support/manual-clock.ts'
import {
  bootA, bootB, linesOf, openTestSpool, recount, settleAll, takeReady, testProcesses, type TestSpool,
} from './open-test-spool.ts'
import { MemoryDisk } from './memory-disk.ts'

const about = { destinations: { 'route access': 's3://bucket' }, names: { cluster: 'one' } }
/** A process of which the others can see nothing: only its heartbeat tells that it lives. */
const elsewhere = (pid: number) => testProcesses(pid, { place: async () => `namespace ${pid}`, startOf: async () => '1' })

/** What a process of host `gone` leaves that is killed with two lines in files and one in memory. */
async function killed (pid = 5): Promise<TestSpool> {
  const before = await openTestSpool({ hostId: 'gone', boot: bootA, about, processes: elsewhere(pid) })
  before.append('one', { container: 'web' })
  await before.spool.sealAll()
  before.append('two', { container: 'web' })
  await before.spool.stored()
  before.append('in memory')
  return before
}

const gaugeOf = ({ metrics }: TestSpool, state: string) =>
  [...metrics.series('sluice_spool_directories')].find(({ labels }) => labels[0] === state)

t.test('the directory of a process that is known to be gone is taken over at once, under its own name', async t => {
  const before = await openTestSpool({ hostId: 'gone', boot: bootA, about, processes: testProcesses(5) })
  before.append('one', { container: 'web' })
  await before.spool.stored()
  const disk = before.disk.afterCrash()
  const after = await openTestSpool({ boot: bootB, about, disk, processes: testProcesses(6) })
  await after.clock.advance(1000)
  await turns(50)
  t.match(after.ledger.snapshot(), { recovered: { by: { access: 1 } }, pending: { total: 1 }, isBalanced: true })
  t.equal(after.messages().filter(message => message === 'spool of a process that ended is taken over').length, 1)
  t.match(gaugeOf(after, 'adopted'), { value: 1 })
  const segment = await takeReady(after.access)
  t.same(segment && linesOf(disk, segment), ['one'])
  t.match(segment, { container: 'web', names: { task: 'gone', cluster: 'one' } })
  t.ok(after.access.bytes > 0, 'it counts in the quota')
  if (segment !== undefined) await settleAll(after.access, segment)
  await after.clock.advance(12_000)
  await turns(50)
  t.match(after.ledger.snapshot(), { pending: { total: 0 } })
  t.same(disk.paths().filter(path => path.startsWith('/data/gone')), [])
  t.notOk(disk.directories().includes('/data/gone'), 'and what is empty is removed')
  t.match(gaugeOf(after, 'adopted'), { value: 0 })
  await after.spool.close()
})

t.test('one whose heartbeat is overdue is taken over within 30 s of the start, not before 20', async t => {
  const disk = (await killed()).disk.afterCrash()
  const after = await openTestSpool({ boot: bootB, about, disk, processes: elsewhere(6) })
  for (let second = 0; second < 20; second++) await after.clock.advance(1000)
  await turns(50)
  t.equal(after.ledger.snapshot().recovered.total, 0)
  for (let second = 0; second < 6; second++) await after.clock.advance(1000)
  await turns(50)
  t.match(after.ledger.snapshot(), { recovered: { by: { access: 2 } }, pending: { total: 2 }, isBalanced: true })
  t.equal(recount(disk), 2)
  await after.spool.close()
  t.notOk(disk.paths().includes('/data/gone/lock'), 'it is given back with what is left')
})

t.test('the directory of a process that lives is never taken, however long it says nothing but its heartbeat', async t => {
  const disk = new MemoryDisk()
  const living = await openTestSpool({ hostId: 'gone', boot: bootA, about, processes: elsewhere(5), disk })
  living.append('one')
  const { clock } = living
  const other = await openTestSpool({ boot: bootB, about, disk, clock, processes: elsewhere(6) })
  for (let second = 0; second < 100; second++) await clock.advance(1000)
  t.equal(other.ledger.snapshot().recovered.total, 0)
  t.ok(await living.spool.stored())
  await living.spool.close()
  t.equal(other.ledger.snapshot().recovered.total, 0, 'nor at once when it ends: it may be started again')
  for (let second = 0; second < 60; second++) await clock.advance(1000)
  await turns(50)
  t.equal(other.ledger.snapshot().recovered.total, 1)
  await other.spool.close()
})

t.test('while a disk hangs for both, nobody is taken for gone', async t => {
  const disk = new MemoryDisk()
  const living = await openTestSpool({ hostId: 'gone', boot: bootA, about, processes: elsewhere(5), disk })
  const { clock } = living
  living.append('one')
  await living.spool.stored()
  const other = await openTestSpool({ boot: bootB, about, disk, clock, processes: elsewhere(6) })
  for (let second = 0; second < 12; second++) await clock.advance(1000)
  disk.hang()
  for (let second = 0; second < 120; second++) await clock.advance(1000)
  disk.resume()
  await turns(100)
  for (let second = 0; second < 60; second++) await clock.advance(1000)
  t.equal(other.ledger.snapshot().recovered.total, 0)
  t.match(living.ledger.snapshot(), { dropped: { total: 0 }, pending: { total: 1 } })
  await living.spool.close()
  await other.spool.close()
})

t.test('of two processes that find one, one takes it over', async t => {
  const disk = (await killed()).disk.afterCrash()
  const a = await openTestSpool({ hostId: 'a', boot: 'c'.repeat(32), about, disk, processes: elsewhere(6) })
  const b = await openTestSpool({ hostId: 'b', boot: 'd'.repeat(32), about, disk, clock: a.clock, processes: elsewhere(7) })
  for (let second = 0; second < 30; second++) await a.clock.advance(1000)
  await turns(100)
  t.same([a, b].map(({ ledger }) => ledger.snapshot().recovered.total).sort(), [0, 2])
  await a.spool.close()
  await b.spool.close()
})

t.test('a directory whose lines go elsewhere is left, named and counted, with the command to run', async t => {
  for (const theirs of [{ ...about, destinations: { 'route access': 's3://other' } }, undefined]) {
    const before = await openTestSpool({
      hostId: 'gone', boot: bootA, processes: testProcesses(5), ...theirs === undefined ? {} : { about: theirs },
    })
    before.append('one')
    await before.spool.stored()
    const disk = before.disk.afterCrash()
    if (theirs === undefined) await disk.remove('/data/gone/about.json')
    const after = await openTestSpool({ boot: bootB, about, disk, processes: testProcesses(6) })
    for (let second = 0; second < 60; second++) await after.clock.advance(1000)
    t.equal(after.ledger.snapshot().recovered.total, 0)
    t.equal(after.messages().filter(message => /left alone: its lines go elsewhere/.test(String(message))).length, 1)
    t.match(after.lines().find(line => 'advice' in line)?.['advice'], /^sluice replay \/data\/gone delivers it here$/)
    t.match(gaugeOf(after, 'left'), { value: 1 })
    t.equal(recount(disk), 1)
    t.ok(disk.paths().includes('/data/gone/lock'), 'nothing of it is touched')
    await after.spool.close()
  }
})

t.test('what is no spool is left alone and not counted', async t => {
  const disk = new MemoryDisk()
  disk.put('/data/notes/readme.txt', 'kept')
  disk.put('/data/empty/spool/access/_/notes.txt', 'kept')
  const { spool, clock, messages, metrics } = await openTestSpool({ disk, about })
  for (let second = 0; second < 40; second++) await clock.advance(1000)
  t.same(messages(), [])
  t.same([...metrics.series('sluice_spool_directories')].map(({ labels, ...rest }) => rest), [{ value: 0 }, { value: 0 }])
  await spool.close()
})

t.test('a process that is to adopt nothing leaves the directories of others as they are', async t => {
  const before = await openTestSpool({ hostId: 'gone', boot: bootA, about, processes: testProcesses(5) })
  before.append('one')
  await before.spool.stored()
  const disk = before.disk.afterCrash()
  const after = await openTestSpool({ boot: bootB, about, disk, adopts: false, processes: testProcesses(6) })
  for (let second = 0; second < 30; second++) await after.clock.advance(1000)
  await turns(50)
  t.equal(after.ledger.snapshot().recovered.total, 0)
  t.equal(recount(disk), 1)
  await after.spool.close()
})

/** What a process of `hostId` leaves on `disk`, that is killed with a line in a sealed file. */
async function leave (disk: MemoryDisk, hostId: string, boot: string): Promise<void> {
  const before = await openTestSpool({ hostId, boot, about, disk, processes: testProcesses(5) })
  before.append(`of ${hostId}`, { container: 'web' })
  await before.spool.sealAll()
}

t.test('one that somebody deletes, or that refuses something, keeps no other from being looked after', async t => {
  for (const trouble of ['deleted', 'refused', 'hidden']) {
    const disk = new MemoryDisk()
    await leave(disk, 'first', bootA)
    if (trouble === 'hidden') disk.fault = (operation, path) => operation === 'readText' && path === '/data/first/lock' ? 'EACCES' : undefined
    const after = await openTestSpool({ boot: bootB, about, disk, processes: testProcesses(6) })
    await after.clock.advance(6_000)
    const segment = await takeReady(after.access)
    t.equal(segment !== undefined, trouble !== 'hidden')
    if (segment !== undefined) await settleAll(after.access, segment)
    if (trouble === 'deleted') disk.deleteTree('/data/first')
    if (trouble === 'refused') disk.fault = (operation, path) => operation === 'list' && path === '/data/first/spool' ? 'EACCES' : undefined
    await leave(disk, 'second', 'c'.repeat(32))
    await after.clock.advance(12_000)
    const second = await takeReady(after.access)
    t.same(second && linesOf(disk, second), ['of second'], trouble)
    const before = disk.content('/data/second/lock').toString()
    await after.clock.advance(6_000)
    t.not(disk.content('/data/second/lock').toString(), before, `${trouble}: it is kept meanwhile`)
    if (trouble === 'deleted') t.notOk(disk.directories().includes('/data/first'), 'and nothing is left of the other')
    await after.spool.close()
  }
})

t.test('the lease of one is kept however long its recovery takes', async t => {
  const disk = new MemoryDisk()
  await leave(disk, 'gone', bootA)
  const { promise, resolve } = Promise.withResolvers<void>()
  const after = await openTestSpool({ boot: bootB, about, disk, processes: testProcesses(6) })
  disk.delay = (operation, path) => operation === 'stat' && path.endsWith('.ndjson') ? promise : undefined
  const other = await openTestSpool({ hostId: 'other', boot: 'd'.repeat(32), about, disk, clock: after.clock, processes: elsewhere(7) })
  for (let second = 0; second < 60; second++) await after.clock.advance(1000)
  resolve()
  await turns(50)
  t.same([after, other].map(({ ledger }) => ledger.snapshot().recovered.total), [1, 0])
  await after.spool.close()
  await other.spool.close()
})
