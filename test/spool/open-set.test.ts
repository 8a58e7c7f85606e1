import t from 'tap'
import { hourMs } from '../../src/spool/segment-name.ts'
import { linesOf, openTestSpool, settleAll, spoolFiles, takeReady, type TestSpool } from './open-test-spool.ts'

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

t.test('no more segments are open than allowed; the least recently used is sealed first', async t => {
  const test = await openTestSpool({ maxOpenSegments: 3 })
  for (const container of ['a', 'b', 'c', 'a', 'd']) test.append('x', { container })
  await test.spool.stored()
  t.match(await takeReady(test.access), { container: 'b' })
  t.same(openNames(test), ['a/2026112310-A-1.open', 'c/2026112310-A-3.open', 'd/2026112310-A-4.open'])
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
