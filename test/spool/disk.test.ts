import { execFileSync } from 'node:child_process'
import { statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { errorCode } from '../../src/contracts/disk-errors.ts'
import { noName, onDisk, systemDisk, type Disk } from '../../src/spool/disk.ts'
import { GuardedDisk, type DiskGuards } from '../../src/spool/guarded-disk.ts'
import { HangWatch } from '../../src/spool/hang-watch.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { MemoryDisk, systemError } from './memory-disk.ts'

/** What every disk promises, the one in memory that other tests use included. */
function diskContract (t: Test, disk: Disk, root: string): void {
  t.test('writes where it is told to, and keeps what is there', async t => {
    const path = join(root, 'a', 'b', 'file')
    await t.rejects(disk.open(path, 'read'), { code: 'ENOENT' })
    await t.rejects(disk.open(path, 'write'), { code: 'ENOENT' })
    await disk.makeDirectory(join(root, 'a', 'b'))
    await disk.makeDirectory(join(root, 'a', 'b'))
    const file = await disk.open(path, 'write')
    t.equal(await file.writev([Buffer.from('one '), Buffer.from('two')], 0), 7)
    t.equal(await file.writev([Buffer.from('2')], 4), 1)
    await file.sync()
    await file.close()
    const again = await disk.open(path, 'write')
    t.equal(await again.writev([Buffer.from('!')], 7), 1)
    await again.truncate(6)
    await again.close()
    await t.rejects(disk.open(join(root, 'a', 'b', 'other'), 'update'), { code: 'ENOENT' })
    const third = await disk.open(path, 'update')
    t.equal(await third.writev([Buffer.from('w')], 5), 1)
    await third.close()
    t.equal(await disk.readText(path), 'one 2w')
    t.equal((await disk.stat(path)).bytes, 6)
    t.type((await disk.stat(path)).createdMs, 'number')
    const into = Buffer.alloc(4)
    const reader = await disk.open(path, 'read')
    t.equal(await reader.read(into, 4), 2)
    t.equal(into.toString('utf8', 0, 2), '2w')
    t.equal(await reader.read(into, 6), 0)
    t.equal(await reader.read(into, 60), 0)
    await reader.close()
    const writer = await disk.open(path, 'update')
    t.equal(await writer.writev([Buffer.from('w')], 0, true), 1)
    await disk.remove(path)
    t.equal(await writer.writev([Buffer.from('w')], 0, true).catch(() => noName), noName, 'whoever looks is told')
    await writer.close()
  })

  t.test('lists, renames, replaces and removes', async t => {
    const at = (name: string) => join(root, 'list', name)
    await disk.makeDirectory(at('directory'))
    await disk.createText(at('lock'), 'mine')
    await t.rejects(disk.createText(at('lock'), 'theirs'), { code: 'EEXIST' })
    t.equal(await disk.readText(at('lock')), 'mine')
    await disk.replaceText(at('lock'), 'new')
    await disk.rename(at('lock'), at('renamed'))
    t.same([...await disk.list(at(''))].sort((a, b) => a.name < b.name ? -1 : 1), [
      { name: 'directory', isDirectory: true, isFile: false }, { name: 'renamed', isDirectory: false, isFile: true },
    ], 'nothing is left of what creation and replacement needed')
    await t.rejects(disk.rename(at('lock'), at('other')), { code: 'ENOENT' })
    await disk.removeDirectory(at(''))
    await disk.removeDirectory(at('directory'))
    await disk.removeDirectory(at('directory'))
    t.same((await disk.list(at(''))).map(({ name }) => name), ['renamed'], 'only what is empty is removed')
    await disk.remove(at('renamed'))
    await disk.remove(at('renamed'))
    await t.rejects(disk.readText(at('renamed')), { code: 'ENOENT' })
    await t.rejects(disk.stat(at('renamed')), { code: 'ENOENT' })
    await t.rejects(disk.list(at('renamed')), { code: 'ENOENT' })
    await t.rejects(disk.createText(at('no/lock'), ''), { code: 'ENOENT' })
    await t.rejects(disk.replaceText(at('no/lock'), ''), { code: 'ENOENT' })
    await disk.syncDirectory(at(''))
    t.ok(await disk.freeBytes(root) > 0)
  })
}

function guarded (guards: Partial<DiskGuards>, disk: Disk = systemDisk): Disk {
  return new GuardedDisk(disk, { hangs: new HangWatch(new ManualClock()), ...guards })
}

t.test('the system\'s disk', async t => { diskContract(t, systemDisk, t.testdir()) })
t.test('the system\'s disk, guarded', async t => { diskContract(t, guarded({ maxOperations: 1 }), t.testdir()) })
t.test('the system\'s disk with few files', async t => { diskContract(t, guarded({ maxOpenFiles: 0 }), t.testdir()) })
t.test('the disk in memory', async t => { diskContract(t, new MemoryDisk(), '/root') })

t.test('a limited disk does so many things at a time, in order, and goes on after a failure', async t => {
  const memory = new MemoryDisk()
  const disk = guarded({ maxOperations: 2 }, memory)
  memory.hang()
  const ends: string[] = []
  const operations = ['a', 'b', 'c', 'd'].map(name =>
    disk.readText(`/${name}`).catch(error => { ends.push(`${name} ${errorCode(error)}`) }))
  await new Promise(resolve => setImmediate(resolve))
  t.equal(memory.operations.length, 2)
  memory.resume()
  await Promise.all(operations)
  t.same(ends, ['a ENOENT', 'b ENOENT', 'c ENOENT', 'd ENOENT'])
  t.equal(memory.operations.length, 4)
})

t.test('a file takes whole blocks of a disk', async t => {
  t.same([0, 1, 4096, 4097].map(bytes => onDisk(bytes, 4096)), [0, 4096, 4096, 8192])
  t.equal(onDisk(4097, 1), 4097)
})

t.test('what holds lines is for nobody else to read, whatever the umask', async t => {
  const root = t.testdir()
  const umask = process.umask(0)
  t.teardown(() => process.umask(umask))
  await systemDisk.makeDirectory(join(root, 'a', 'b'))
  await (await systemDisk.open(join(root, 'a', 'b', 'segment'), 'write')).close()
  await systemDisk.createText(join(root, 'a', 'b', 'lease'), '')
  await systemDisk.replaceText(join(root, 'a', 'b', 'cursor'), '')
  const modeOf = (...names: string[]) => (statSync(join(root, ...names)).mode & 0o777).toString(8)
  t.same([modeOf('a'), modeOf('a', 'b')], ['700', '700'])
  t.same(['segment', 'lease', 'cursor'].map(name => modeOf('a', 'b', name)), ['600', '600', '600'])
})

t.test('nothing is left of a file that could not be written whole', async t => {
  const root = t.testdir()
  // What fails after the file was made, as a full disk does.
  const failing = { async * [Symbol.asyncIterator] () { throw systemError('ENOSPC') } }
  await t.rejects(systemDisk.createText(join(root, 'lease'), failing as never), { code: 'ENOSPC' })
  t.same(await systemDisk.list(root), [])
})

t.test('a directory that cannot be made is refused, and the try ends', async t => {
  const root = t.testdir({ dangling: t.fixture('symlink', 'nowhere'), file: '' })
  await t.rejects(systemDisk.makeDirectory(join(root, 'dangling/a/b')), { code: 'EEXIST' })
  await t.rejects(systemDisk.makeDirectory(join(root, 'file/a')), { code: 'ENOTDIR' })
  await t.rejects(systemDisk.makeDirectory(join(root, 'file')), { code: 'EEXIST' })
  await t.rejects(systemDisk.makeDirectory('/proc/sluice/spool'), { code: 'ENOENT' })
})

t.test('no symbolic link is followed, and no pipe waited for', async t => {
  const root = t.testdir({ secret: 'secret', link: t.fixture('symlink', 'secret'), 'x.new': t.fixture('symlink', 'secret') })
  const link = join(root, 'link')
  for (const mode of ['read', 'write', 'update'] as const) await t.rejects(systemDisk.open(link, mode), { code: 'ELOOP' })
  await t.rejects(systemDisk.readText(link), { code: 'ELOOP' })
  await t.rejects(systemDisk.replaceText(join(root, 'x'), 'overwritten'), { code: 'ELOOP' })
  t.equal(await systemDisk.readText(join(root, 'secret')), 'secret')
  t.equal((await systemDisk.stat(link)).isFile, false)
  t.equal((await systemDisk.stat(join(root, 'secret'))).userId, process.getuid?.())
  execFileSync('mkfifo', [join(root, 'pipe')])
  await (await systemDisk.open(join(root, 'pipe'), 'read')).close()
  t.equal(await systemDisk.readText(join(root, 'pipe')), '')
  t.equal(await systemDisk.readText(root), '')
  execFileSync('mkfifo', [join(root, 'y.new')])
  await t.rejects(systemDisk.replaceText(join(root, 'y'), ''), { code: 'ENXIO' })
})

t.test('of a text that somebody made huge only the beginning is read', async t => {
  const path = join(t.testdir({ lock: 'theirs' }), 'lock')
  truncateSync(path, 2 ** 31)
  const { length } = await systemDisk.readText(path)
  t.equal(length, 1 << 20)
})
