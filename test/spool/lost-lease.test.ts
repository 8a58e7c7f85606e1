import t from 'tap'
import { turns, type ManualClock } from '../support/manual-clock.ts'
import {
  accessRoute, bootA, bootB, linesOf, openTestSpool, recount, settleAll, takeReady, testProcesses, type TestSpool,
} from './open-test-spool.ts'
import type { MemoryDisk, Operation } from './memory-disk.ts'

const elsewhere = (pid: number) => testProcesses(pid, { place: async () => `namespace ${pid}`, startOf: async () => '1' })

/** Another process that sees nothing of the first but its lease, which stands still: it takes the directory over. */
async function takenBy (disk: MemoryDisk): Promise<TestSpool> {
  const other = await openTestSpool({ hostId: 'other', boot: bootB, disk, processes: elsewhere(6) })
  for (let second = 0; second < 26; second++) await other.clock.advance(1000)
  await turns(100)
  return other
}

/** Time passes for a process that was paused: all of it at once, so nothing of it runs in between. */
function pause (clock: ManualClock, ms: number): void {
  const { monotonicMs } = clock
  clock.monotonicMs = () => monotonicMs.call(clock) + ms
}

t.test('a process that finds its directory taken writes there no more, takes another, and loses no line uncounted', async t => {
  const paused = await openTestSpool({ boot: bootA, processes: elsewhere(5) })
  const { disk } = paused
  paused.append('sealed')
  await paused.spool.sealAll()
  paused.append('in a file')
  t.ok(await paused.spool.stored())
  paused.append('in memory')
  const other = await takenBy(disk)
  t.equal(other.ledger.snapshot().recovered.total, 2)
  const before = new Map(disk.paths().filter(path => path.startsWith('/data/host/')).map(path => [path, disk.content(path).toString()]))

  pause(paused.clock, 60_000)
  const stored = paused.spool.stored()
  await turns(100)
  t.equal(await stored, false, 'nothing is acknowledged meanwhile')
  await paused.clock.advance(2000)
  await turns(50)
  t.equal(paused.spool.directory, '/data/host-2')
  t.equal(paused.spool.instance, 'host-2')
  for (const [path, text] of before) t.equal(disk.content(path).toString(), text, path)
  t.match(paused.messages().filter(message => /another process/.test(String(message))), [
    /^another process has taken the spool directory/, 'another process holds the spool of this host',
  ])
  t.match(paused.ledger.snapshot(), { dropped: { by: { 'access/taken': 2 } }, pending: { total: 1 }, isBalanced: true })
  paused.append('afterwards')
  t.ok(await paused.spool.stored())
  await paused.spool.sealAll()
  const segment = await takeReady(paused.access)
  t.same(segment && linesOf(disk, segment), ['in memory', 'afterwards'], 'what was only in memory goes to the new directory')
  t.match(segment, { names: { task: 'host-2' } })
  t.notMatch(segment?.id, bootA, 'under names that the other cannot have')
  t.equal(paused.access.bytes, paused.access.pendingBytes)
  t.equal(recount(disk), 4, 'every line is in one place')
  t.match(other.ledger.snapshot(), { pending: { total: 2 }, isBalanced: true })
  await paused.spool.close()
  await other.spool.close()
})

t.test('a half-written line is written again as a whole', async t => {
  const paused = await openTestSpool({ boot: bootA, processes: elsewhere(5) })
  const { disk } = paused
  paused.append('first')
  paused.append('second')
  disk.maxWriteBytes = 9
  let writes = 0
  disk.fault = (operation, path) => operation === 'writev' && path.includes('/spool/') && ++writes > 1 ? 'EIO' : undefined
  t.notOk(await paused.spool.stored())
  disk.maxWriteBytes = Infinity
  disk.fault = () => undefined
  const other = await takenBy(disk)
  t.equal(other.ledger.snapshot().recovered.total, 1)
  pause(paused.clock, 60_000)
  await paused.clock.advance(3000)
  await turns(50)
  t.match(paused.ledger.snapshot(), { dropped: { by: { 'access/taken': 1 } }, pending: { total: 1 }, isBalanced: true })
  t.ok(await paused.spool.stored())
  await paused.spool.sealAll()
  const segment = await takeReady(paused.access)
  t.same(segment && linesOf(disk, segment), ['second'])
  await paused.spool.close()
  await other.spool.close()
})

t.test('what delivery holds when the directory is taken ends once: delivered, or given up', async t => {
  for (const isDelivered of [true, false]) {
    const paused = await openTestSpool({ boot: bootA, processes: elsewhere(5) })
    const { disk, access } = paused
    for (const text of ['held', 'ready']) {
      paused.append(text)
      await paused.spool.sealAll()
    }
    const held = await takeReady(access)
    if (held === undefined) throw new Error('a segment was expected')
    t.equal(held.mayBeDelivered, false)
    const other = await takenBy(disk)
    pause(paused.clock, 60_000)
    await paused.clock.advance(2000)
    await turns(50)
    t.match(paused.ledger.snapshot(), { dropped: { by: { 'access/taken': 1 } }, pending: { total: 1 }, isBalanced: true })
    t.equal(held.mayBeDelivered, true)
    if (isDelivered) {
      await settleAll(access, held)
      paused.ledger.counter('delivered', 'access').value++
    } else {
      access.release(held)
    }
    t.match(paused.ledger.snapshot(), { pending: { total: 0 }, isBalanced: true })
    t.equal(paused.ledger.snapshot().dropped.total, isDelivered ? 1 : 2)
    t.equal(access.bytes, 0)
    t.equal(recount(disk), 2, 'the files are the other\'s, and stay')
    await paused.spool.close()
    await other.spool.close()
  }
})

t.test('a write that hung until the directory was taken counts as not done', async t => {
  const paused = await openTestSpool({ boot: bootA, processes: elsewhere(5), routes: [accessRoute] })
  const { disk, clock } = paused
  paused.append('one')
  t.ok(await paused.spool.stored())
  paused.append('two')
  const frozen = disk.afterCrash()
  disk.hang()
  const stored = paused.spool.stored()
  await turns(10)
  await clock.advance(60_000)
  t.equal(paused.access.problem, 'HANGS', 'and meanwhile the disk is named')
  // Another process on the same network file system, on which this one's operations are stuck.
  const other = await takenBy(frozen)
  disk.put('/data/host/lock', frozen.content('/data/host/lock').toString())
  disk.resume()
  await turns(200)
  t.equal(await stored, false)
  await clock.advance(3000)
  t.match(paused.ledger.snapshot(), { dropped: { by: { 'access/taken': 1 } }, pending: { total: 1 }, isBalanced: true })
  t.equal(paused.access.problem, undefined)
  await paused.spool.close()
  await other.spool.close()
})

/** Holds up the operations of `disk` that are asked for, until `resume`, while all others go on. */
function hold (disk: MemoryDisk, isHeld: (operation: Operation, path: string) => boolean) {
  const { promise, resolve } = Promise.withResolvers<void>()
  disk.delay = (operation, path) => isHeld(operation, path) ? promise : undefined
  return { release: () => { disk.delay = () => undefined }, resume: resolve }
}

t.test('a look for a file that hung until the directory was taken says nothing of the file that follows', async t => {
  const paused = await openTestSpool({ boot: bootA, processes: elsewhere(5) })
  const { disk, access, clock } = paused
  paused.append('one')
  const { release, resume } = hold(disk, operation => operation === 'look')
  const stored = paused.spool.stored()
  await turns(50)
  release()
  const other = await takenBy(disk)
  t.equal(other.ledger.snapshot().recovered.total, 1)
  pause(clock, 60_000)
  await clock.advance(6000)
  await turns(100)
  t.equal(paused.spool.directory, '/data/host-2')
  resume()
  await turns(100)
  t.notOk(await stored)
  paused.append('two')
  t.ok(await paused.spool.stored())
  await paused.spool.sealAll()
  const segment = await takeReady(access)
  t.same(segment && linesOf(disk, segment), ['one', 'two'])
  t.ok(paused.ledger.isBalanced)
  await paused.spool.close()
  await other.spool.close()
})

t.test('a segment whose directory is taken while it gets its name ends once, and is refused nothing afterwards', async t => {
  for (const step of ['the name', 'a look for it', 'a look for it that fails']) {
    const paused = await openTestSpool({ boot: bootA, processes: elsewhere(5) })
    const { disk, access, clock } = paused
    paused.append('one')
    t.ok(await paused.spool.stored())
    const naming = hold(disk, (operation, path) => operation === 'rename' && path.endsWith('.open'))
    const sealed = paused.spool.sealAll()
    await turns(50)
    naming.release()
    const other = await takenBy(disk)
    // The name that it should have had, the other has given it.
    const looking = hold(disk, (operation, path) => operation === 'stat' && path.endsWith('.ndjson'))
    if (step !== 'the name') naming.resume()
    await turns(50)
    looking.release()
    pause(clock, 60_000)
    await clock.advance(6000)
    await turns(100)
    if (step === 'a look for it that fails') disk.fault = operation => operation === 'stat' ? 'EIO' : undefined
    naming.resume()
    looking.resume()
    await turns(100)
    disk.fault = () => undefined
    await sealed
    t.match(paused.ledger.snapshot(), { dropped: { by: { 'access/taken': 1 } }, pending: { total: 0 }, isBalanced: true }, step)
    t.equal(await takeReady(access), undefined, step)
    await clock.advance(5000)
    t.equal(access.problem, undefined, step)
    await paused.spool.close()
    await other.spool.close()
  }
})

t.test('recovery that is under way when the directory is taken takes nothing more of it, and complains of nothing', async t => {
  for (const operation of ['stat', 'rename'] as const) {
    const before = await openTestSpool({ boot: 'c'.repeat(32) })
    for (const container of ['a', 'b', 'c']) before.append(container, { container })
    if (operation === 'stat') await before.spool.sealAll()
    else await before.spool.stored()
    const disk = before.disk.afterCrash()
    const { release, resume } = hold(disk, (asked, path) => asked === operation && /\/b\/.*(open|ndjson)$/.test(path))
    const opening = openTestSpool({ boot: bootA, disk, clock: before.clock })
    await turns(100)
    await before.clock.advance(2000)
    const paused = await opening
    t.match(paused.ledger.snapshot(), { recovered: { total: 1 } })
    release()
    const other = await takenBy(disk)
    t.equal(other.ledger.snapshot().recovered.total, 3)
    pause(paused.clock, 60_000)
    await paused.clock.advance(6000)
    await turns(100)
    t.equal(paused.spool.directory, '/data/host-2')
    resume()
    await turns(200)
    await paused.clock.advance(20_000)
    t.match(paused.ledger.snapshot(), { recovered: { total: 1 }, dropped: { by: { 'access/taken': 1 } }, isBalanced: true })
    t.equal(await takeReady(paused.access), undefined, operation)
    t.equal(paused.access.problem, undefined, operation)
    await paused.spool.close()
    await other.spool.close()
  }
})

t.test('what was refused in a directory that another process has taken is no trouble any more', async t => {
  const before = await openTestSpool({ boot: 'c'.repeat(32) })
  before.append('one', { container: 'a' })
  await before.spool.sealAll()
  const disk = before.disk.afterCrash()
  disk.fault = (operation, path) => operation === 'list' && path.endsWith('/a') ? 'EACCES' : undefined
  const paused = await openTestSpool({ boot: bootA, disk })
  await turns(50)
  t.equal(paused.access.problem, 'EACCES')
  const other = await takenBy(disk)
  pause(paused.clock, 60_000)
  await paused.clock.advance(20_000)
  await turns(100)
  t.equal(paused.spool.directory, '/data/host-2')
  t.equal(paused.access.problem, undefined)
  await paused.spool.close()
  await other.spool.close()
})
