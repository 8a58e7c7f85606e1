import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'
import t from 'tap'
import { turns } from '../support/manual-clock.ts'
import { linesOf, openTestSpool, recount, settleAll, spoolFiles, takeReady } from './open-test-spool.ts'

t.test('lines are written within the flush interval, several in one write', async t => {
  const { append, disk, clock, spool } = await openTestSpool()
  append('one')
  append('two')
  await clock.advance(19)
  t.same(spoolFiles(disk), [])
  await clock.advance(1)
  const [file = ''] = spoolFiles(disk)
  t.match(file, /^access\/_\/2026112310-a{32}-1\.open$/)
  t.equal(disk.content(`/data/host/spool/${file}`).toString(), 'one\ntwo\n')
  t.equal(disk.operations.filter(operation => operation === 'writev').length, 1)
  await spool.close()
})

t.test('lines accepted while a write is under way lie behind it, whole', async t => {
  const { append, disk, spool, access } = await openTestSpool()
  append('first')
  const first = spool.stored()
  disk.hang()
  await turns()
  const expected = ['first']
  for (let n = 0; n < 3000; n++) {
    expected.push(`line ${n}`)
    append(`line ${n}`)
  }
  disk.resume()
  t.ok(await first)
  t.ok(await spool.stored())
  await spool.sealAll()
  const segment = await takeReady(access)
  t.same(segment && linesOf(disk, segment), expected)
  await spool.close()
})

t.test('256 KiB that wait are written without waiting for the flush', async t => {
  const { access, disk, clock, spool } = await openTestSpool({
    writeBufferBytes: 2 ** 21,
    routes: [{ name: 'access', quotaBytes: 2 ** 30, segmentMaxBytes: 2 ** 25, segmentMaxAgeMs: 60_000, isOrdered: false }],
  })
  const line = Buffer.alloc(1023)
  for (let n = 0; n < 256; n++) access.append(clock.wallMs(), '', line, 0, line.length)
  await turns()
  t.equal(recount(disk), 256)
  await spool.close()
})

t.test('a disk that writes little at a time gets everything in order', async t => {
  const { append, disk, spool, access } = await openTestSpool()
  disk.maxWriteBytes = 3
  const lines = ['alpha', 'beta', '', 'gamma delta']
  for (const line of lines) append(line)
  t.ok(await spool.stored())
  await spool.sealAll()
  const segment = await takeReady(access)
  t.same(segment && linesOf(disk, segment), lines)
  await spool.close()
})

t.test('every operation that fails is tried again, with growing pauses, until it succeeds; nothing is lost', async t => {
  for (const operation of ['makeDirectory', 'open', 'writev', 'rename'] as const) {
    const { append, disk, clock, spool, access, messages, metrics, ledger } = await openTestSpool()
    disk.fault = asked => asked === operation ? 'EIO' : undefined
    append('kept')
    await spool.sealAll()
    await spool.sealAll()
    if (operation !== 'rename') {
      t.notOk(await spool.stored(), `${operation}: no acknowledgement`)
      const before = disk.operations.length
      t.notOk(await spool.stored(), `${operation}: said at once while it is refused`)
      t.equal(disk.operations.length, before)
    }
    t.equal(access.problem, 'EIO')
    const blocked = () => [...metrics.series('sluice_spool_blocked')].map(series => 'value' in series && series.value)
    t.same(blocked(), [1])
    await clock.advance(10_000)
    t.same(messages(), ['spool paused'], `${operation}: said once`)
    const failed = metrics.counter('sluice_spool_write_errors_total', 'access', 'EIO')
    t.equal(failed.value, 13, `${operation}: after 0, 0.1, 0.3, 0.7, 1.5, 2.5, … s`)
    disk.fault = () => undefined
    await clock.advance(1000)
    t.same(messages(), ['spool paused', 'spool resumed'])
    t.equal(access.problem, undefined)
    t.same(blocked(), [0])
    const segment = await takeReady(access)
    t.same(segment && linesOf(disk, segment), ['kept'], operation)
    t.ok(ledger.snapshot().isBalanced)
    await spool.close()
  }
})

t.test('a write that failed in the middle of a line goes on there', async t => {
  const { append, disk, clock, spool, access } = await openTestSpool()
  disk.maxWriteBytes = 4
  let writes = 0
  disk.fault = operation => operation === 'writev' && ++writes % 3 === 0 ? 'EIO' : undefined
  const lines = Array.from({ length: 10 }, (_, n) => `line number ${n}`)
  for (const line of lines) append(line)
  await spool.stored()
  await clock.advance(60_000)
  disk.fault = () => undefined
  await clock.advance(1000)
  await spool.sealAll()
  const segment = await takeReady(access)
  t.same(segment && linesOf(disk, segment), lines)
  await spool.close()
})

t.test('what a full disk has taken is delivered, and that makes room for the rest: in order, each line once', async t => {
  for (const sync of ['never', 'always'] as const) {
    for (const isSealed of [false, true]) {
      const { append, disk, clock, spool, access, ledger } = await openTestSpool({ sync })
      // All alike: what tells their files apart is the number. Written so much at a time, they are torn.
      const lines = Array.from({ length: 40 }, () => 'a line')
      disk.maxWriteBytes = 47
      const mostBytes = disk.usedBytes + 94
      disk.fault = operation => operation === 'writev' && disk.usedBytes >= mostBytes ? 'EDQUOT' : undefined
      for (const line of lines) append(line)
      await clock.advance(20)
      if (isSealed) void spool.sealAll()
      else for (const line of ['comes', 'meanwhile']) lines.push(append(line) ? line : '')
      const delivered: string[] = []
      for (let round = 0; round < 10; round++) {
        await clock.advance(1100)
        if (round === 8) await spool.sealAll()
        const segment = await takeReady(access)
        if (segment === undefined) continue
        delivered.push(...linesOf(disk, segment))
        const content = disk.content(segment.path)
        const crc = crc32(content).toString(16).padStart(8, '0')
        t.ok(segment.id.endsWith(`-${content.toString().split('\n').length - 1}-${crc}`), 'the name says what the file holds')
        t.equal(segment.bytes, content.length)
        t.ok(ledger.snapshot().isBalanced)
        ledger.counter('delivered', 'access').value += segment.records
        await settleAll(access, segment)
      }
      t.same(delivered, lines, `sync ${sync}, ${isSealed ? 'sealed' : 'open'}`)
      t.match(ledger.snapshot(), { isBalanced: true, pending: { total: 0 }, dropped: { total: 0 } })
      await spool.close()
    }
  }
})

t.test('where the process may write no larger files, what fits is sealed and the rest goes to others: nothing waits', async t => {
  const { append, disk, clock, spool, access, ledger } = await openTestSpool()
  disk.maxFileBytes = 94
  const lines = Array.from({ length: 40 }, (_, index) => `line ${index}`)
  for (const line of lines) append(line)
  const delivered: string[] = []
  for (let round = 0; round < 8; round++) {
    await clock.advance(1100)
    if (round === 6) await spool.sealAll()
    for (let segment = await takeReady(access); segment !== undefined; segment = await takeReady(access)) {
      delivered.push(...linesOf(disk, segment))
      ledger.counter('delivered', 'access').value += segment.records
      await settleAll(access, segment)
    }
  }
  t.same(delivered, lines)
  t.match(ledger.snapshot(), { isBalanced: true, pending: { total: 0 }, dropped: { total: 0 } })
  await spool.close()
})

t.test('a disk that is full at the sync of all that came leaves no empty segment behind', async t => {
  const { append, disk, clock, spool, access, ledger } = await openTestSpool({ sync: 'always' })
  let isFull = true
  disk.fault = operation => operation === 'sync' && isFull ? 'ENOSPC' : undefined
  append('a line')
  await clock.advance(20)
  isFull = false
  await clock.advance(1100)
  const segment = await takeReady(access)
  if (segment === undefined) throw new Error('a segment was expected')
  t.same(linesOf(disk, segment), ['a line'])
  ledger.counter('delivered', 'access').value += segment.records
  await settleAll(access, segment)
  await clock.advance(120_000)
  t.equal(await takeReady(access), undefined)
  await spool.close()
  t.same(spoolFiles(disk), [])
})

t.test('what a network file system has not kept, as it says with close, is counted before it is delivered', async t => {
  const { append, disk, spool, access, ledger } = await openTestSpool()
  for (const text of ['kept', 'not kept']) append(text)
  t.ok(await spool.stored())
  disk.fault = (operation, path) => {
    if (operation !== 'close' || !path.endsWith('.open')) return undefined
    disk.put(path, 'kept\n')
    return 'EDQUOT'
  }
  await spool.sealAll()
  disk.fault = () => undefined
  const segment = await takeReady(access)
  t.same(segment && linesOf(disk, segment), ['kept'])
  t.match(ledger.snapshot(), { dropped: { by: { 'access/damaged': 1 } }, pending: { total: 1 } })
  await spool.close()
})

t.test('an error of close is counted and does no harm', async t => {
  const { append, disk, spool, access } = await openTestSpool()
  disk.fault = (operation, path) => operation === 'close' && path.endsWith('.open') ? 'EIO' : undefined
  append('kept')
  await spool.sealAll()
  t.ok(await takeReady(access))
  append('open at the end')
  await spool.close()
  t.equal(recount(disk), 2)
})

t.test('a rename whose answer was lost is recognised', async t => {
  const { append, disk, clock, spool, access } = await openTestSpool()
  const rename = disk.rename.bind(disk)
  let isLost = true
  disk.rename = async (from, to) => {
    await rename(from, to)
    if (isLost) throw Object.assign(new Error(), { code: 'EIO' })
  }
  append('kept')
  await spool.sealAll()
  isLost = false
  await clock.advance(1000)
  const segment = await takeReady(access)
  t.same(segment && linesOf(disk, segment), ['kept'])
  await spool.close()
})

t.test('a file that somebody removed is counted as dropped, and the route goes on', async t => {
  const { append, disk, clock, spool, access, ledger, messages } = await openTestSpool()
  append('gone')
  append('gone too')
  await spool.stored()
  await disk.remove(`/data/host/spool/${spoolFiles(disk)[0]}`)
  disk.fault = operation => operation === 'stat' ? 'EIO' : undefined
  await spool.sealAll()
  t.equal(access.pendingRecords, 2, 'not yet known')
  disk.fault = () => undefined
  await clock.advance(1000)
  t.match(ledger.snapshot(), { dropped: { by: { 'access/disk': 2 } }, isBalanced: true })
  t.ok(messages().includes('segment lost'))
  t.equal(access.bytes, 0)
  append('kept')
  await spool.sealAll()
  t.ok(await takeReady(access))
  await spool.close()
})

t.test('a container\'s directory is made once, and again when somebody has removed it', async t => {
  const { append, disk, spool, access } = await openTestSpool()
  const madeCount = () => disk.operations.filter(operation => operation === 'makeDirectory').length
  const before = madeCount()
  for (const [line, count] of [['one', 1], ['two', 1], ['three', 2]] as const) {
    append(line)
    await spool.sealAll()
    const segment = await takeReady(access)
    if (segment === undefined) return t.fail('no segment')
    t.equal(madeCount() - before, count, line)
    await access.settle(segment, segment.bytes, 1)
    if (line === 'two') await disk.removeDirectory(dirname(segment.path))
  }
  await spool.close()
})

t.test('sync always: nothing is stored before it is on the medium', async t => {
  const { append, disk, clock, spool } = await openTestSpool({ sync: 'always' })
  append('one')
  t.ok(await spool.stored())
  const order = disk.operations.filter(operation => ['open', 'writev', 'sync', 'syncDirectory'].includes(operation))
  t.same(order, ['open', ...Array(5).fill('syncDirectory'), 'writev', 'sync'], 'the directories up to the data directory')
  disk.fault = operation => operation === 'sync' ? 'EIO' : undefined
  append('two')
  t.notOk(await spool.stored())
  disk.fault = () => undefined
  await clock.advance(1000)
  t.ok(await spool.stored())
  await spool.close()
})

t.test('what a sync that failed has left is written again before the next, whatever the system says then', async t => {
  for (const sync of ['always', 'interval'] as const) {
    const { append, disk, clock, spool } = await openTestSpool({
      sync,
      syncIntervalMs: 1000,
      writeBufferBytes: 2 ** 21,
      routes: [{ name: 'access', quotaBytes: 2 ** 30, segmentMaxBytes: 2 ** 25, segmentMaxAgeMs: 60_000, isOrdered: false }],
    })
    const lines = ['one', 'two', 'three'].map(line => line.padEnd(300_000))
    for (const line of lines) append(line)
    disk.fault = operation => operation === 'sync' ? 'EIO' : undefined
    disk.maxWriteBytes = 200_000
    await spool.stored()
    await clock.advance(3000)
    disk.fault = () => undefined
    await clock.advance(3000)
    t.ok(await spool.stored())
    const [file = ''] = spoolFiles(disk)
    t.ok(disk.medium(`/data/host/spool/${file}`) === lines.map(line => `${line}\n`).join(''), sync)
    await spool.close()
  }
})

t.test('what the file has lost by then is counted, and nobody is told that it is stored', async t => {
  const { append, disk, clock, spool, access, ledger } = await openTestSpool({ sync: 'always' })
  append('one')
  disk.fault = operation => operation === 'sync' ? 'EIO' : undefined
  t.notOk(await spool.stored())
  const [file = ''] = spoolFiles(disk)
  disk.content(`/data/host/spool/${file}`).fill(0)
  disk.fault = () => undefined
  await clock.advance(1000)
  t.match(ledger.snapshot(), { dropped: { by: { 'access/disk': 1 } }, pending: { total: 0 } })
  append('two')
  t.ok(await spool.stored())
  await spool.sealAll()
  const segment = await takeReady(access)
  t.same(segment && linesOf(disk, segment), ['two'])
  t.ok(ledger.snapshot().isBalanced)
  await spool.close()
})

t.test('sync always: a directory that cannot be synced is tried again before anything is stored', async t => {
  const { append, disk, clock, spool } = await openTestSpool({ sync: 'always' })
  disk.fault = operation => operation === 'syncDirectory' ? 'EIO' : undefined
  append('one')
  t.notOk(await spool.stored())
  t.equal(recount(disk), 0)
  disk.fault = () => undefined
  await clock.advance(100)
  t.ok(await spool.stored())
  t.equal(recount(disk), 1)
  await spool.close()
})

t.test('sync interval: on the medium once an interval, and at sealing', async t => {
  const { append, disk, clock, spool } = await openTestSpool({ sync: 'interval', syncIntervalMs: 5000 })
  const syncCount = () => disk.operations.filter(operation => operation === 'sync').length
  append('one')
  t.ok(await spool.stored())
  await clock.advance(20)
  t.equal(syncCount(), 0)
  append('two')
  await clock.advance(4980)
  t.equal(syncCount(), 0)
  await clock.advance(30)
  t.equal(syncCount(), 1)
  await clock.advance(20_000)
  t.equal(syncCount(), 1, 'nothing new')
  append('three')
  await spool.sealAll()
  t.equal(syncCount(), 2)
  await spool.close()
})

t.test('sync interval: a clean stop leaves nothing that is not on the medium', async t => {
  for (const isRefused of [false, true]) {
    const { append, disk, spool } = await openTestSpool({ sync: 'interval' })
    append('written')
    t.ok(await spool.stored())
    append('in memory')
    if (isRefused) disk.fault = operation => operation === 'writev' ? 'ENOSPC' : undefined
    await spool.close()
    const order = disk.operations.filter(operation => ['writev', 'sync', 'close'].includes(operation))
    t.same(order, ['writev', 'writev', 'sync', 'close'], isRefused ? 'what was written before' : 'all')
  }
})

t.test('sync never: no sync at all', async t => {
  const { append, disk, clock, spool } = await openTestSpool()
  append('one')
  await spool.sealAll()
  await clock.advance(60_000)
  await spool.close()
  t.notOk(disk.operations.some(operation => operation.startsWith('sync')))
})

t.test('a directory that is deleted underneath is found by the next write: nothing is acknowledged, and it goes on', async t => {
  const { append, disk, spool, ledger, access, clock } = await openTestSpool()
  append('gone')
  t.ok(await spool.stored())
  disk.deleteTree('/data')
  append('kept')
  t.notOk(await spool.stored(), 'no acknowledgement of what may be gone')
  t.match(ledger.snapshot(), { dropped: { by: { 'access/disk': 1 } }, pending: { total: 1 }, isBalanced: true })
  t.ok(await spool.stored())
  t.equal(recount(disk), 1)
  await clock.advance(6000)
  t.ok(disk.paths().includes('/data/host/lock'), 'the lease is made anew')
  t.ok(disk.paths().includes('/data/host/about.json'), 'and what it says of itself')
  await spool.sealAll()
  const segment = await takeReady(access)
  t.same(segment && linesOf(disk, segment), ['kept'])
  t.equal(access.bytes, access.pendingBytes)
  await spool.close()
})

t.test('where nobody waits for an acknowledgement, a deleted file is found within a second', async t => {
  const { append, disk, spool, ledger, clock } = await openTestSpool()
  append('gone')
  await clock.advance(20)
  disk.deleteTree('/data')
  const looks = () => disk.operations.filter(operation => operation === 'look').length
  for (let n = 0; n < 60; n++) {
    append(`line ${n}`)
    await clock.advance(20)
  }
  t.ok(looks() <= 3, 'a look costs a turn of the thread pool')
  t.ok(ledger.snapshot().dropped.total <= 51)
  t.match(ledger.snapshot(), { isBalanced: true })
  t.equal(recount(disk), ledger.snapshot().pending.total)
  await spool.close()
})

t.test('a file that is gone when it is to be named costs what it held, and no more', async t => {
  const { append, disk, spool, ledger } = await openTestSpool()
  append('gone')
  t.ok(await spool.stored())
  disk.deleteTree('/data/host/spool')
  await spool.sealAll()
  append('kept')
  t.ok(await spool.stored())
  t.match(ledger.snapshot(), { dropped: { by: { 'access/disk': 1 } }, pending: { total: 1 }, isBalanced: true })
  await spool.close()
})

t.test('a stop for which the disk has no time drops what no file holds, and says so', async t => {
  const { append, disk, spool, ledger, access } = await openTestSpool()
  append('in a file')
  t.ok(await spool.stored())
  for (const text of ['one', 'two', 'three']) append(text)
  disk.hang()
  const closing = spool.close()
  await turns(10)
  spool.abandon()
  t.match(ledger.snapshot(), { dropped: { by: { 'access/stop': 3 } }, pending: { total: 1 }, isBalanced: true })
  t.notOk(append('too late'))
  spool.abandon()
  t.match(ledger.snapshot(), { dropped: { by: { 'access/stop': 3, 'access/memory': 1 } }, isBalanced: true })
  t.equal(recount(disk), 1, 'pending is what the next start finds')
  t.equal(access.pendingRecords, 1)
  disk.resume()
  await closing
})
