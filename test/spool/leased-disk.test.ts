import t from 'tap'
import { Leases, withLeases } from '../../src/spool/leased-disk.ts'
import type { Lease } from '../../src/spool/lease.ts'
import { MemoryDisk } from './memory-disk.ts'

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
  const disk = withLeases(memory, leases)
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
