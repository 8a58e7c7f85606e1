import t from 'tap'
import { turns } from '../support/manual-clock.ts'
import {
  accessRoute, bootB, openTestSpool, recount, settleAll, spoolFiles, takeReady, testProcesses,
} from './open-test-spool.ts'
import { MemoryDisk } from './memory-disk.ts'

t.test('callers of one turn share one write', async t => {
  const { append, spool, disk } = await openTestSpool()
  append('one')
  const first = spool.stored()
  append('two')
  const second = spool.stored()
  t.same(await Promise.all([first, second]), [true, true])
  t.equal(disk.operations.filter(operation => operation === 'writev').length, 1)
  t.equal(recount(disk), 2)
  const count = disk.operations.length
  t.ok(await spool.stored())
  t.equal(disk.operations.length, count, 'nothing to do, nothing done')
  await spool.close()
})

t.test('stored says no when any route could not write', async t => {
  const { append, spool, disk } = await openTestSpool({ routes: [accessRoute, { ...accessRoute, name: 'error' }] })
  disk.fault = (operation, path) => operation === 'writev' && path.includes('/error/') ? 'EIO' : undefined
  append('one')
  t.ok(await spool.stored())
  spool.route('error').append(0, '', Buffer.from('two'), 0, 3)
  t.notOk(await spool.stored())
  await spool.close()
})

t.test('an unknown route is a mistake of the caller', async t => {
  const { spool } = await openTestSpool()
  t.throws(() => spool.route('nope'), TypeError)
  await spool.close()
})

t.test('a disk that refuses everything at the start only delays: lines wait in memory', async t => {
  const disk = new MemoryDisk()
  disk.put('/data/host/spool/access/_/2026112309-' + bootB + '-1.open', 'earlier\n')
  disk.fault = () => 'EROFS'
  const { append, spool, access, clock, ledger, messages, lines } = await openTestSpool({ disk })
  t.equal(spool.directory, undefined)
  t.ok(append('one'))
  t.notOk(await spool.stored())
  await clock.advance(5000)
  t.same(messages(), ['spool paused', 'spool paused'], 'once for the host, once for the route')
  t.match(lines()[0], { advice: /dataDir/ }, 'with what to do')
  disk.fault = () => undefined
  await clock.advance(2000)
  t.equal(spool.directory, '/data/host')
  t.ok(await spool.stored())
  t.equal(recount(disk), 2)
  t.match(ledger.snapshot(), { recovered: { total: 1 }, pending: { total: 2 }, isBalanced: true })
  t.equal(access.problem, undefined)
  await spool.close()
})

t.test('a disk that hangs at the start delays the process by two seconds at most', async t => {
  const disk = new MemoryDisk()
  disk.hang()
  const clock = new (await import('../support/manual-clock.ts')).ManualClock()
  const opening = openTestSpool({ disk, clock })
  await clock.advance(2000)
  const { spool, append } = await opening
  t.ok(append('one'))
  disk.resume()
  await turns(20)
  t.ok(await spool.stored())
  await spool.close()
})

t.test('beside a living process of the same host, another directory is used', async t => {
  const disk = new MemoryDisk()
  const first = await openTestSpool({ disk, processes: testProcesses(1, { startOf: async () => '1' }) })
  const { spool, messages } = await openTestSpool({ disk, processes: testProcesses(2, { startOf: async () => '1' }) })
  t.equal(spool.directory, '/data/host-2')
  t.equal(spool.instance, 'host-2')
  t.same(messages(), ['another process holds the spool of this host'])
  await spool.close()
  await first.spool.close()
})

t.test('host ids are one safe path component', async t => {
  const { spool } = await openTestSpool({ hostId: '../x' })
  t.equal(spool.directory, '/data/%2E.%2Fx')
  await spool.close()
})

t.test('closing writes what waits, gives the lock back, and is safe twice', async t => {
  const { append, spool, disk, ledger, access } = await openTestSpool()
  append('one')
  await Promise.all([spool.close(), spool.close()])
  t.equal(recount(disk), 1)
  t.notOk(disk.paths().includes('/data/host/lock'))
  t.notOk(append('too late'))
  t.match(ledger.snapshot(), { dropped: { by: { 'access/memory': 1 } }, pending: { total: 1 }, isBalanced: true })
  await access.seal()
  await spool.whenWritable()
})

t.test('what the disk does not take at the end is counted as dropped: pending is what the next start finds', async t => {
  const { append, spool, disk, ledger } = await openTestSpool()
  for (const text of ['one', 'two']) append(text)
  await spool.stored()
  disk.maxWriteBytes = 8
  let writes = 0
  disk.fault = operation => operation === 'writev' && ++writes > 1 ? 'ENOSPC' : operation === 'remove' ? 'EIO' : undefined
  for (const text of ['three', 'four', 'five']) append(text)
  await spool.close()
  t.match(ledger.snapshot(), { dropped: { by: { 'access/memory': 2 } }, pending: { total: 3 }, isBalanced: true })
  const after = await openTestSpool({ boot: bootB, disk: disk.afterCrash() })
  t.equal(after.ledger.snapshot().recovered.total, 3)
  await after.spool.close()
})

t.test('a directory that is deleted underneath is found by the next beat of the lease, where no line comes', async t => {
  const { append, disk, spool, ledger, clock, lines } = await openTestSpool()
  append('gone')
  t.ok(await spool.stored())
  disk.deleteTree('/data')
  await clock.advance(6000)
  t.match(ledger.snapshot(), { dropped: { by: { 'access/disk': 1 } }, pending: { total: 0 }, isBalanced: true })
  t.match(lines().at(-1), { level: 'error', records: 1, msg: 'segment lost' })
  await spool.close()
})

t.test('closing while the disk refuses does not wait for it', async t => {
  const { append, spool, disk, clock, ledger } = await openTestSpool()
  disk.fault = () => 'EIO'
  append('one')
  await clock.advance(1500)
  await spool.close()
  t.match(ledger.snapshot(), { dropped: { total: 1 }, pending: { total: 0 }, isBalanced: true })
  t.equal(clock.sleeping, 0, 'no timer is left')
  await spool.close()
})

t.test('the free space is measured every 10 s; when it cannot be, the quotas stay', async t => {
  const { spool, disk, clock, access } = await openTestSpool()
  const measured = () => disk.operations.filter(operation => operation === 'freeBytes').length
  t.equal(measured(), 1)
  await clock.advance(9000)
  t.equal(measured(), 1)
  disk.fault = operation => operation === 'freeBytes' ? 'EIO' : undefined
  await clock.advance(1000)
  t.equal(measured(), 2)
  t.equal(access.quotaBytes, accessRoute.quotaBytes)
  await spool.close()
})

t.test('seal leaves nothing open', async t => {
  const { append, spool, disk, access } = await openTestSpool()
  for (const container of ['a', 'b', 'c']) append('x', { container })
  await spool.sealAll()
  t.notOk(spoolFiles(disk).some(file => file.endsWith('.open')))
  t.ok(await takeReady(access))
  await spool.close()
})

t.test('a route whose disk is stuck takes no wait from another that is only full for a moment', async t => {
  const { append, spool, disk, clock, ledger } = await openTestSpool({
    routes: [accessRoute, { ...accessRoute, name: 'error' }], writeBufferBytes: 3200,
  })
  disk.fault = (operation, path) => operation === 'writev' && path.includes('/access/') ? 'EIO' : undefined
  const line = Buffer.from('x'.repeat(99))
  for (let n = 0; n < 30; n++) append(line.toString())
  t.ok(spool.isFull)
  await clock.advance(60_000)
  t.notOk(spool.isFull)
  for (let n = 0; n < 24; n++) spool.route('error').append(0, '', line, 0, line.length)
  t.ok(spool.isFull)
  await spool.whenWritable()
  for (let n = 0; n < 24; n++) spool.route('error').append(0, '', line, 0, line.length)
  t.same(ledger.snapshot().dropped.by, {})
  await spool.close()
})

t.test('what a source hands over before it pauses is in the file at the end of the turn, without a timer', async t => {
  const { spool, append, disk, clock } = await openTestSpool()
  append('before')
  await clock.advance(20)
  const sleeping = clock.sleeping
  spool.writeThisTurn()
  spool.writeThisTurn()
  append('a')
  append('b')
  await turns(10)
  const [path = ''] = disk.paths().filter(name => name.endsWith('.open'))
  t.equal(disk.content(path).toString(), 'before\na\nb\n')
  t.equal(clock.sleeping, sleeping)
  append('later')
  await turns(10)
  t.equal(disk.content(path).toString(), 'before\na\nb\n', 'the next turn has its timer again')
  await clock.advance(20)
  t.equal(disk.content(path).toString(), 'before\na\nb\nlater\n')
  await spool.close()
})

t.test('a turn that ends after the close writes nothing', async t => {
  const { spool, append, disk } = await openTestSpool()
  append('a')
  const closed = spool.close()
  spool.writeThisTurn()
  await closed
  const contents = () => disk.paths().map(path => `${path} ${disk.content(path).toString()}`)
  const atClose = contents()
  await turns()
  t.same(contents(), atClose)
  t.ok(atClose.some(each => each.endsWith(' a\n')))
})

t.test('it says whether all that an earlier process left is known: not before the disk has let it look', async t => {
  const before = await openTestSpool()
  before.append('left')
  await before.spool.sealAll()
  t.ok(before.spool.isRecovered)
  for (const refused of ['createText', 'list'] as const) {
    const disk = before.disk.afterCrash()
    disk.fault = (operation, path) => operation === refused && path.startsWith('/data/host') ? 'ENOSPC' : undefined
    const { spool, access, clock } = await openTestSpool({ boot: bootB, disk })
    t.same([spool.isRecovered, access.pendingRecords], [false, 0], refused)
    disk.fault = () => undefined
    await clock.advance(12_000)
    await turns(50)
    t.same([spool.isRecovered, access.pendingRecords], [true, 1], refused)
    await spool.close()
    t.ok(spool.isRecovered)
  }
})

t.test('what was found on a disk that is low has time to be delivered, and makes way for lines that come', async t => {
  const before = await openTestSpool()
  before.append('x'.repeat(1000))
  await before.spool.sealAll()
  for (const next of ['delivered', 'a line', 'nothing'] as const) {
    const disk = before.disk.afterCrash()
    disk.capacityBytes = disk.usedBytes
    const { spool, access, append, clock, ledger } = await openTestSpool({ boot: bootB, disk })
    t.ok(access.quotaBytes < 1000)
    await clock.advance(5_000)
    t.equal(access.pendingRecords, 1, next)
    if (next === 'delivered') {
      const segment = await takeReady(access)
      if (segment !== undefined) await settleAll(access, segment)
      t.equal(access.pendingRecords, 0)
    } else if (next === 'a line') {
      t.ok(append('new'))
      t.match(ledger.snapshot(), { dropped: { by: { 'access/disk_full': 1 } }, pending: { total: 1 } })
    } else {
      await clock.advance(10_000)
      t.match(ledger.snapshot(), { dropped: { by: { 'access/disk_full': 1 } }, pending: { total: 0 } })
    }
    await spool.close()
  }
})
