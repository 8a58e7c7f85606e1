import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import t from 'tap'
import { systemDisk } from '../../src/spool/disk.ts'
import { acquireLock, parseStart, systemProcesses, type Processes } from '../../src/spool/lock.ts'
import { MemoryDisk } from './memory-disk.ts'

/** A machine on which these processes live, seen by process `pid`. */
function processesOf (pid: number, living: Record<number, string | undefined>): Processes {
  return { pid, startOf: async other => other in living ? living[other] : 'ended' }
}

const directory = '/data/host'

function lockOf (disk: MemoryDisk, at = directory): unknown {
  return JSON.parse(disk.content(`${at}/lock`).toString())
}

t.test('a lock says who holds it, and is gone after it was given back', async t => {
  const disk = new MemoryDisk()
  const lock = await acquireLock({ disk, processes: processesOf(7, { 7: '100' }), directory, boot: 'a' })
  t.match(lock, { directory, ordinal: 1 })
  t.same(lockOf(disk), { pid: 7, started: '100', boot: 'a' })
  await lock.release()
  t.same(disk.paths(), [])
  await lock.release()
})

t.test('a directory held by another living process is left to it', async t => {
  const disk = new MemoryDisk()
  const living = { 7: '100', 8: '200', 9: '300' }
  await acquireLock({ disk, processes: processesOf(7, living), directory, boot: 'a' })
  const second = await acquireLock({ disk, processes: processesOf(8, living), directory, boot: 'b' })
  const third = await acquireLock({ disk, processes: processesOf(9, living), directory, boot: 'c' })
  t.match([second, third], [{ directory: '/data/host-2', ordinal: 2 }, { directory: '/data/host-3', ordinal: 3 }])
  t.match(lockOf(disk), { boot: 'a' })
  await second.release()
  t.same(disk.paths(), ['/data/host-3/lock', '/data/host/lock'])
})

t.test('stale locks are taken over', async t => {
  const stale = {
    'the process is gone': [{ pid: 5, started: '100', boot: 'old' }, { 7: '700' }],
    'its id belongs to another process now': [{ pid: 5, started: '100', boot: 'old' }, { 5: '500', 7: '700' }],
    'it is an earlier life of process 1 of a container': [{ pid: 7, started: '100', boot: 'old' }, { 7: '700' }],
    'the same without start times, as on macOS': [{ pid: 7, boot: 'old' }, { 7: undefined }],
    'nobody wrote it': ['', { 7: '700' }],
    'it was cut short': ['{"pid":', { 7: '700' }],
    'it is not a lock': ['null', { 7: '700' }],
    'it names no process': [{ pid: -1, boot: 'old' }, { 7: '700' }],
    'it names nothing': [{}, { 7: '700' }],
  } as const
  for (const [name, [content, living]] of Object.entries(stale)) {
    const disk = new MemoryDisk()
    disk.put(`${directory}/lock`, typeof content === 'string' ? content : JSON.stringify(content))
    const lock = await acquireLock({ disk, processes: processesOf(7, living), directory, boot: 'new' })
    t.equal(lock.ordinal, 1, name)
    t.match(lockOf(disk), { boot: 'new' }, name)
    t.equal(disk.paths().length, 1, `${name}: nothing else is left`)
  }
})

t.test('living holders are respected', async t => {
  const held = {
    'same start': [{ pid: 5, started: '100', boot: 'old' }, { 5: '100', 7: '700' }],
    'start unknown to the lock': [{ pid: 5, boot: 'old' }, { 5: '100', 7: '700' }],
    'start unknown to us': [{ pid: 5, started: '100', boot: 'old' }, { 5: undefined, 7: '700' }],
    'another spool of this very process': [{ pid: 7, started: '700', boot: 'old' }, { 7: '700' }],
    'this very spool': [{ pid: 7, boot: 'new' }, { 7: undefined }],
  } as const
  for (const [name, [content, living]] of Object.entries(held)) {
    const disk = new MemoryDisk()
    disk.put(`${directory}/lock`, JSON.stringify(content))
    const lock = await acquireLock({ disk, processes: processesOf(7, living), directory, boot: 'new' })
    t.equal(lock.ordinal, 2, name)
  }
})

t.test('of two that find the same stale lock, one gets the directory', async t => {
  for (let round = 0; round < 20; round++) {
    const disk = new MemoryDisk()
    disk.put(`${directory}/lock`, JSON.stringify({ pid: 5, started: '100', boot: 'old' }))
    const living = { 7: '700', 8: '800' }
    const first = acquireLock({ disk, processes: processesOf(7, living), directory, boot: 'a' })
    for (let turn = 0; turn < round; turn++) await new Promise(resolve => setImmediate(resolve))
    const second = acquireLock({ disk, processes: processesOf(8, living), directory, boot: 'b' })
    const ordinals = [(await first).ordinal, (await second).ordinal].sort()
    t.same(ordinals, [1, 2], `the second ${round} turns later`)
  }
})

t.test('what the disk refuses is passed on', async t => {
  const disk = new MemoryDisk()
  for (const operation of ['makeDirectory', 'createText', 'readText', 'rename'] as const) {
    disk.put(`${directory}/lock`, 'stale')
    disk.fault = asked => asked === operation ? 'EROFS' : undefined
    await t.rejects(acquireLock({ disk, processes: processesOf(7, {}), directory, boot: 'a' }), { code: 'EROFS' })
  }
})

t.test('when every directory is held, it says so', async t => {
  const disk = new MemoryDisk()
  const holder = JSON.stringify({ pid: 5, boot: 'old' })
  for (let n = 1; n <= 100; n++) disk.put(`${directory}${n === 1 ? '' : `-${n}`}/lock`, holder)
  await t.rejects(acquireLock({ disk, processes: processesOf(7, { 5: '5' }), directory, boot: 'a' }), /no other process/)
})

t.test('a start time is read behind the last parenthesis; remains of a process are none', async t => {
  const fields = (state: string) => `42 (a) b (c) ${state} ${Array.from({ length: 49 }, (_, index) => index + 4).join(' ')}`
  t.equal(parseStart(fields('S')), '22')
  t.equal(parseStart(fields('Z')), 'ended')
  t.equal(parseStart(fields('X')), 'ended')
  t.equal(parseStart(''), undefined)
})

t.test('the system knows this process, and that a process that ended has', async t => {
  t.not(await systemProcesses.startOf(process.pid), 'ended')
  const child = fork(join(import.meta.dirname, 'lock-holder.ts'), [t.testdir()], { execArgv: [] })
  const [held] = await once(child, 'message')
  t.equal(held, 1)
  const { pid = 0 } = child
  t.not(await systemProcesses.startOf(pid), 'ended')
  const directory = join(t.testdirName, 'host')
  const beside = await acquireLock({ disk: systemDisk, processes: systemProcesses, directory, boot: 'b' })
  t.equal(beside.ordinal, 2, 'it lives: we go beside it')
  child.kill('SIGKILL')
  await once(child, 'exit')
  t.equal(await systemProcesses.startOf(pid), 'ended')
  const after = await acquireLock({ disk: systemDisk, processes: systemProcesses, directory, boot: 'c' })
  t.equal(after.ordinal, 1, 'it was killed: its lock is stale')
})
