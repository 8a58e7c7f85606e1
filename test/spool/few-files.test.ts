import t from 'tap'
import { withFewFiles } from '../../src/spool/few-files.ts'
import { withLimit } from '../../src/spool/limited-disk.ts'
import { MemoryDisk } from './memory-disk.ts'

const x = [Buffer.from('x')]

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
  const disk = withFewFiles(withLimit(memory, 1), maxCount)
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
