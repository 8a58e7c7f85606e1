import t from 'tap'
import { turns } from '../support/manual-clock.ts'
import { accessRoute, bootB, openTestSpool, recount, settleAll, takeReady } from './open-test-spool.ts'

const line = 'x'.repeat(99)
/** Ten lines fit in the quota; a segment holds two. */
const routes = [{ ...accessRoute, quotaBytes: 1000, segmentMaxBytes: 200 }]
const waiting = { routes, maxStallMs: Infinity }

t.test('sources wait at the quota until something is delivered, however long that takes', async t => {
  const { append, spool, access, ledger, clock } = await openTestSpool(waiting)
  for (let n = 0; n < 9; n++) append(line)
  t.notOk(spool.isFull)
  append(line)
  t.ok(spool.isFull)
  let isOver = false
  void spool.whenWritable().then(() => { isOver = true })
  await clock.advance(120_000)
  t.notOk(isOver)
  t.match(ledger.snapshot(), { dropped: { total: 0 }, pending: { total: 10 } })

  const segment = await takeReady(access)
  if (segment === undefined) throw new Error('a segment was expected')
  await settleAll(access, segment)
  await turns()
  t.ok(isOver)
  t.notOk(spool.isFull)
  await spool.close()
})

t.test('what is handed over all the same is taken beyond the quota and beyond the buffers, to the last line', async t => {
  const { append, spool, access, ledger, disk } = await openTestSpool({ ...waiting, writeBufferBytes: 2 ** 14 })
  let takenCount = 0
  for (let n = 0; n < 1000; n++) if (append(line)) takenCount++
  t.equal(takenCount, 1000)
  t.match(ledger.snapshot(), { dropped: { total: 0 }, pending: { total: 1000 } })
  await spool.sealAll()
  await turns(20)
  t.equal(recount(disk), 1000)
  t.ok(access.bytes > 50 * access.quotaBytes)
  await spool.close()
})

t.test('what is open at the quota is sealed, so that delivery can make room', async t => {
  // A segment takes a quarter of the quota, and four are open.
  const { append, spool, access } = await openTestSpool(waiting)
  const taken = access.take(new AbortController().signal)
  for (let n = 0; n < 10; n++) append(line, { container: `c${n % 5}` })
  t.ok(spool.isFull)
  const segment = await taken
  t.match(segment, { records: 2 })
  await spool.close()
})

t.test('a quota that shrinks below what is there gives up nothing', async t => {
  const { append, spool, access, ledger, disk, clock } = await openTestSpool(waiting)
  for (let n = 0; n < 8; n++) append(line)
  await spool.stored()
  disk.capacityBytes = 1000
  await clock.advance(11_000)
  t.ok(access.quotaBytes < 800, `${access.quotaBytes}`)
  t.ok(spool.isFull)
  t.match(ledger.snapshot(), { dropped: { total: 0 }, pending: { total: 8 } })
  disk.capacityBytes = 2 ** 30
  await clock.advance(2000)
  t.notOk(spool.isFull)
  await spool.close()
})

t.test('what an earlier process left counts towards the quota, and none of it goes', async t => {
  const earlier = await openTestSpool({ routes: [{ ...accessRoute, segmentMaxBytes: 200 }] })
  for (let n = 0; n < 20; n++) earlier.append(line)
  await earlier.spool.close()
  const { spool, ledger } = await openTestSpool({ ...waiting, boot: bootB, disk: earlier.disk })
  t.ok(spool.isFull)
  t.match(ledger.snapshot(), { recovered: { total: 20 }, dropped: { total: 0 }, pending: { total: 20 } })
  await spool.close()
})

t.test('the end of the spool ends the wait', async t => {
  const { append, spool } = await openTestSpool(waiting)
  for (let n = 0; n < 10; n++) append(line)
  const room = spool.whenWritable()
  await spool.close()
  await room
  t.notOk(spool.isFull)
})
