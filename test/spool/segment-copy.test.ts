import t from 'tap'
import { SegmentCopy } from '../../src/spool/segment-copy.ts'
import { linesOf, openTestSpool, settleAll, spoolFiles, takeReady } from './open-test-spool.ts'

const text = (length: number) => Buffer.alloc(length, 'abc\n')

t.test('a copy holds what was added, in order, up to 32 KiB', async t => {
  const budget = { freeBytes: 100_000 }
  const copy = new SegmentCopy(budget)
  t.equal(copy.content?.length, 0)
  for (let n = 0; n < 32; n++) copy.add(text(2048), 512, 1536)
  t.same(copy.content, text(32 * 1024))
  copy.add(text(4), 0, 1)
  t.equal(copy.content, undefined)
  t.equal(budget.freeBytes, 100_000, 'its memory is for others')
  copy.restart()
  copy.add(text(4), 0, 4)
  t.equal(copy.content, undefined, 'nor is what comes after that all of it')
})

t.test('copies take no more together than they may, and what is dropped is for the next', async t => {
  const budget = { freeBytes: 5000 }
  const [first, second, third] = [new SegmentCopy(budget), new SegmentCopy(budget), new SegmentCopy(budget)]
  for (const copy of [first, second, third]) copy.add(text(100), 0, 100)
  t.same([first, second, third].map(copy => copy.content?.length), [100, 100, undefined])
  first.drop()
  first.drop()
  t.equal(first.content, undefined)
  t.equal(budget.freeBytes, 2952)
  const fourth = new SegmentCopy(budget)
  fourth.add(text(100), 0, 100)
  t.same(fourth.content, text(100))
})

t.test('a small segment is handed out with its content, but not again after it was given back', async t => {
  const { append, disk, spool, access } = await openTestSpool()
  append('one')
  append('two')
  await spool.sealAll()
  const segment = await takeReady(access)
  t.equal(segment?.content?.toString(), 'one\ntwo\n')
  if (segment === undefined) return t.fail('no segment')
  access.release(segment)
  t.equal(segment.content, undefined, 'its file is looked at')
  const again = await takeReady(access)
  t.equal(again, segment)
  t.equal(again?.content, undefined)
  t.same(linesOf(disk, segment), ['one', 'two'])
  await settleAll(access, segment)
  await spool.close()
})

t.test('what the disk did not take for sure is read from it', async t => {
  const { append, disk, spool, access } = await openTestSpool()
  append('one')
  disk.fault = operation => operation === 'close' ? 'EIO' : undefined
  await spool.sealAll()
  disk.fault = () => undefined
  const segment = await takeReady(access)
  t.ok(segment)
  t.equal(segment?.content, undefined)
  await spool.close()
})

t.test('with a destination away, segments without number leave memory for those that are delivered', async t => {
  const { append, spool, access } = await openTestSpool({
    writeBufferBytes: 2 ** 21,
    routes: [{ name: 'access', quotaBytes: 2 ** 30, segmentMaxBytes: 2 ** 25, segmentMaxAgeMs: 60_000, isOrdered: false }],
  })
  const held = []
  for (let n = 0; n < 520; n++) {
    append(`line ${n}`, { container: `c${n}` })
    if (n % 20 === 19) await spool.sealAll()
  }
  for (;;) {
    const segment = await takeReady(access)
    if (segment === undefined) break
    held.push(segment)
  }
  t.equal(held.length, 520)
  t.equal(held.filter(({ content }) => content !== undefined).length, 512, '1 MiB')
  for (const segment of held) await settleAll(access, segment)
  append('next')
  await spool.sealAll()
  const next = await takeReady(access)
  t.equal(next?.content?.toString(), 'next\n')
  await spool.close()
})

t.test('copies of files that are lost leave their memory to others', async t => {
  const { append, disk, spool, access } = await openTestSpool()
  for (let n = 0; n < 520; n++) {
    append(`line ${n}`)
    await spool.stored()
    for (const file of spoolFiles(disk)) await disk.remove(`/data/host/spool/${file}`)
    await spool.sealAll()
  }
  t.equal(access.pendingRecords, 0)
  append('next')
  await spool.sealAll()
  t.equal((await takeReady(access))?.content?.toString(), 'next\n')
  await spool.close()
})
