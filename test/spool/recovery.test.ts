import t from 'tap'
import fc from 'fast-check'
import { bootA, bootB, linesOf, openTestSpool, recount, spoolFiles, startHour, takeReady } from './open-test-spool.ts'
import { hourMs } from '../../src/spool/segment-name.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { MemoryDisk } from './memory-disk.ts'

const directory = '/data/host/spool/access/_'
const openPath = `${directory}/${startHour}-${bootA}-1.open`

/** A process that starts on what an earlier one left. */
const reopen = (disk: MemoryDisk) => openTestSpool({ boot: bootB, disk })

t.test('a process that is killed loses nothing that was stored', async t => {
  const before = await openTestSpool()
  before.append('one')
  before.append('two', { container: 'web' })
  await before.spool.sealAll()
  before.append('three')
  await before.spool.stored()
  before.append('in memory')
  const after = await reopen(before.disk.afterCrash())
  t.match(after.ledger.snapshot(), { recovered: { by: { access: 3 } }, pending: { total: 3 }, isBalanced: true })
  t.ok(after.messages().includes('spool recovered'))
  const taken = [await takeReady(after.access), await takeReady(after.access), await takeReady(after.access)]
  t.same(taken.map(segment => segment && [segment.container, ...linesOf(after.disk, segment)]),
    [['', 'one'], ['web', 'two'], ['', 'three']], 'oldest first')
  await after.spool.close()
})

t.test('an open segment cut at any byte is recovered to exactly its whole lines', async t => {
  const content = 'first\n\n{"a":1}\nlast line\n'
  for (let length = 0; length <= content.length; length++) {
    const disk = new MemoryDisk()
    disk.put(openPath, content.slice(0, length))
    const { spool, access, ledger } = await reopen(disk)
    const whole = content.slice(0, length).split('\n').slice(0, -1)
    const segment = await takeReady(access)
    t.same(segment === undefined ? [] : linesOf(disk, segment), whole, `cut to ${length} bytes`)
    t.equal(ledger.counter('recovered', 'access').value, whole.length)
    t.equal(recount(disk), whole.length)
    await spool.close()
  }
})

t.test('any bytes at all in an open segment are recovered to their whole lines, under the name that fits', async t => {
  const blocks = fc.array(fc.oneof(fc.uint8Array({ maxLength: 50 }), fc.constant(Buffer.from('\n'))), { maxLength: 20 })
  await fc.assert(fc.asyncProperty(blocks, async parts => {
    const content = Buffer.concat(parts)
    const disk = new MemoryDisk()
    disk.put(openPath, content)
    const first = await reopen(disk)
    const wholeBytes = content.lastIndexOf('\n') + 1
    const segment = await takeReady(first.access)
    const crashed = disk.afterCrash()
    if (wholeBytes === 0) {
      t.equal(segment, undefined)
      t.same(spoolFiles(disk), [])
    } else {
      t.same(segment && disk.content(segment.path), content.subarray(0, wholeBytes))
      const second = await openTestSpool({ boot: 'c'.repeat(32), disk: crashed })
      t.equal((await takeReady(second.access))?.id, segment?.id, 'its checksum is right')
      await second.spool.close()
    }
    await first.spool.close()
  }), { numRuns: 100 })
})

t.test('a segment larger than a block is read right', async t => {
  const disk = new MemoryDisk()
  const content = Array.from({ length: 2000 }, (_, n) => `${n} ${'y'.repeat(n % 700)}\n`).join('') + 'z'.repeat(300_000)
  disk.put(openPath, content)
  const { spool, access } = await openTestSpool({
    boot: bootB, disk, routes: [{ name: 'access', quotaBytes: 2 ** 30, segmentMaxBytes: 2 ** 25, segmentMaxAgeMs: 1, isOrdered: false }],
  })
  t.match(await takeReady(access), { records: 2000, bytes: content.length - 300_000 })
  const crashed = disk.afterCrash()
  await spool.close()
  const again = await openTestSpool({ boot: 'c'.repeat(32), disk: crashed })
  t.match(await takeReady(again.access), { records: 2000 })
  t.notOk(again.messages().includes('segment damaged'))
  await again.spool.close()
})

t.test('delivery goes on where the cursor says; a cursor that makes no sense means from the start', async t => {
  for (const [cursor, deliveredRecords] of [
    ['4 1\n', 1], ['8 2\n', 2], ['0 0\n', 0], ['5 1\n', 0], ['4 1', 0], ['99 9\n', 0], ['', 0], ['\0\0\0\0', 0],
  ] as const) {
    const before = await openTestSpool()
    for (const text of ['one', 'two', 'three']) before.append(text)
    await before.spool.sealAll()
    const disk = before.disk.afterCrash()
    const [file = ''] = spoolFiles(disk)
    disk.put(`/data/host/spool/${file.replace('.ndjson', '.cursor')}`, cursor)
    const { spool, access, ledger } = await reopen(disk)
    t.match(await takeReady(access), { deliveredRecords, records: 3 }, JSON.stringify(cursor))
    t.match(ledger.snapshot(), { recovered: { total: 3 - deliveredRecords }, isBalanced: true })
    await spool.close()
  }
})

t.test('what was delivered in full, and cursors of nothing, are cleared away', async t => {
  const before = await openTestSpool()
  before.append('one')
  await before.spool.sealAll()
  const disk = before.disk.afterCrash()
  const path = `/data/host/spool/${spoolFiles(disk)[0]}`
  disk.put(path.replace('.ndjson', '.cursor'), '4 1\n')
  disk.put(path.replace('.ndjson', '.cursor.new'), '4')
  disk.put(path.replace('-1-1-', '-2-1-').replace('.ndjson', '.cursor'), '4 1\n')
  disk.put(`${directory}/${startHour}-${bootA}-3.open`, '')
  const { spool, ledger } = await reopen(disk)
  t.same(spoolFiles(disk), [])
  t.equal(ledger.snapshot().recovered.total, 0)
  await spool.close()
})

t.test('the cursor of a segment that was sealed before the machine lost its name is used', async t => {
  const before = await openTestSpool()
  before.append('one')
  before.append('two')
  await before.spool.sealAll()
  const segment = await takeReady(before.access)
  if (segment !== undefined) await before.access.settle(segment, 4, 1)
  const disk = before.disk.afterCrash()
  await disk.rename(segment?.path ?? '', openPath)
  const { spool, access } = await reopen(disk)
  t.match(await takeReady(access), { id: segment?.id, deliveredRecords: 1 })
  t.equal(recount(disk), 1)
  await spool.close()
})

t.test('what is not ours is left alone and named once', async t => {
  const disk = new MemoryDisk()
  const strange = ['/data/host/spool/access/notes.txt', `${directory}/x.ndjson`, '/data/host/spool/access/not ours/a.open',
    '/data/host/spool/gone-route/_/a.ndjson', '/data/other-host/spool/access/_/a.ndjson']
  for (const path of strange) disk.put(path, 'kept')
  const { spool, messages, clock } = await reopen(disk)
  await clock.advance(60_000)
  t.same(messages(), ['spools of routes not configured left alone', 'unknown files left alone in the spool'])
  for (const path of strange) t.equal(disk.content(path).toString(), 'kept', path)
  await spool.close()
})

t.test('a spool of a route that is gone is told with what to do, and one that is empty is not told', async t => {
  const disk = new MemoryDisk()
  const emptied = '/data/host/spool/emptied/_/a.ndjson'
  disk.put(emptied, 'x')
  disk.put('/data/host/spool/gone-route/_/a.ndjson', 'kept')
  await disk.remove(emptied)
  const { spool, lines } = await reopen(disk)
  t.match(lines(), [{
    msg: 'spools of routes not configured left alone', routes: ['gone-route'], advice: /or stop this process and run sluice replay \/data\/host$/,
  }])
  await spool.close()
})

t.test('what cannot be read holds nothing else up, and is tried again', async t => {
  const disk = new MemoryDisk()
  disk.put(openPath, 'one\n')
  disk.put(`/data/host/spool/access/web/${startHour}-${bootA}-2.open`, 'two\nthree\n')
  disk.fault = (operation, path) => operation === 'open' && path.includes('/_/') ? 'EACCES' : undefined
  const { spool, access, clock, ledger, messages } = await reopen(disk)
  t.match(ledger.snapshot(), { recovered: { total: 2 }, pending: { total: 2 } })
  t.equal(access.problem, 'EACCES')
  t.same(messages(), ['spool paused', 'recovery of a path failed', 'spool recovered'])
  await clock.advance(30_000)
  t.equal(messages().length, 3)
  disk.fault = () => undefined
  await clock.advance(10_000)
  t.match(ledger.snapshot(), { recovered: { total: 3 }, pending: { total: 3 }, isBalanced: true })
  t.equal(access.problem, undefined)
  await spool.close()
})

t.test('a second look recovers only what the first could not, even while delivery goes on', async t => {
  const disk = new MemoryDisk()
  for (const n of [1, 2, 3]) disk.put(`${directory}/${startHour}-${bootA}-${n}.open`, `line ${n}\nmore\n`)
  disk.put('/data/host/spool/access/web/x', '')
  disk.fault = (operation, path) => operation === 'list' && path.endsWith('/web') ? 'EIO' : undefined
  const { spool, access, clock, ledger, append } = await reopen(disk)
  const [held, settled] = [await takeReady(access), await takeReady(access)]
  if (held !== undefined) await access.settle(held, 7, 1)
  disk.fault = operation => operation === 'remove' || operation === 'list' ? 'EIO' : undefined
  if (settled !== undefined) await access.settle(settled, settled.bytes, settled.records)
  ledger.counter('delivered', 'access').value += 3
  append('own')
  await spool.stored()
  disk.fault = operation => operation === 'remove' ? 'EIO' : undefined
  await clock.advance(20_000)
  t.match(ledger.snapshot(), { recovered: { total: 6 }, pending: { total: 4 }, isBalanced: true })
  await spool.close()
})

t.test('what an earlier process left is as old as its file, and older than anything new, whatever wall time does', async t => {
  for (const stepMs of [0, 24 * hourMs, -24 * hourMs]) {
    const clock = new ManualClock()
    const disk = new MemoryDisk()
    disk.now = () => clock.wallMs()
    for (const n of [1, 2]) {
      disk.put(`${directory}/${startHour}-${n === 1 ? 'd'.repeat(32) : bootA}-${n}.open`, `left ${n}\n`)
      await clock.advance(1000)
    }
    clock.stepWall(stepMs)
    const { spool, access, append } = await openTestSpool({ boot: bootB, disk, clock })
    append('new')
    await spool.sealAll()
    clock.stepWall(-stepMs)
    t.equal(access.oldestPendingMs, clock.monotonicMs() - Math.max(0, 2000 + stepMs), `${stepMs} ms`)
    const taken = [await takeReady(access), await takeReady(access), await takeReady(access)]
    t.same(taken.map(segment => segment && linesOf(disk, segment)), [['left 1'], ['left 2'], ['new']])
    await spool.close()
  }
})

t.test('an open segment that cannot be read is tried three times, then set aside; the others go on at once', async t => {
  const disk = new MemoryDisk()
  disk.put(openPath, 'one\n')
  disk.put(`/data/host/spool/access/web/${startHour}-${bootA}-2.open`, 'two\n')
  disk.fault = (operation, path) => operation === 'read' && path === openPath ? 'EIO' : undefined
  const { spool, access, clock, ledger, messages } = await reopen(disk)
  t.match(await takeReady(access), { container: 'web' })
  await clock.advance(19_000)
  t.equal(access.problem, 'EIO')
  t.ok(disk.paths().includes(openPath))
  await clock.advance(2_000)
  t.equal(access.problem, undefined)
  t.same(disk.paths().filter(path => path.includes('/_/')), [`${openPath}.unreadable`])
  t.ok(messages().includes('open segment cannot be read and is set aside: its records are not counted'))
  t.match(ledger.snapshot(), { recovered: { total: 1 }, pending: { total: 1 }, isBalanced: true })
  await spool.close()
})

t.test('a name of a segment that leads elsewhere, or is another user\'s, is not read: it is named in the log', async t => {
  const sealed = `${directory}/${startHour}-${bootA}-3-1-00000000.ndjson`
  for (const [name, differs] of Object.entries({ 'a symbolic link': { isFile: false }, 'another user\'s': { userId: 33 } })) {
    const disk = new MemoryDisk()
    for (const path of [openPath, sealed]) {
      disk.put(path, 'secret\n')
      disk.alter(path, differs)
    }
    const { spool, access, ledger, messages } = await reopen(disk)
    t.equal(await takeReady(access), undefined, name)
    t.same(disk.content(sealed).toString(), 'secret\n')
    t.ok(disk.paths().includes(openPath), name)
    t.ok(messages().includes('unknown files left alone in the spool'), name)
    t.match(ledger.snapshot(), { recovered: { total: 0 }, isBalanced: true })
    await spool.close()
  }
})

t.test('empty directories of containers are removed, and made again when a line comes', async t => {
  const disk = new MemoryDisk()
  for (const container of ['a', 'b']) await disk.makeDirectory(`/data/host/spool/access/${container}`)
  disk.put(`/data/host/spool/access/b/${startHour}-${bootA}-2.open`, 'two\n')
  const { spool, append } = await reopen(disk)
  t.same(disk.directories().filter(path => path.includes('/access/')), ['/data/host/spool/access/b'])
  append('one', { container: 'a' })
  t.ok(await spool.stored())
  await spool.close()
})
