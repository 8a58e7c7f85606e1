import t from 'tap'
import { restMs } from '../../src/spool/backpressure.ts'
import { holdMs } from '../../src/spool/quota-hold.ts'
import { turns } from '../support/manual-clock.ts'
import { accessRoute, openTestSpool, recount, settleAll, spoolFiles, takeReady } from './open-test-spool.ts'

/** Ten lines of 100 bytes fit; a segment holds two. */
const small = { routes: [{ ...accessRoute, quotaBytes: 1000, segmentMaxBytes: 200 }] }
const line = 'x'.repeat(99)

t.test('when the quota is full the oldest bytes go first, and are counted', async t => {
  const { append, spool, access, ledger, disk } = await openTestSpool(small)
  for (let n = 0; n < 10; n++) {
    t.ok(append(line))
    await turns()
  }
  t.equal(access.bytes, 1000, 'filled to the last byte')
  await spool.stored()
  t.match(ledger.snapshot(), { dropped: { total: 0 }, pending: { total: 10 } })
  t.ok(append(line))
  t.match(ledger.snapshot(), { dropped: { by: { 'access/quota': 2 } }, pending: { total: 9 }, isBalanced: true })
  t.equal(access.bytes, 900)
  await spool.stored()
  await turns(10)
  t.equal(recount(disk), 9)
  await spool.close()
})

t.test('a segment is no larger than a quarter of the quota, so that a full one loses no more at a time', async t => {
  const routes = [{ ...accessRoute, quotaBytes: 1000, segmentMaxBytes: 1000 }]
  const { append, spool, access } = await openTestSpool({ routes })
  for (let n = 0; n < 5; n++) append(line)
  await spool.sealAll()
  const segments = [await takeReady(access), await takeReady(access), await takeReady(access)]
  t.same(segments.map(segment => segment?.bytes), [200, 200, 100])
  await spool.close()
})

t.test('a segment that delivery holds is never given up; then the newest line goes', async t => {
  const { append, spool, access, ledger } = await openTestSpool(small)
  for (let n = 0; n < 10; n++) append(line)
  await spool.sealAll()
  const held = await takeReady(access)
  const alsoHeld = [await takeReady(access), await takeReady(access), await takeReady(access), await takeReady(access)]
  t.notOk(append(line))
  t.match(ledger.snapshot(), { dropped: { by: { 'access/quota': 1 } }, pending: { total: 10 }, isBalanced: true })
  if (held !== undefined) await settleAll(access, held)
  t.ok(append(line))
  for (const segment of alsoHeld) if (segment !== undefined) access.release(segment)
  await spool.close()
})

t.test('only what was not delivered of a segment is counted when it goes', async t => {
  const { append, spool, access, ledger } = await openTestSpool(small)
  for (let n = 0; n < 10; n++) append(line)
  await spool.sealAll()
  const first = await takeReady(access)
  if (first === undefined) throw new Error('a segment was expected')
  await access.settle(first, 100, 1)
  ledger.counter('delivered', 'access').value++
  access.release(first)
  append(line)
  t.match(ledger.snapshot(), { dropped: { by: { 'access/quota': 1 } }, delivered: { total: 1 }, isBalanced: true })
  await spool.close()
})

t.test('when all is open, the oldest open segment is sealed, to make room for the lines to come', async t => {
  const { append, spool, access, ledger } = await openTestSpool(small)
  for (let n = 0; n < 10; n++) t.ok(append(line, { container: `c${n}` }))
  t.notOk(append(line))
  await turns(20)
  t.ok(append(line))
  t.match(ledger.snapshot(), { dropped: { by: { 'access/quota': 2 } }, isBalanced: true })
  t.equal(access.bytes, 1000)
  await spool.close()
})

/** 32 MiB, of which a segment holds eight lines of 1 MiB. */
async function openLargeSpool () {
  const mebibyte = 2 ** 20
  const routes = [{ ...accessRoute, quotaBytes: 32 * mebibyte, segmentMaxBytes: 8 * mebibyte }]
  const test = await openTestSpool({ routes, writeBufferBytes: 2 ** 26 })
  const longLine = 'x'.repeat(mebibyte - 1)
  const append = async (count: number) => {
    for (let n = 0; n < count; n++) {
      test.append(longLine)
      await test.spool.stored()
    }
  }
  const deliver = async () => {
    const segment = await takeReady(test.access)
    if (segment === undefined) throw new Error('a segment was expected')
    test.ledger.counter('delivered', 'access').value += segment.records
    await settleAll(test.access, segment)
  }
  return { ...test, append, deliver }
}

t.test('a flood that a destination takes fast waits at the quota, for moments, and loses nothing', async t => {
  const { append, deliver, spool, access, ledger, clock } = await openLargeSpool()
  await append(17)
  t.notOk(spool.isFull)
  await deliver()
  await deliver()
  for (let round = 0; round < 5; round++) {
    while (!spool.isFull) await append(1)
    t.ok(access.bytes <= access.quotaBytes * 3 / 4, 'there is room for what is on its way')
    const writable = spool.whenWritable()
    await deliver()
    await writable
    await clock.advance(400)
    await append(7)
    await deliver()
  }
  t.match(ledger.snapshot(), { dropped: { total: 0 }, isBalanced: true })
  await spool.close()
})

t.test('however long a flood goes on, senders wait for 50 ms at a time and are read for 25 ms after it', async t => {
  const { append, deliver, spool, ledger, clock } = await openLargeSpool()
  await append(17)
  await deliver()
  await deliver()
  const stepMs = 5
  const heldMs: number[] = []
  const freeMs: number[] = []
  let wasFull = false
  for (let passedMs = 0; passedMs < 3_000; passedMs += stepMs) {
    const isFull = spool.isFull
    const runs = isFull ? heldMs : freeMs
    if (isFull === wasFull && runs.length > 0) runs.push((runs.pop() ?? 0) + stepMs)
    else runs.push(stepMs)
    wasFull = isFull
    if (!isFull) await append(1)
    // As when the ends of objects make room for a moment, and none for a while.
    if (passedMs % 170 === 165) for (let n = 0; n < 2; n++) await deliver()
    await clock.advance(stepMs)
  }
  t.ok(heldMs.length > 20, `held ${heldMs.length} times`)
  t.ok(Math.max(...heldMs) <= holdMs, `held for ${heldMs.join(', ')} ms`)
  t.ok(Math.min(...freeMs.slice(0, -1)) >= restMs, `read for ${freeMs.join(', ')} ms`)
  t.match(ledger.snapshot(), { dropped: { total: 0 }, isBalanced: true })
  await spool.close()
})

t.test('a destination that has taken little for a second keeps nobody waiting: the oldest go as ever', async t => {
  const { append, deliver, spool, ledger, clock } = await openLargeSpool()
  await append(32)
  await deliver()
  await append(8)
  t.notOk(spool.isFull, '8 MiB a second is little')
  await append(1)
  t.match(ledger.snapshot(), { dropped: { by: { 'access/quota': 8 } } })
  await deliver()
  await deliver()
  await append(16)
  t.ok(spool.isFull, '16 MiB within a second is much')
  const writable = spool.whenWritable()
  await clock.advance(1_000)
  await writable
  await clock.advance(100)
  t.notOk(spool.isFull)
  await append(8)
  t.match(ledger.snapshot(), { dropped: { by: { 'access/quota': 16 } }, isBalanced: true })
  t.notOk(spool.isFull, 'nor is it waited for again')
  await spool.close()
})

t.test('a line over the whole quota is dropped and displaces nothing', async t => {
  const { append, spool, ledger } = await openTestSpool(small)
  append(line)
  t.notOk(append('x'.repeat(1000)))
  t.match(ledger.snapshot(), { dropped: { by: { 'access/quota': 1 } }, pending: { total: 1 } })
  await spool.close()
})

t.test('one route cannot touch another\'s quota', async t => {
  const { append, spool, ledger } = await openTestSpool({ routes: [...small.routes, { ...accessRoute, name: 'error' }] })
  const error = spool.route('error')
  error.append(0, '', Buffer.from(line), 0, 99)
  for (let n = 0; n < 50; n++) append(line)
  t.equal(error.pendingRecords, 1)
  t.equal(error.quotaBytes, accessRoute.quotaBytes)
  t.equal(ledger.counter('dropped', 'error', 'quota').value, 0)
  await spool.close()
})

t.test('a disk that fills up shrinks the quota to half of what is left, oldest first, and grows it again', async t => {
  const { append, spool, access, disk, clock, ledger } = await openTestSpool(small)
  for (let n = 0; n < 10; n++) append(line)
  await spool.sealAll()
  disk.capacityBytes = disk.usedBytes + 200
  await clock.advance(10_000)
  t.equal(access.quotaBytes, 600, '200 free and 1000 of ours')
  t.match(ledger.snapshot(), { dropped: { by: { 'access/disk_full': 4 } }, pending: { total: 6 }, isBalanced: true })
  await clock.advance(10_000)
  t.equal(access.quotaBytes, 600, 'what was given up is free now: it does not shrink further')
  disk.capacityBytes = 2 ** 30
  await clock.advance(1000)
  t.equal(access.quotaBytes, 1000)
  await spool.close()
})

t.test('a full disk is measured at once', async t => {
  const { append, spool, access, disk, clock } = await openTestSpool(small)
  await clock.advance(2000)
  disk.capacityBytes = disk.usedBytes
  append(line)
  t.notOk(await spool.stored())
  await turns()
  t.equal(access.quotaBytes, 50)
  t.equal(access.problem, 'ENOSPC')
  t.equal(access.pendingRecords, 1, 'what was accepted waits')
  disk.capacityBytes = 2 ** 30
  await clock.advance(2000)
  t.equal(access.problem, undefined)
  t.equal(recount(disk), 1)
  await spool.close()
})

t.test('with both full buffers and a disk that takes nothing, the newest lines are dropped and counted', async t => {
  const { append, spool, access, disk, clock, ledger } = await openTestSpool({ writeBufferBytes: 3200 })
  disk.fault = operation => operation === 'writev' ? 'EIO' : undefined
  let acceptedCount = 0
  for (let n = 0; n < 100; n++) if (append(line)) acceptedCount++
  t.equal(acceptedCount, 32)
  t.match(ledger.snapshot(), { dropped: { by: { 'access/memory': 68 } }, pending: { total: 32 }, isBalanced: true })
  t.ok(spool.isFull)
  const waited = spool.whenWritable()
  await clock.advance(1000)
  await waited
  t.notOk(spool.isFull, 'sources go on')
  disk.fault = () => undefined
  await clock.advance(2000)
  t.equal(recount(disk), 32)
  t.ok(append(line))
  t.equal(access.pendingRecords, 33)
  await spool.close()
})

t.test('a full buffer drops the newest line without giving up old ones for it', async t => {
  const { append, spool, disk, ledger } = await openTestSpool({ ...small, writeBufferBytes: 640 })
  const short = 'x'.repeat(19)
  for (let n = 0; n < 50; n++) {
    append(short)
    await spool.stored()
  }
  await spool.sealAll()
  disk.hang()
  for (let n = 0; n < 32; n++) t.ok(append(short, { container: `c${n}` }))
  t.match(ledger.snapshot(), { dropped: { by: { 'access/quota': 40 } }, isBalanced: true })
  for (let n = 0; n < 80; n++) t.notOk(append(short, { container: `c${n}` }))
  t.match(ledger.snapshot(), { dropped: { by: { 'access/quota': 40, 'access/memory': 80 } }, isBalanced: true })
  disk.resume()
  await spool.close()
})

t.test('sources can go on as soon as the disk has taken enough', async t => {
  const { append, spool, disk } = await openTestSpool({ writeBufferBytes: 3200 })
  disk.hang()
  for (let n = 0; n < 24; n++) append(line)
  t.ok(spool.isFull)
  let isOver = false
  const waited = spool.whenWritable().then(() => { isOver = true })
  await turns()
  t.notOk(isOver)
  disk.resume()
  await waited
  t.notOk(spool.isFull, 'without waiting for the flush: what is full is written at once')
  await spool.close()
})

t.test('what was in memory before gets room beyond the buffers, and waits for the disk as long as that takes', async t => {
  const { append, spool, access, disk, ledger, clock } = await openTestSpool({ writeBufferBytes: 3200 })
  disk.hang()
  let takenCount = 0
  while (append(line)) takenCount++
  t.equal(spool.overdrawnBytes, 0)
  const received = ledger.counter('received', 'join')
  const bytes = Buffer.from(line)
  for (let n = 0; n < 100; n++) {
    received.value++
    t.ok(access.append(clock.wallMs(), '', bytes, 0, bytes.length, true))
  }
  t.ok(spool.overdrawnBytes >= 10_000, `${spool.overdrawnBytes}`)
  t.ok(spool.bufferBytes >= 13_000)
  t.ok(spool.isFull, 'sources wait meanwhile')
  t.notOk(append(line), 'what they bring gets none of it')
  await clock.advance(600_000)
  t.match(ledger.snapshot(), { dropped: { by: { 'access/memory': 2 } }, pending: { total: takenCount + 100 }, isBalanced: true })
  disk.resume()
  await spool.stored()
  await turns(20)
  t.same([spool.overdrawnBytes, spool.isFull], [0, false])
  t.equal(recount(disk), takenCount + 100)
  await spool.close()
})

t.test('gauges say what is there', async t => {
  const { append, spool, metrics, clock, access } = await openTestSpool()
  const read = (name: Parameters<typeof metrics.gauge>[0], ...labels: string[]) => {
    for (const series of metrics.series(name)) {
      if ('value' in series && series.labels.join() === ['access', ...labels].join()) return series.value
    }
    return undefined
  }
  t.equal(read('sluice_oldest_pending_seconds'), 0)
  append(line)
  await spool.sealAll()
  append(line)
  await clock.advance(2000)
  t.equal(read('sluice_spool_bytes'), 200)
  t.equal(read('sluice_spool_quota_bytes'), accessRoute.quotaBytes)
  t.equal(read('sluice_spool_segments', 'open'), 1)
  t.equal(read('sluice_spool_segments', 'sealed'), 1)
  t.equal(read('sluice_oldest_pending_seconds'), 2)
  await takeReady(access)
  t.equal(read('sluice_oldest_pending_seconds'), 2, 'held is pending')
  t.equal(access.oldestPendingMs, clock.monotonicMs() - 2000)
  await spool.close()
})

t.test('a line that is dropped holds up nothing: an error of another container leaves at its age', async t => {
  const error = { ...accessRoute, quotaBytes: 1000, segmentMaxAgeMs: 1000, isOrdered: true }
  const { append, spool, access, clock } = await openTestSpool({ routes: [error] })
  const waiting = access.take(new AbortController().signal)
  t.notOk(append('x'.repeat(1000), { container: 'noisy' }))
  append('an error', { container: 'web' })
  await clock.advance(1000)
  t.match(await Promise.race([waiting, turns(20)]), { container: 'web' })
  await spool.close()
})

t.test('a line that is dropped opens no segment and seals none in its favour', async t => {
  for (const [reason, length, writeBufferBytes, quotaBytes] of [
    ['quota', 3000, 2 ** 17, 2500],
    ['memory', 98, 3200, 2 ** 20],
  ] as const) {
    const routes = [{ ...accessRoute, quotaBytes }]
    const test = await openTestSpool({ routes, writeBufferBytes, maxOpenSegments: 2 })
    const { append, spool, disk, ledger, metrics } = test
    const segments = () => JSON.stringify([...metrics.series('sluice_spool_segments')])
    disk.hang()
    for (let n = 0; n < 32; n++) t.ok(append('x'.repeat(48), { container: `c${n % 2}` }))
    if (reason === 'memory') for (let n = 0; n < 32; n++) append('x'.repeat(98), { container: 'c0' })
    const before = segments()
    t.notOk(append('x'.repeat(length), { container: 'another' }))
    t.equal(segments(), before, reason)
    t.same(Object.keys(ledger.snapshot().dropped.by), [`access/${reason}`])
    disk.resume()
    await spool.close()
  }
})

t.test('a segment whose file somebody removed holds up no other', async t => {
  const { append, spool, access, disk, clock } = await openTestSpool()
  const waiting = access.take(new AbortController().signal)
  append('gone', { container: 'a' })
  await spool.stored()
  await clock.advance(1000)
  append('kept', { container: 'b' })
  await disk.remove(`/data/host/spool/${spoolFiles(disk)[0]}`)
  await clock.advance(60_000)
  t.match(await Promise.race([waiting, turns(20)]), { container: 'b' })
  await spool.close()
})

t.test('a segment that cannot be sealed holds up no other', async t => {
  const { append, spool, access, disk, clock } = await openTestSpool()
  const waiting = access.take(new AbortController().signal)
  disk.fault = (operation, path) => operation === 'rename' && path.includes('/a/') ? 'EACCES' : undefined
  append('refused', { container: 'a' })
  await clock.advance(1000)
  append('kept', { container: 'b' })
  await clock.advance(61_000)
  t.match(await Promise.race([waiting, turns(20)]), { container: 'b' })
  await spool.close()
})
