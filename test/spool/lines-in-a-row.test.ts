import t from 'tap'
import { accessRoute, openTestSpool, recount, spoolFiles } from './open-test-spool.ts'

/** Ten lines of 100 bytes fit; a segment holds two. */
const small = { routes: [{ ...accessRoute, quotaBytes: 1000, segmentMaxBytes: 200 }] }
const line = 'x'.repeat(99)

t.test('lines in a row go where the last line of their container went, and only where they find room at once', async t => {
  const { append, spool, access, ledger, disk, clock } = await openTestSpool(small)
  const two = Buffer.from(`${line.slice(0, 49)}\n${line.slice(0, 49)}\n`)
  const times = (container: string, bytes = two.length) => {
    const found = access.timesOfLast(container, bytes)
    return found === undefined ? undefined : [found.fromMs, found.toMs]
  }
  t.equal(times('web'), undefined, 'there was no line')
  append(line, { container: 'web' })
  const hourMs = 3_600_000
  const fromMs = Math.floor(clock.wallMs() / hourMs) * hourMs
  t.same(times('web'), [fromMs, fromMs + hourMs])
  t.equal(times('api'), undefined, 'there was none of this container')
  t.equal(times('web', 101), undefined, 'a segment holds two hundred bytes')
  ledger.counter('received', 'test').value += 2
  access.appendToLast('web', two, 0, two.length, 2)
  t.match(ledger.snapshot(), { pending: { total: 3 }, isBalanced: true })
  t.equal(access.bytes, 200)
  t.equal(times('web', 1), undefined, 'the segment is full')
  t.ok(await spool.stored())
  t.equal(recount(disk), 3)

  append(line, { container: 'web', timeMs: clock.wallMs() - 5 * hourMs })
  t.same(times('web'), [NaN, NaN], 'what is late has no hour: no time lies between these')
  await spool.close()
  t.equal(times('web'), undefined)
})

t.test('lines in a row of containers in turns go to the segment of each', async t => {
  const { append, spool, access, disk, clock } = await openTestSpool()
  const hourMs = 3_600_000
  append('web 1', { container: 'web' })
  append('api 1', { container: 'api' })
  append('web of the hour before', { container: 'web', timeMs: clock.wallMs() - hourMs })
  const [web, api] = [Buffer.from('web 2\nweb 3\n'), Buffer.from('api 2\n')]
  t.equal(access.timesOfLast('api', api.length)?.toMs, access.timesOfLast('web', web.length)?.toMs as number + hourMs)
  access.appendToLast('api', api, 0, api.length, 1)
  access.appendToLast('web', web, 0, web.length, 2)
  append('web 4', { container: 'web' })
  t.ok(await spool.stored())
  const files = spoolFiles(disk).map(path => disk.content(`/data/host/spool/${path}`).toString()).sort()
  t.same(files, ['api 1\napi 2\n', 'web 1\nweb 4\n', 'web of the hour before\nweb 2\nweb 3\n'])
  await spool.close()
})

t.test('lines in a row find no room beyond the quota, or while the buffers are nearly full', async t => {
  const { append, spool, access } = await openTestSpool(small)
  for (let n = 0; n < 9; n++) append(line)
  t.not(access.timesOfLast('', 100), undefined)
  append(line.slice(0, 50))
  t.equal(access.timesOfLast('', 100), undefined, 'the oldest would have to go')
  await spool.close()

  const high = await openTestSpool({ writeBufferBytes: 1024 })
  high.disk.hang()
  for (let n = 0; n < 9; n++) high.append(line)
  t.equal(high.access.timesOfLast('', 10), undefined)
  high.disk.resume()
  await high.spool.close()
})
