import t from 'tap'
import { noName } from '../../src/spool/disk.ts'
import { GuardedDisk } from '../../src/spool/guarded-disk.ts'
import { HangWatch } from '../../src/spool/hang-watch.ts'
import { Leases } from '../../src/spool/leases.ts'
import type { Lease } from '../../src/spool/lease.ts'
import { ManualClock, turns } from '../support/manual-clock.ts'
import { MemoryDisk } from './memory-disk.ts'

const x = [Buffer.from('x')]
const hangs = new HangWatch(new ManualClock())

function leaseOf (directory: string) {
  const state = { isFresh: true, isLost: false, confirmed: 0 }
  const lease: Lease = {
    directory,
    madeCount: 1,
    get isFresh () { return state.isFresh },
    get isLost () { return state.isLost },
    confirm: async () => {
      state.confirmed++
      if (state.isLost) throw new Error('taken')
    },
    beat: async () => {},
    release: async () => {},
  }
  return { lease, state }
}

t.test('every change below a directory that was taken is refused, and so is a file that was open before', async t => {
  const memory = new MemoryDisk()
  const leases = new Leases()
  const { lease, state } = leaseOf('/data/host')
  leases.add(lease)
  const disk = new GuardedDisk(memory, { hangs, leases })
  await disk.makeDirectory('/data/host/spool')
  const file = await disk.open('/data/host/spool/a', 'write')
  await file.writev([Buffer.from('one')], 0)
  t.equal(state.confirmed, 0, 'while it is fresh nothing is asked')
  state.isFresh = false
  await file.writev([Buffer.from('two')], 0)
  t.equal(state.confirmed, 2, 'before and after, when it is not')
  state.isLost = true
  const at = '/data/host/spool/a'
  const operations: (() => Promise<unknown>)[] = [
    () => file.writev([Buffer.from('!')], 0), () => file.truncate(0), () => file.sync(), () => file.read(Buffer.alloc(1), 0),
    () => disk.open(at, 'write'), () => disk.makeDirectory(`${at}b`), () => disk.removeDirectory('/data/host/spool'),
    () => disk.replaceText(at, ''), () => disk.createText(`${at}b`, ''), () => disk.rename(at, `${at}b`), () => disk.remove(at),
    () => disk.syncDirectory('/data/host/spool'),
  ]
  for (const operation of operations) await t.rejects(operation(), /taken/)
  t.equal(memory.content(at).toString(), 'two')
  leases.delete(lease)
  leases.add(leaseOf('/data/host').lease)
  await disk.remove(at)
  await t.rejects(file.writev([Buffer.from('!')], 0), /taken/, 'its own lease counts, not a later one')
  await file.close()
})

t.test('a directory without a lease is nobody\'s to ask for', async t => {
  const leases = new Leases()
  const { lease } = leaseOf('/data/host')
  leases.add(lease)
  t.equal(leases.of('/data/host/spool/a'), lease)
  t.equal(leases.of('/data/host-2/spool/a'), undefined)
  t.equal(leases.of('/data/host'), undefined)
  leases.delete(leaseOf('/data/host').lease)
  t.equal(leases.of('/data/host/a'), lease, 'another\'s end ends nothing of ours')
})

function createDisk (maxCount: number) {
  const memory = new MemoryDisk()
  let openCount = 0
  let mostCount = 0
  const open = memory.open.bind(memory)
  memory.open = async (path, mode) => {
    const file = await open(path, mode)
    mostCount = Math.max(mostCount, ++openCount)
    return { ...file, close: async () => { openCount--; await file.close() } }
  }
  const disk = new GuardedDisk(memory, { hangs, maxOperations: 1, maxOpenFiles: maxCount })
  return { memory, disk, openCount: () => openCount, mostCount: () => mostCount }
}

t.test('no more files stay open than allowed, and all of them get what is written', async t => {
  const { memory, disk, openCount, mostCount } = createDisk(3)
  await disk.makeDirectory('/d')
  const files = []
  for (let n = 0; n < 10; n++) {
    const file = await disk.open(`/d/${n}`, 'write')
    await file.writev(x, 0)
    files.push(file)
  }
  t.equal(openCount(), 3)
  for (const file of files) {
    await file.writev(x, 1)
    await file.sync()
  }
  t.equal(openCount(), 3)
  t.equal(mostCount(), 4)
  for (const file of files) await file.close()
  for (let n = 0; n < 10; n++) t.equal(memory.content(`/d/${n}`).toString(), 'xx')
  t.equal(openCount(), 0)
})

t.test('one of the others stays open as soon as there is room', async t => {
  const { memory, disk } = createDisk(1)
  await disk.makeDirectory('/d')
  const [first, second] = [await disk.open('/d/1', 'write'), await disk.open('/d/2', 'write')]
  await second.writev(x, 0)
  await first.writev(x, 0)
  await first.close()
  await second.writev(x, 1)
  const before = memory.operations.length
  await second.writev(x, 2)
  t.same(memory.operations.slice(before), ['writev'])
  await second.close()
})

t.test('a write that failed can be repeated, and so can one whose file could not be closed', async t => {
  const { memory, disk } = createDisk(0)
  await disk.makeDirectory('/d')
  const file = await disk.open('/d/1', 'write')
  for (const failing of ['writev', 'close', 'open']) {
    memory.fault = operation => operation === failing ? 'EIO' : undefined
    await t.rejects(file.writev(x, 0), { code: 'EIO' }, failing)
    memory.fault = () => undefined
    t.equal(await file.writev(x, 0), 1)
  }
  await file.close()
  t.equal(memory.content('/d/1').toString(), 'x')
})

t.test('who writes to a file that somebody removed meanwhile is told', async t => {
  const { disk } = createDisk(0)
  await disk.makeDirectory('/d')
  const file = await disk.open('/d/1', 'write')
  await file.writev(x, 0)
  await disk.remove('/d/1')
  await t.rejects(file.writev(x, 1), { code: 'ENOENT' })
  await file.close()
})

t.test('one that was open when it was removed, and is closed after a write for want of room, is found too', async t => {
  const { memory, disk } = createDisk(1)
  await disk.makeDirectory('/d')
  const file = await disk.open('/d/1', 'write')
  await file.writev(x, 0)
  for (const isThere of [true, false]) {
    if (!isThere) memory.deleteTree('/d')
    await disk.makeDirectory('/e')
    const other = await disk.open('/e/2', 'write')
    t.equal(await file.writev(x, 1, true), isThere ? 1 : noName)
    await other.close()
    if (isThere) await file.writev(x, 1)
  }
  await file.close()
})

t.test('what hangs is known until it ends, and keeps no others waiting but for its share', async t => {
  const clock = new ManualClock()
  const watch = new HangWatch(clock)
  const memory = new MemoryDisk()
  const disk = new GuardedDisk(memory, { hangs: watch, maxOperations: 2 })
  memory.hang()
  const ends: string[] = []
  const reads = ['a', 'b', 'c'].map(name => disk.list(`/${name}`).catch(() => { ends.push(name) }))
  await turns()
  t.equal(memory.operations.length, 2)
  await clock.advance(5_000)
  t.ok(watch.isHanging)
  memory.resume()
  await Promise.all(reads)
  t.same(ends, ['a', 'b', 'c'])
  t.notOk(watch.isHanging)
})

t.test('an operation that failed does not hang', async t => {
  const clock = new ManualClock()
  const watch = new HangWatch(clock)
  await t.rejects(new GuardedDisk(new MemoryDisk(), { hangs: watch }).readText('/none'), { code: 'ENOENT' })
  await clock.advance(5_000)
  t.notOk(watch.isHanging)
})
