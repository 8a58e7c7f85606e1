import t from 'tap'
import type { Segment } from '../../src/contracts/segment.ts'
import { hourMs } from '../../src/spool/segment-name.ts'
import { turns, until } from '../support/manual-clock.ts'
import { MemoryDisk } from './memory-disk.ts'
import { accessRoute, linesOf, openTestSpool, recount, settleAll, spoolFiles, takeReady, type TestSpool } from './open-test-spool.ts'

/** With room for much. */
const many = {
  writeBufferBytes: 2 ** 21,
  routes: [{ name: 'access', quotaBytes: 2 ** 28, segmentMaxBytes: 2 ** 25, segmentMaxAgeMs: 60_000, isOrdered: true }],
}

const openNames = ({ disk }: TestSpool) => spoolFiles(disk)
  .map(file => file.replace('access/', '').replace('a'.repeat(32), 'A')).filter(file => file.endsWith('.open'))

t.test('one segment per hour and container', async t => {
  const test = await openTestSpool()
  const nowMs = test.clock.wallMs()
  test.append('a')
  test.append('b', { timeMs: nowMs - hourMs })
  test.append('c', { container: 'web' })
  test.append('d', { timeMs: nowMs - 1000 })
  test.append('e', { container: 'web' })
  test.append('f', { timeMs: nowMs + hourMs })
  test.append('g', { timeMs: nowMs - 2 * hourMs })
  test.append('h', { container: '_' })
  await test.spool.stored()
  t.same(openNames(test), ['%5F/2026112310-A-6.open', '_/2026112308-A-5.open', '_/2026112309-A-2.open',
    '_/2026112310-A-1.open', '_/2026112311-A-4.open', 'web/2026112310-A-3.open'])
  await test.spool.close()
})

t.test('records of hours long past or to come, or of no time, share one late segment per container', async t => {
  const test = await openTestSpool()
  const nowMs = test.clock.wallMs()
  const times = [nowMs - 3 * hourMs, 0, -1, nowMs + 2 * hourMs, NaN, Infinity, -Infinity, 2 ** 60, nowMs - 90 * hourMs]
  for (const timeMs of times) t.ok(test.append('x', { timeMs }))
  test.append('y', { timeMs: 0, container: 'web' })
  test.append('z')
  await test.spool.stored()
  t.same(openNames(test), ['_/2026112310-A-1late.open', '_/2026112310-A-3.open', 'web/2026112310-A-2late.open'])
  await test.spool.sealAll()
  const late = await takeReady(test.access)
  t.match(late, { hour: '2026112310', records: 9 })
  t.match(late?.id, /^2026112310-a{32}-1late-9-[0-9a-f]{8}$/)
  await test.spool.close()
})

t.test('where each hour has its own, hours long past have one segment each, in their order', async t => {
  const [route] = many.routes
  const test = await openTestSpool({ ...many, routes: [{ ...accessRoute, ...route, hasEveryHour: true }] })
  const nowMs = test.clock.wallMs()
  const hours = Array.from({ length: 40 }, (_, index) => 100 - index)
  for (const hour of hours) for (const text of ['a', 'b']) t.ok(test.append(text, { timeMs: nowMs - hour * hourMs }))
  // A line that comes late within a file finds its hour still open.
  test.append('c', { timeMs: nowMs - 65 * hourMs })
  test.append('d', { timeMs: NaN })
  await test.spool.stored()
  t.equal(openNames(test).length, 16, 'few are open at a time')
  await test.spool.sealAll()
  const sealed: Segment[] = []
  for (let segment = await takeReady(test.access); segment !== undefined; segment = await takeReady(test.access)) {
    sealed.push(segment)
    await settleAll(test.access, segment)
  }
  const byHour = Map.groupBy(sealed.filter(({ id }) => !id.includes('late')), ({ hour }) => hour)
  t.equal(byHour.size, 40)
  t.ok([...byHour.values()].every(({ length }) => length === 1), 'one segment an hour')
  t.same(sealed.filter(({ id }) => id.includes('late')).map(({ records }) => records), [1])
  t.equal(sealed.reduce((sum, { records }) => sum + records, 0), 82)
  t.match(test.ledger.snapshot(), { dropped: { total: 0 }, pending: { total: 0 } })
  await test.spool.close()
})

/** Half of the quota has room for the smallest files of three segments. */
async function openWithRoomForThree (): Promise<TestSpool> {
  const disk = new MemoryDisk()
  disk.blockBytes = 4096
  const routes = [{ name: 'access', quotaBytes: 6 * 4096, segmentMaxBytes: 4096, segmentMaxAgeMs: 60_000, isOrdered: false }]
  return await openTestSpool({ disk, routes })
}

t.test('no more segments are open than half of the quota has room for; of those with an age, the least recently used ' +
  'is sealed first', async t => {
  const test = await openWithRoomForThree()
  for (const container of ['a', 'b', 'c', 'a']) test.append('x', { container })
  await test.clock.advance(60_000)
  test.append('x', { container: 'd' })
  await test.spool.stored()
  t.match(await takeReady(test.access), { container: 'b' })
  t.same(openNames(test), ['a/2026112310-A-1.open', 'c/2026112310-A-3.open', 'd/2026112310-A-4.open'])
  await test.spool.close()
})

t.test('while all are young the newest is sealed for the next, so that the others keep taking lines', async t => {
  const test = await openWithRoomForThree()
  for (const container of 'abcdeabcdeabcde') {
    test.append('x', { container })
    await test.clock.advance(100)
    const segment = await takeReady(test.access)
    if (segment !== undefined) await settleAll(test.access, segment)
  }
  t.same(openNames(test).slice(0, 2), ['a/2026112310-A-1.open', 'b/2026112310-A-2.open'])
  t.equal(test.disk.content('/data/host/spool/access/a/2026112310-' + 'a'.repeat(32) + '-1.open').toString(), 'x\nx\nx\n')
  await test.spool.close()
})

t.test('there are never more than 1,024, however many containers there are', async t => {
  const test = await openTestSpool(many)
  for (let n = 0; n < 1200; n++) {
    if (test.spool.isFull) await test.spool.whenWritable()
    test.append('x', { container: `c${n}` })
  }
  await test.spool.stored()
  await until(() => openNames(test).length <= 1024)
  t.equal(spoolFiles(test.disk).length, 1200)
  t.match(test.ledger.snapshot(), { dropped: { total: 0 }, pending: { total: 1200 } })
  await test.spool.close()
})

t.test('an hour\'s segment is sealed 15 s after the hour, when it is old enough; a straggler opens another', async t => {
  const test = await openTestSpool()
  const hourEndMs = test.clock.wallMs() + hourMs / 2
  test.append('x')
  await test.clock.advance(hourMs / 2 + 14_000)
  t.equal(openNames(test).length, 1)
  await test.clock.advance(2000)
  t.same(openNames(test), [])
  test.append('straggler', { timeMs: hourEndMs - 1 })
  await test.clock.advance(59_000)
  t.same(openNames(test), ['_/2026112310-A-2.open'], 'not one segment for every straggler')
  await test.clock.advance(2000)
  t.same(openNames(test), [])
  await test.spool.close()
})

t.test('a segment does not grow beyond its limit, unless one line does', async t => {
  const test = await openTestSpool({
    routes: [{ name: 'access', quotaBytes: 2 ** 20, segmentMaxBytes: 100, segmentMaxAgeMs: 60_000, isOrdered: false }],
  })
  for (const length of [49, 49, 1, 200, 99, 0]) test.append('x'.repeat(length))
  await test.spool.sealAll()
  const sizes: number[] = []
  for (let segment = await takeReady(test.access); segment !== undefined; segment = await takeReady(test.access)) {
    sizes.push(segment.bytes)
  }
  t.same(sizes, [100, 2, 201, 100, 1])
  await test.spool.close()
})

t.test('sealing what holds nothing leaves no trace', async t => {
  const test = await openTestSpool({ writeBufferBytes: 64 })
  test.disk.hang()
  for (let n = 0; n < 40; n++) test.append('x', { container: `c${n % 2}` })
  t.notOk(test.append('y', { container: 'third' }), 'no memory is left')
  test.disk.resume()
  await test.spool.sealAll()
  await test.spool.sealAll()
  t.notOk(spoolFiles(test.disk).some(file => file.includes('third')))
  t.ok(test.ledger.snapshot().isBalanced)
  await test.spool.close()
})

t.test('wall time that steps, in whatever direction, holds up no line beyond its age', async t => {
  const minuteMs = 60_000
  for (const stepMs of [-24 * hourMs, -30 * minuteMs, -90_000, 90_000, 30 * minuteMs, 24 * hourMs]) {
    const { append, spool, access, disk, clock } = await openTestSpool()
    const lines: string[] = []
    const stop = new AbortController()
    const taking = (async () => {
      for (let taken = await access.take(stop.signal); taken !== undefined; taken = await access.take(stop.signal)) {
        lines.push(...linesOf(disk, taken))
        await settleAll(access, taken)
      }
    })()
    append('before')
    await clock.advance(10_000)
    clock.stepWall(stepMs)
    append('after')
    await clock.advance(49_999)
    // A step over the end of an hour seals what lies before it at once, which is no wait.
    t.same(lines, Math.abs(stepMs) < 30 * minuteMs ? [] : lines, `${stepMs} ms: not before its age`)
    await clock.advance(1)
    t.ok(lines.includes('before'), `${stepMs} ms: at its age`)
    await clock.advance(10_000)
    t.same(lines, ['before', 'after'], `${stepMs} ms: in order`)
    stop.abort()
    await taking
    await spool.close()
  }
})

/** Lines of so many containers, which write in turns: 8,000 lines a second, as long as there is room for them. */
async function appendInTurns (test: TestSpool, containerCount: number): Promise<void> {
  for (let line = 0; line < 3200;) {
    for (const end = line + 160; line < end; line++) {
      if (test.spool.isFull) await test.spool.whenWritable()
      test.append(`line ${line} ${'x'.repeat(400)}`, { container: `c${line % containerCount}` })
    }
    await test.clock.advance(20)
  }
  await test.spool.stored()
}

t.test('containers that write in turns have one segment each, however many there are', async t => {
  for (const containerCount of [10, 17, 40, 300]) {
    const test = await openTestSpool(many)
    await appendInTurns(test, containerCount)
    t.equal(spoolFiles(test.disk).length, containerCount, `${containerCount}, the destination away`)
    t.match(test.ledger.snapshot(), { dropped: { total: 0 }, pending: { total: 3200 }, isBalanced: true })
    await test.spool.close()
  }
})

t.test('while they are delivered too: one segment for each of them and its age', async t => {
  for (const containerCount of [10, 17, 40, 300]) {
    const test = await openTestSpool(many)
    let takenCount = 0
    const stop = new AbortController()
    const delivery = (async () => {
      for (;;) {
        const one = await test.access.take(stop.signal)
        if (one === undefined) return
        takenCount++
        test.ledger.counter('delivered', 'access').value += one.records
        await settleAll(test.access, one)
      }
    })()
    for (let age = 0; age < 2; age++) {
      await appendInTurns(test, containerCount)
      await test.clock.advance(60_000)
      await until(() => test.access.pendingRecords === 0)
    }
    t.equal(takenCount, containerCount * 2, `${containerCount} containers`)
    t.match(test.ledger.snapshot(), { dropped: { total: 0 }, delivered: { total: 6400 }, isBalanced: true })
    stop.abort()
    await delivery
    await test.spool.close()
  }
})

t.test('where many containers write in turns, one write takes lines of up to five flushes', async t => {
  for (const [containerCount, mostWrites] of [[10, 200], [40, 400], [300, 1200]] as const) {
    const test = await openTestSpool(many)
    await appendInTurns(test, containerCount)
    const writeCount = test.disk.operations.filter(operation => operation === 'writev').length
    t.ok(writeCount <= mostWrites, `${containerCount} containers: ${writeCount} writes of 3,200 lines`)
    await test.spool.close()
  }
  const test = await openTestSpool(many)
  for (let n = 0; n < 300; n++) test.append('x', { container: `c${n}` })
  await test.clock.advance(80)
  t.equal(recount(test.disk), 0)
  await test.clock.advance(20)
  await turns(400)
  t.equal(recount(test.disk), 300, 'no line waits longer')
  await test.spool.close()
})

t.test('what small files cost the disk counts towards the quota', async t => {
  const disk = new MemoryDisk()
  disk.blockBytes = 4096
  const test = await openTestSpool({
    disk, routes: [{ name: 'access', quotaBytes: 10 * 4096, segmentMaxBytes: 4096, segmentMaxAgeMs: 60_000, isOrdered: false }],
  })
  const line = 'x'.repeat(99)
  for (let n = 0; n < 41; n++) t.ok(test.append(line, { container: 'a' }))
  t.equal(test.access.bytes, 4096 + 4096, 'a hundred bytes more than a block holds are a block more')
  await test.spool.sealAll()
  t.equal(test.access.bytes, 4096 + 4096)
  for (let n = 0; n < 8; n++) {
    t.ok(test.append('x', { container: `c${n}` }))
    await test.spool.sealAll()
  }
  t.equal(test.access.bytes, 10 * 4096)
  t.equal(test.ledger.snapshot().dropped.total, 0)
  t.ok(test.append('x'))
  t.equal(test.access.bytes, 10 * 4096)
  t.match(test.ledger.snapshot(), { dropped: { by: { 'access/quota': 40 } }, isBalanced: true }, 'the oldest file went')
  const segment = await takeReady(test.access)
  if (segment !== undefined) await settleAll(test.access, segment)
  t.equal(test.access.bytes, 9 * 4096)
  await test.spool.close()
})

t.test('what is open never takes all of the quota, so that the newest lines find room for as long as anything is old', async t => {
  const test = await openTestSpool({
    ...many,
    routes: [{ name: 'access', quotaBytes: 2 ** 20, segmentMaxBytes: 2 ** 18, segmentMaxAgeMs: 60_000, isOrdered: false }],
  })
  for (let line = 0; line < 4000; line++) {
    t.ok(test.append('x'.repeat(499), { container: `c${line % 10}` }), `line ${line}`)
    if (line % 50 === 0) await test.clock.advance(20)
  }
  t.ok(test.access.pendingBytes > 2 ** 19)
  t.ok(test.ledger.counter('dropped', 'access', 'quota').value > 0)
  t.ok(test.ledger.snapshot().isBalanced)
  await test.spool.close()
})

t.test('no more files stay open than allowed; of one that is removed meanwhile the lines are counted, and it goes on', async t => {
  const test = await openTestSpool({ maxOpenSegments: 1 })
  for (const container of ['a', 'b']) {
    test.append('gone', { container })
    t.ok(await test.spool.stored())
  }
  await test.disk.remove(`/data/host/spool/access/b/2026112310-${'a'.repeat(32)}-2.open`)
  test.append('kept too', { container: 'b' })
  t.notOk(await test.spool.stored(), 'no acknowledgement')
  t.match(test.ledger.snapshot(), { dropped: { by: { 'access/disk': 1 } }, pending: { total: 2 }, isBalanced: true })
  test.append('kept', { container: 'b' })
  t.ok(await test.spool.stored())
  t.equal(recount(test.disk), 3)
  t.same(openNames(test), ['a/2026112310-A-1.open', 'b/2026112310-A-2.open'])
  await test.spool.sealAll()
  t.equal(test.access.bytes, test.access.pendingBytes)
  await test.spool.close()
})
