import t from 'tap'
import { MemoryDisk } from './memory-disk.ts'
import { readOf, type Segment } from '../../src/contracts/segment.ts'
import { cutTorn } from '../../src/spool/verify.ts'
import { turns } from '../support/manual-clock.ts'
import {
  accessRoute, bootB, linesOf, openTestSpool, recount, settleAll, spoolFiles, takeReady,
} from './open-test-spool.ts'

const ordered = { routes: [{ ...accessRoute, isOrdered: true }] }

t.test('the oldest is taken first, and what was released comes again', async t => {
  const { append, spool, access, clock } = await openTestSpool()
  for (const container of ['a', 'b', 'c']) {
    append('x', { container })
    await clock.advance(1)
    await spool.sealAll()
  }
  const [a, b] = [await takeReady(access), await takeReady(access)]
  t.same([a?.container, b?.container], ['a', 'b'])
  if (a !== undefined) access.release(a)
  t.equal((await takeReady(access))?.container, 'a')
  t.equal((await takeReady(access))?.container, 'c')
  t.equal(await takeReady(access), undefined)
  await spool.close()
})

t.test('an ordered route never gives out two segments of a container at a time', async t => {
  const { append, spool, access, clock } = await openTestSpool(ordered)
  for (const [text, container] of [['1', 'a'], ['2', 'a'], ['3', 'b']] as const) {
    append(text, { container })
    await clock.advance(1)
    await spool.sealAll()
  }
  const first = await takeReady(access)
  t.equal(first?.container, 'a')
  t.equal((await takeReady(access))?.container, 'b')
  const waiting = access.take(new AbortController().signal)
  append('4', { container: 'a' })
  await clock.advance(100_000)
  if (first !== undefined) await settleAll(access, first)
  const second = await waiting
  t.match(second, { container: 'a', records: 1 })
  t.ok((second?.firstAcceptedMs ?? 0) > (first?.firstAcceptedMs ?? 0))
  await spool.close()
})

/** Lets the first file wait for its name as long as the test wants. */
class SlowDisk extends MemoryDisk {
  readonly isFree = Promise.withResolvers<void>()
  #renames = 0

  override async rename (from: string, to: string): Promise<void> {
    if (from.endsWith('.open') && this.#renames++ === 0) await this.isFree.promise
    await super.rename(from, to)
  }
}

t.test('an ordered route gives out nothing while an earlier segment of the container is being sealed', async t => {
  const disk = new SlowDisk()
  const { append, spool, access, clock } = await openTestSpool({ ...ordered, disk })
  append('1', { container: 'a' })
  const first = spool.sealAll()
  await turns()
  append('2', { container: 'a' })
  await Promise.race([spool.sealAll(), clock.advance(10)])
  t.equal(await takeReady(access), undefined)
  disk.isFree.resolve()
  await first
  const segment = await takeReady(access)
  t.same(segment && linesOf(disk, segment), ['1'])
  await spool.close()
})

t.test('a waiting take lets the oldest segment be sealed when it has its age, not before, and no other', async t => {
  const { append, spool, access, clock } = await openTestSpool()
  append('1', { container: 'a' })
  await clock.advance(10_000)
  append('2', { container: 'b' })
  await clock.advance(600_000)
  t.equal(access.pendingRecords, 2)
  append('3', { container: 'a' })
  const first = await takeReady(access)
  t.match(first, { container: 'a', records: 2 }, 'nobody waited: it grew')
  t.match(await takeReady(access), { container: 'b' })
  const waiting = access.take(new AbortController().signal)
  append('4', { container: 'c' })
  let isOver = false
  void waiting.then(() => { isOver = true })
  await clock.advance(59_999)
  t.notOk(isOver)
  await clock.advance(2)
  t.match(await waiting, { container: 'c' })
  await spool.close()
})

t.test('take ends when its signal aborts, and when the spool closes', async t => {
  const { append, spool, access } = await openTestSpool()
  const stop = new AbortController()
  const waiting = access.take(stop.signal)
  stop.abort()
  t.equal(await waiting, undefined)
  append('x')
  await spool.sealAll()
  t.equal(await access.take(AbortSignal.abort()), undefined)
  t.ok(await takeReady(access))
  const atClose = access.take(new AbortController().signal)
  await turns()
  await spool.close()
  t.equal(await atClose, undefined)
})

t.test('what is settled leaves pending at once; the cursor says so; at the end the files go', async t => {
  const { append, spool, access, disk } = await openTestSpool()
  for (const text of ['one', 'two', 'three']) append(text)
  await spool.sealAll()
  const segment = await takeReady(access)
  if (segment === undefined) throw new Error('a segment was expected')
  const settled = access.settle(segment, 4, 1)
  t.equal(access.pendingRecords, 2)
  t.equal(access.pendingBytes, 10)
  await settled
  t.equal(disk.content(segment.path.replace('.ndjson', '.cursor')).toString(), '4 1\n')
  t.match(segment, { deliveredBytes: 4, deliveredRecords: 1 })
  t.equal(recount(disk), 2)
  const twice = [access.settle(segment, 4, 1), access.settle(segment, 6, 1)]
  t.equal(access.pendingRecords, 0)
  await Promise.all(twice)
  t.same(spoolFiles(disk), [])
  t.equal(access.bytes, 0)
  t.equal(access.oldestPendingMs, undefined)
  await t.rejects(access.settle(segment, 1, 1), TypeError)
  t.throws(() => access.release(segment), TypeError)
  await spool.close()
})

t.test('a cursor that cannot be written is tried again, and rejects nothing', async t => {
  const { append, spool, access, disk, clock } = await openTestSpool()
  append('one')
  append('two')
  await spool.sealAll()
  const segment = await takeReady(access)
  disk.fault = operation => operation === 'replaceText' ? 'EROFS' : undefined
  if (segment !== undefined) await access.settle(segment, 4, 1)
  t.equal(access.problem, 'EROFS')
  t.equal(recount(disk), 2)
  disk.fault = () => undefined
  await clock.advance(1000)
  t.equal(access.problem, undefined)
  t.equal(recount(disk), 1)
  await spool.close()
})

t.test('a file that cannot be removed is counted until it is', async t => {
  const { append, spool, access, disk, clock } = await openTestSpool()
  append('one')
  append('two')
  await spool.sealAll()
  const segment = await takeReady(access)
  if (segment === undefined) throw new Error('a segment was expected')
  await access.settle(segment, 4, 1)
  disk.fault = operation => operation === 'remove' ? 'EROFS' : undefined
  await settleAll(access, segment)
  await clock.advance(5000)
  t.equal(access.pendingRecords, 0)
  t.equal(access.bytes, 8, 'it still takes its place')
  disk.fault = () => undefined
  await clock.advance(1000)
  t.equal(access.bytes, 0)
  t.same(spoolFiles(disk), [])
  await spool.close()
})

t.test('what could not be removed, or marked as delivered, is at the close: the next process delivers none of it again', async t => {
  for (const [isWhole, isStuck] of [[true, false], [false, false], [true, true], [false, true]]) {
    const { append, spool, access, disk } = await openTestSpool()
    append('one')
    append('two')
    await spool.sealAll()
    const segment = await takeReady(access)
    if (segment === undefined) throw new Error('a segment was expected')
    disk.fault = operation => operation === 'remove' || operation === 'replaceText' ? 'EIO' : undefined
    if (isWhole) await settleAll(access, segment)
    else await access.settle(segment, 4, 1)
    if (!isStuck) disk.fault = () => undefined
    await spool.close()
    t.equal(recount(disk), isStuck ? 2 : isWhole ? 0 : 1, 'a disk that refuses it again keeps no close waiting')
  }
})

t.test('a segment that delivery gives back is looked at anew: one whose file is gone is dropped, and holds up none', async t => {
  const { append, spool, access, disk, clock, ledger } = await openTestSpool()
  append('one')
  await spool.sealAll()
  await clock.advance(1)
  append('two')
  append('three')
  await spool.sealAll()
  const first = await takeReady(access)
  if (first === undefined) throw new Error('a segment was expected')
  await disk.remove(first.path)
  access.release(first)
  t.match(await takeReady(access), { records: 2 })
  t.match(ledger.snapshot(), { isBalanced: true, dropped: { by: { 'access/disk': 1 } }, pending: { total: 2 } })
  await spool.close()
})

/** A spool that was sealed by one process and is found by the next, damaged in between. */
async function reopenDamaged (damage: (content: Buffer) => Buffer | string | undefined, settledBytes = 0) {
  const before = await openTestSpool()
  for (const text of ['one', 'two', 'three']) before.append(text)
  await before.spool.sealAll()
  if (settledBytes > 0) {
    const segment = await takeReady(before.access)
    if (segment !== undefined) await before.access.settle(segment, settledBytes, settledBytes / 4)
  }
  const disk = before.disk.afterCrash()
  const path = disk.paths().find(name => name.endsWith('.ndjson')) ?? ''
  const after = await openTestSpool({ boot: bootB, disk })
  const content = damage(disk.content(path))
  if (content === undefined) await disk.remove(path)
  else disk.put(path, content)
  return { ...after, path }
}

t.test('a segment of an earlier process that was damaged is delivered as what it is, under its true name', async t => {
  const { spool, access, disk, ledger, messages } =
    await reopenDamaged(content => Buffer.concat([content.subarray(0, 8), Buffer.from('thr')]))
  t.equal(access.pendingRecords, 3)
  const segment = await takeReady(access)
  t.match(segment, { records: 2, bytes: 8, id: /-2-[0-9a-f]{8}$/ })
  t.same(segment && linesOf(disk, segment), ['one', 'two'])
  t.match(ledger.snapshot(), {
    recovered: { total: 3 }, dropped: { by: { 'access/damaged': 1 } }, pending: { total: 2 }, isBalanced: true,
  })
  t.ok(messages().includes('segment damaged'))
  t.equal(recount(disk), 2)
  t.equal(access.bytes, 8)
  await spool.close()
})

t.test('damage that changes no count is noticed too; more lines than named are recovered', async t => {
  const same = await reopenDamaged(content => content.toString().replace('one', 'eno'))
  const taken = await takeReady(same.access)
  t.match(taken, { records: 3 })
  t.not(taken?.path, same.path)
  t.ok(same.ledger.snapshot().isBalanced)
  await same.spool.close()
  const more = await reopenDamaged(content => `${content}four\n`)
  t.match(await takeReady(more.access), { records: 4 })
  t.match(more.ledger.snapshot(), { recovered: { total: 4 }, pending: { total: 4 }, isBalanced: true })
  const told = [same, more].map(({ lines }) => lines().find(({ msg }) => msg === 'segment damaged'))
  const advice = /what it holds now is delivered/
  t.match(told, [{ missingRecords: 0, advice }, { missingRecords: 0, surplusRecords: 1, advice }])
  await more.spool.close()
})

t.test('the cursor of a damaged segment holds if it still ends a line, and starts anew if not', async t => {
  const holds = await reopenDamaged(content => content.subarray(0, 8), 4)
  const segment = await takeReady(holds.access)
  t.match(segment, { deliveredBytes: 4, deliveredRecords: 1, records: 2 })
  t.equal(recount(holds.disk), 1)
  t.match(holds.ledger.snapshot(), { recovered: { total: 2 }, dropped: { total: 1 }, isBalanced: true })
  if (segment !== undefined) await settleAll(holds.access, segment)
  t.same(spoolFiles(holds.disk), [])
  await holds.spool.close()
  const anew = await reopenDamaged(() => 'a long line\nb\n', 4)
  t.match(await takeReady(anew.access), { deliveredBytes: 0, deliveredRecords: 0, records: 2 })
  t.equal(recount(anew.disk), 2)
  t.ok(anew.ledger.snapshot().isBalanced)
  await anew.spool.close()
})

t.test('of a segment of which nothing is left, or that is gone, every record is counted', async t => {
  for (const [reason, content] of [['damaged', ''], ['damaged', 'torn'], ['disk', undefined]] as const) {
    const { spool, access, disk, ledger } = await reopenDamaged(() => content)
    t.equal(await takeReady(access), undefined)
    t.match(ledger.snapshot(), { dropped: { by: { [`access/${reason}`]: 3 } }, pending: { total: 0 }, isBalanced: true })
    t.same(spoolFiles(disk), [])
    t.equal(access.bytes, 0)
    await spool.close()
  }
})

t.test('damage that cannot be dealt with now is dealt with later', async t => {
  const { spool, access, disk, clock, ledger } = await reopenDamaged(content => content.subarray(0, 5))
  disk.fault = operation => operation === 'truncate' ? 'EROFS' : undefined
  const waiting = access.take(new AbortController().signal)
  await clock.advance(3000)
  t.equal(access.pendingRecords, 3)
  disk.fault = () => undefined
  await clock.advance(1000)
  t.match(await waiting, { records: 1, bytes: 4 })
  t.ok(ledger.snapshot().isBalanced)
  await spool.close()
})

t.test('damage that cannot be dealt with now holds up no other segment', async t => {
  const { spool, access, append, disk, clock } = await reopenDamaged(content => content.subarray(0, 5))
  disk.fault = operation => operation === 'truncate' ? 'EACCES' : undefined
  const waiting = access.take(new AbortController().signal)
  append('new')
  await spool.sealAll()
  await clock.advance(100)
  t.same(linesOf(disk, await Promise.race([waiting, turns(20)]) as Segment), ['new'])
  t.equal(access.problem, 'EACCES', 'and somebody is told')
  disk.fault = () => undefined
  await clock.advance(2000)
  t.match(await takeReady(access), { records: 1, bytes: 4 })
  t.equal(access.problem, undefined)
  await spool.close()
})

t.test('a segment that cannot be read for ten seconds is set aside and counted; the next one goes', async t => {
  for (const code of ['EIO', 'EISDIR', 'ELOOP', 'EACCES']) {
    const { spool, access, disk, clock, ledger, messages } = await reopenDamaged(content => content)
    const [path = ''] = disk.paths().filter(other => other.endsWith('.ndjson'))
    disk.fault = (operation, at) => operation === 'open' && at === path ? code : undefined
    t.equal(await takeReady(access), undefined)
    t.equal(access.problem, code, 'told while it is tried')
    const patience = new AbortController()
    const taken = access.take(patience.signal)
    await clock.advance(9000)
    t.equal(ledger.snapshot().dropped.total, 0)
    await clock.advance(2000)
    patience.abort()
    t.equal(await taken, undefined)
    t.match(ledger.snapshot(), { dropped: { by: { 'access/damaged': 3 } }, pending: { total: 0 }, isBalanced: true }, code)
    t.ok(disk.paths().includes(`${path}.unreadable`))
    t.ok(messages().includes('segment cannot be read and is set aside'))
    t.match([access.problem, access.bytes], [undefined, 0])
    await spool.close()
  }
})

t.test('a segment that was read by this process and cannot be any more keeps no other', async t => {
  const routes = [{ ...accessRoute, isOrdered: true }]
  const { spool, access, append, disk, clock, ledger } = await openTestSpool({ routes })
  append('one')
  await spool.sealAll()
  append('two')
  await spool.sealAll()
  const first = await takeReady(access)
  if (first === undefined) throw new Error('a segment was expected')
  disk.fault = (operation, path) => operation === 'read' && path === first.path ? 'EIO' : undefined
  // As delivery does when it cannot read it.
  access.release(first)
  const patience = new AbortController()
  const taken = access.take(patience.signal)
  await clock.advance(12_000)
  const second = await taken
  t.same(second && linesOf(disk, second), ['two'])
  t.match(ledger.snapshot(), { dropped: { by: { 'access/damaged': 1 } }, pending: { total: 1 }, isBalanced: true })
  await spool.close()
})

t.test('a cursor that cannot be written any more is no trouble once its segment was set aside', async t => {
  const { append, spool, access, disk, clock } = await openTestSpool()
  append('one')
  append('two')
  await spool.sealAll()
  const segment = await takeReady(access)
  if (segment === undefined) throw new Error('a segment was expected')
  const { promise, resolve } = Promise.withResolvers<void>()
  disk.delay = operation => operation === 'replaceText' ? promise : undefined
  void access.settle(segment, 4, 1)
  disk.fault = (operation, path) => operation === 'replaceText' || (operation === 'read' && path === segment.path) ? 'EIO' : undefined
  access.release(segment)
  const patience = new AbortController()
  const taken = access.take(patience.signal)
  await clock.advance(15_000)
  t.equal(access.pendingRecords, 0)
  resolve()
  await clock.advance(5000)
  t.equal(access.problem, undefined)
  patience.abort()
  await taken
  await spool.close()
})

t.test('a directory of a segment\'s name is set aside as one that cannot be read', async t => {
  const disk = new MemoryDisk()
  const path = `/data/host/spool/access/_/${'2026112310'}-${'e'.repeat(32)}-1-5-00000000.ndjson`
  await disk.makeDirectory(path)
  const { spool, access, clock, ledger } = await openTestSpool({ disk })
  const patience = new AbortController()
  const taken = access.take(patience.signal)
  await clock.advance(12_000)
  t.match(ledger.snapshot(), {
    recovered: { total: 5 }, dropped: { by: { 'access/damaged': 5 } }, pending: { total: 0 }, isBalanced: true,
  })
  t.ok(disk.directories().includes(`${path}.unreadable`))
  patience.abort()
  await taken
  await spool.close()
})

t.test('a disk that fails as a whole costs nothing: what cannot be set aside either is tried again', async t => {
  const { spool, access, disk, clock, ledger } = await reopenDamaged(content => content)
  disk.fault = () => 'EIO'
  const patience = new AbortController()
  const taken = access.take(patience.signal)
  await clock.advance(60_000)
  t.equal(access.problem, 'EIO')
  disk.fault = () => undefined
  await clock.advance(2000)
  t.match(await taken, { records: 3 })
  t.match(ledger.snapshot(), { dropped: { total: 0 }, isBalanced: true })
  t.equal(access.problem, undefined)
  await spool.close()
})

t.test('what fails for want of descriptors is no fault of the segment: it is handed out when there are some', async t => {
  const { spool, access, disk, clock, ledger } = await reopenDamaged(content => content)
  disk.fault = operation => operation === 'open' ? 'EMFILE' : undefined
  for (let second = 0; second < 10; second++) {
    t.equal(await takeReady(access), undefined)
    await clock.advance(1000)
  }
  t.equal(access.problem, 'EMFILE')
  disk.fault = () => undefined
  await clock.advance(1000)
  t.match(await takeReady(access), { records: 3 })
  t.match(ledger.snapshot(), { dropped: { total: 0 } })
  await spool.close()
})

t.test('a file that somebody removed is not made anew where its torn line was to be cut', async t => {
  const disk = new MemoryDisk()
  await t.rejects(cutTorn(disk, '/spool/gone.ndjson', 5, true), { code: 'ENOENT' })
  t.same(disk.paths(), [])
})

t.test('a read of delivery that hangs is told, and no other of its segment begins until it ends', async t => {
  const { append, spool, access, clock } = await openTestSpool()
  append('x')
  await spool.sealAll()
  const segment = await takeReady(access) as Segment
  const hanging = Promise.withResolvers<string>()
  const read = readOf(segment, async () => await hanging.promise)
  await clock.advance(5_000)
  t.equal(access.problem, 'HANGS')
  await t.rejects(readOf(segment, async () => t.fail('a thread of Node more')),
    { code: 'ERR_SINK_UNAVAILABLE', reason: 'spool_read', message: /does not end/ })
  let isClosed = false
  const closed = spool.close().then(() => { isClosed = true })
  await turns()
  t.notOk(isClosed, 'whoever stops sees that something hangs')
  hanging.resolve('late')
  t.equal(await read, 'late')
  t.equal(access.problem, undefined)
  await t.rejects(readOf(segment, async () => { throw new Error('EIO') }), { message: 'EIO' })
  t.equal(await readOf(segment, async () => 'again'), 'again')
  await closed
})
