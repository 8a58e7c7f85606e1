import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmdirSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { join, relative } from 'node:path'
import { gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { systemClock } from '../../../src/contracts/clock.ts'
import { ForwardSource, type ForwardSourceOptions } from '../../../src/sources/forward/server.ts'
import { createForwardShare } from '../../../src/sources/forward/share.ts'
import { Metrics, type CounterName } from '../../../src/telemetry/metrics.ts'
import { ManualClock, turns, until } from '../../support/manual-clock.ts'
import { recordingLog } from '../../support/recording-log.ts'
import { encode, KeepingIntake, limits } from '../support.ts'

const capture = (name: string) => readFileSync(new URL(`../../fixtures/forward/${name}`, import.meta.url))
const frame = (log: string, option: object = {}) => encode(['web-firelens-1', 1_795_462_683, { log, source: 'stdout' }, option])
const ack = (id: unknown) => encode({ ack: id })

interface Sender { readonly socket: Socket, readonly received: () => Buffer, readonly isClosed: () => boolean }

/** Relative and short, since the path of a unix socket has 107 bytes at most. */
const directory = relative(process.cwd(), t.testdir({ file: '' }))
let socketCount = 0

function setUp (t: Test, options: Partial<ForwardSourceOptions> = {}) {
  const path = join(directory, `${socketCount++}.sock`)
  const acceptor = new KeepingIntake()
  const metrics = new Metrics()
  const { log, lines } = recordingLog()
  const { clock = systemClock } = options
  const maxMemoryBytes = 4 * limits.maxFrameBytes
  const share = createForwardShare({ room: acceptor, clock, maxStallMs: 1000, maxMemoryBytes })
  const source = new ForwardSource({
    listen: { kind: 'unix', path, mode: 0o777 },
    limits,
    share,
    pauseMs: 0,
    quietMs: 50,
    acceptor,
    clock: systemClock,
    metrics,
    log,
    ...options,
  })
  t.teardown(() => source.drain(AbortSignal.abort()))
  const count = (name: CounterName, ...labels: readonly string[]) => metrics.counter(name, source.name, ...labels).value
  const dial = async (): Promise<Sender> => {
    const socket = source.name === 'unix' ? connect(path) : connect(source.port, '127.0.0.1')
    const parts: Buffer[] = []
    let isClosed = false
    socket.on('data', (part: Buffer) => parts.push(part))
    socket.on('error', () => undefined)
    socket.on('close', () => { isClosed = true })
    await new Promise(resolve => socket.once('connect', resolve))
    t.teardown(() => socket.destroy())
    return { socket, received: () => Buffer.concat(parts), isClosed: () => isClosed }
  }
  const gauge = (name: 'sluice_connections') => [...metrics.series(name)].map(each => 'value' in each ? each.value : NaN)[0]
  return { path, acceptor, source, share, lines, count, dial, gauge }
}

t.test('it knows when something came last, whatever became of its sender', async t => {
  const clock = new ManualClock()
  const { source, dial, acceptor } = setUp(t, { clock })
  await source.start()
  const { socket } = await dial()
  t.equal(source.lastReceivedMs, undefined, 'a connection brings nothing')
  await clock.advance(1_000)
  const atMs = clock.monotonicMs()
  socket.end(frame('a'))
  await until(() => acceptor.records.length === 1)
  await clock.advance(60_000)
  t.equal(source.lastReceivedMs, atMs)
})

t.test('reads any number of senders over a unix socket, and says what came', async t => {
  const { acceptor, source, count, dial, path, gauge } = setUp(t)
  t.notOk(source.isOpen)
  await source.start()
  t.ok(source.isOpen)
  t.equal(statSync(path).mode & 0o777, 0o777)
  const names = ['driver-s1-eventtime.bin', 'docker-plain.bin', 'fluent-bit-gzip.bin']
  const senders = await Promise.all(names.map(dial))
  for (const [index, name] of names.entries()) senders[index]?.socket.write(capture(name))
  await until(() => acceptor.records.length === 18 + 8 + 6)
  t.equal(gauge('sluice_connections'), 3)
  t.equal(count('sluice_connections_total'), 3)
  t.equal(count('sluice_received_bytes_total'), names.reduce((sum, name) => sum + capture(name).length, 0))
  for (const { socket } of senders) socket.end()
  await until(() => gauge('sluice_connections') === 0)
})

t.test('reads senders over TCP, on any free port', async t => {
  const { acceptor, source, dial } = setUp(t, { listen: { kind: 'tcp', host: '127.0.0.1', port: 0 } })
  t.equal(source.port, 0)
  await source.start()
  const { socket } = await dial()
  socket.write(frame('a'))
  await until(() => acceptor.records.length === 1)
  t.equal(source.name, 'tcp')
})

t.test('a broken frame closes its connection only; what came before it is kept', async t => {
  const { acceptor, source, count, dial, lines } = setUp(t)
  await source.start()
  const [good, bad] = [await dial(), await dial()]
  good.socket.write(frame('good 1'))
  bad.socket.write(Buffer.concat([frame('before'), Buffer.from('{"secret":1}'), frame('after')]))
  await until(bad.isClosed)
  good.socket.write(frame('good 2'))
  await until(() => acceptor.records.length === 3)
  t.same(acceptor.lines.sort(), ['before', 'good 1', 'good 2'])
  t.equal(count('sluice_frames_refused_total', 'json'), 1)
  const warnings = lines.filter(({ level }) => level === 'warn')
  const offsetBytes = frame('before').length
  t.match(warnings, [{ source: 'unix', reason: 'json', offsetBytes, detail: /expected a msgpack array, found 0x7b/ }])
  t.notMatch(JSON.stringify(warnings), 'secret')
})

t.test('a flood of broken frames is counted in full, logged once, and hides no other trouble', async t => {
  const { source, count, dial, lines } = setUp(t, { clock: new ManualClock() })
  await source.start()
  for (let index = 0; index < 35; index++) {
    const { socket, isClosed } = await dial()
    socket.write('GET /')
    await until(isClosed)
  }
  t.equal(count('sluice_frames_refused_total', 'not_array'), 35)
  const warnings = lines.filter(({ level }) => level === 'warn')
  t.equal(warnings.length, 1)
  t.match(warnings[0], { detail: 'expected a msgpack array, found 0x47, the letter G: HTTP and plain text are not the Forward protocol' })
  t.ok(warnings.at(-1)?.['muted'])
  const { socket, isClosed } = await dial()
  socket.write('{}')
  await until(isClosed)
  t.match(lines.at(-1), { reason: 'json' })
})

t.test('a frame over a limit is told with what to do', async t => {
  const { source, dial, lines } = setUp(t, { limits: { ...limits, maxFrameBytes: 100 } })
  await source.start()
  const { socket, isClosed } = await dial()
  socket.write(frame('x'.repeat(100)))
  await until(isClosed)
  const advice = 'its lines are not taken: have its sender send less at once, or raise forward.maxFrameBytes'
  t.match(lines.at(-1), { reason: 'frame_bytes', advice, msg: 'frame refused, connection closed' })
})

t.test('a connection that ends within a frame is counted, not logged', async t => {
  const { acceptor, source, count, dial, lines } = setUp(t)
  await source.start()
  const { socket } = await dial()
  socket.end(Buffer.concat([frame('a'), frame('b').subarray(0, -3)]))
  await until(() => count('sluice_frames_refused_total', 'truncated') === 1)
  t.same(acceptor.lines, ['a'])
  t.same(lines.filter(({ level }) => level === 'warn'), [])
})

t.test('chunks are answered in order when they are safe, and one flush serves a turn', async t => {
  const { acceptor, source, count, dial } = setUp(t)
  await source.start()
  const store = Promise.withResolvers<boolean>()
  acceptor.store = () => store.promise
  const { socket, received } = await dial()
  socket.write(Buffer.concat([frame('a', { chunk: 'id 1' }), frame('b'), frame('c', { chunk: Buffer.from([1]) })]))
  await until(() => acceptor.records.length === 3)
  await turns()
  t.equal(received().length, 0)
  socket.write(frame('d'))
  // Reading goes on meanwhile.
  await until(() => acceptor.records.length === 4)
  store.resolve(true)
  const expected = Buffer.concat([ack('id 1'), ack(Buffer.from([1]))])
  await until(() => received().length === expected.length)
  t.same(received(), expected)
  t.equal(acceptor.storedCount, 1)
  t.equal(count('sluice_acks_total', 'sent'), 2)
})

t.test('a sender that closes its side after its last chunk still gets its ack', async t => {
  const { acceptor, source, dial } = setUp(t)
  await source.start()
  const store = Promise.withResolvers<boolean>()
  acceptor.store = () => store.promise
  const { socket, received, isClosed } = await dial()
  socket.end(frame('a', { chunk: 'id' }))
  await until(() => acceptor.storedCount === 1)
  await turns()
  store.resolve(true)
  await until(isClosed)
  t.same(received(), ack('id'))
})

t.test('the captured client with acks gets every one of them', async t => {
  const { source, dial } = setUp(t)
  await source.start()
  const { socket, received } = await dial()
  socket.write(capture('driver-s3-ack.bin'))
  await until(() => received().length === 18 * ack('rZcEawAAAABS/fwHIYJlTQ==').length)
})

t.test('after a failed write the ack is withheld and the sender cut off', async t => {
  const { acceptor, source, count, dial } = setUp(t)
  await source.start()
  acceptor.store = async () => false
  const { socket, received, isClosed } = await dial()
  socket.write(frame('a', { chunk: 'id' }))
  await until(isClosed)
  t.equal(received().length, 0)
  t.equal(count('sluice_acks_total', 'withheld'), 1)
  acceptor.store = async () => true
  const again = await dial()
  again.socket.write(frame('a', { chunk: 'id' }))
  await until(() => again.received().length > 0)
})

t.test('a chunk with a dropped record is not acknowledged, those before it are, those behind it are not read', async t => {
  const { acceptor, source, count, dial } = setUp(t)
  await source.start()
  acceptor.accepts = record => record.bytes.toString('latin1', record.start, record.end) !== 'dropped'
  const { socket, received, isClosed } = await dial()
  socket.write(Buffer.concat(['a', 'dropped', 'c'].map(log => frame(log, { chunk: log }))))
  await until(isClosed)
  t.same(received(), ack('a'))
  t.same(acceptor.lines, ['a'])
  t.same([count('sluice_acks_total', 'sent'), count('sluice_acks_total', 'withheld')], [1, 1])
})

t.test('nor is what comes while those before it are not safe yet: their acks are sent first', async t => {
  const { acceptor, source, dial, lines } = setUp(t)
  await source.start()
  const store = Promise.withResolvers<boolean>()
  acceptor.store = () => store.promise
  acceptor.accepts = record => record.bytes.toString('latin1', record.start, record.end) !== 'dropped'
  const { socket, received, isClosed } = await dial()
  socket.write(Buffer.concat([frame('a', { chunk: 'a' }), frame('dropped', { chunk: 'b' }), frame('c')]))
  await until(() => acceptor.storedCount === 1)
  await turns()
  for (const log of ['d', 'e', 'f']) socket.write(frame(log.repeat(200)))
  await turns()
  store.resolve(true)
  await until(isClosed)
  t.same([acceptor.lines, received()], [['a'], ack('a')])
  t.same(lines.filter(({ level }) => level !== 'info'), [], 'and nothing is wrong with what is not read')
})

t.test('frames of metrics are counted and acknowledged', async t => {
  const { acceptor, source, count, dial } = setUp(t)
  await source.start()
  const { socket, received } = await dial()
  socket.write(encode(['cpu', Buffer.from('opaque'), { chunk: 'm', fluent_signal: 1 }]))
  await until(() => received().length > 0)
  t.same([acceptor.lines, count('sluice_frames_skipped_total', 'signal')], [[], 1])
})

t.test('compressed chunks of many senders keep their order and their acks', async t => {
  const { acceptor, source, dial } = setUp(t)
  await source.start()
  const packed = (log: string) => gzipSync(encode([1_795_462_683, { log, source: 'stdout' }]))
  const senders = await Promise.all([1, 2, 3].map(dial))
  for (const [index, { socket }] of senders.entries()) {
    const frames = ['a', 'b', 'c'].map(name => encode(['web-firelens-1', packed(`${name}${index}`), { chunk: name }]))
    socket.write(Buffer.concat([...frames, frame(`d${index}`)]))
  }
  await until(() => acceptor.records.length === 12)
  for (const [index, { received }] of senders.entries()) {
    t.same(acceptor.lines.filter(line => line.endsWith(String(index))), ['a', 'b', 'c', 'd'].map(name => `${name}${index}`))
    await until(() => received().length === 3 * ack('a').length)
    t.same(received(), Buffer.concat([ack('a'), ack('b'), ack('c')]))
  }
})

t.test('stops between two records while the acceptor is full, and goes on with the very next', async t => {
  const { acceptor, source, dial } = setUp(t)
  await source.start()
  acceptor.accepts = () => { acceptor.isFull = acceptor.records.length === 1; return true }
  const { socket } = await dial()
  socket.write(encode(['web-firelens-1', ['a', 'b', 'c', 'd'].map(log => [1_795_462_683, { log }])]))
  await until(() => acceptor.roomCount === 1)
  t.same(acceptor.lines, ['a', 'b'])
  acceptor.accepts = () => true
  acceptor.isFull = false
  acceptor.letGo()
  await until(() => acceptor.records.length === 4)
  t.same(acceptor.lines, ['a', 'b', 'c', 'd'])
})

t.test('an acceptor that stays full holds a sender up once, not at every record', async t => {
  const { acceptor, source, dial } = setUp(t)
  await source.start()
  acceptor.isFull = true
  const { socket } = await dial()
  socket.write(Buffer.concat([frame('a'), frame('b')]))
  await until(() => acceptor.roomCount === 1)
  acceptor.letGo()
  await until(() => acceptor.records.length === 2)
  socket.write(frame('c'))
  await until(() => acceptor.records.length === 3)
  t.equal(acceptor.roomCount, 1)
  acceptor.isFull = false
  socket.write(frame('d'))
  await until(() => acceptor.records.length === 4)
  acceptor.isFull = true
  socket.write(frame('e'))
  // Once it had room, it is waited for again.
  await until(() => acceptor.roomCount === 2)
  acceptor.letGo()
})

t.test('a sender of few lines is paused, one that waits for acks is not', async t => {
  const clock = new ManualClock()
  const { acceptor, source, dial } = setUp(t, { pauseMs: 25, clock })
  await source.start()
  const { socket, received } = await dial()
  for (let index = 1; index <= 3; index++) {
    socket.write(frame('a', { chunk: 'id' }))
    await until(() => received().length === index * ack('id').length)
  }
  t.same(clock.sleeps, [])
  socket.write(frame('b'))
  await until(() => clock.sleeping === 1)
  t.same(clock.sleeps, [25])
  socket.write(frame('c'))
  await turns(20)
  t.equal(acceptor.records.length, 4)
  await clock.advance(25)
  await until(() => acceptor.records.length === 5)
})

t.test('nothing is read during a pause: all that came is handed over at its end, at once', async t => {
  const clock = new ManualClock()
  const { acceptor, source, dial } = setUp(t, { pauseMs: 100, clock })
  await source.start()
  const { socket } = await dial()
  socket.write(frame('a'))
  await until(() => clock.sleeping === 1)
  for (const line of ['b', 'c', 'd']) {
    socket.write(frame(line))
    await turns(20)
  }
  t.same(acceptor.lines, ['a'])
  await clock.advance(100)
  await until(() => acceptor.records.length > 1)
  t.same(acceptor.lines, ['a', 'b', 'c', 'd'])
  t.equal(clock.sleeps.length, 2)
})

t.test('many senders of few lines are read by one timer, at one moment', async t => {
  const clock = new ManualClock()
  const { acceptor, source, dial } = setUp(t, { pauseMs: 100, clock })
  await source.start()
  for (let sender = 1; sender <= 10; sender++) {
    const { socket } = await dial()
    socket.write(frame('a'))
    await until(() => acceptor.records.length === sender)
    await clock.advance(5)
  }
  t.equal(clock.sleeping, 1)
  t.equal(clock.sleeps.length, 1)
})

t.test('for one connection too many, the oldest gives way that never sent a whole frame', async t => {
  const { acceptor, source, count, dial, lines } = setUp(t, { limits: { ...limits, maxConnections: 3 } })
  await source.start()
  const proven = await dial()
  proven.socket.write(frame('a'))
  await until(() => acceptor.records.length === 1)
  const [older, newer] = [await dial(), await dial()]
  older.socket.write(frame('unfinished').subarray(0, 10))
  const late = await dial()
  await until(older.isClosed)
  for (const { socket } of [proven, newer, late]) socket.write(frame('b'))
  await until(() => acceptor.records.length === 4)
  t.equal(count('sluice_connections_displaced_total', 'unproven'), 1)
  const advice = /who opens so many.*raise forward\.maxConnections/
  t.match(lines.filter(({ level }) => level === 'warn'), [
    { msg: 'connection closed to make room for a new one', source: 'unix', reason: 'unproven', maxConnections: 3, advice },
  ])
})

t.test('where all have sent one, the one that has been quiet for longest gives way', async t => {
  const clock = new ManualClock()
  const { acceptor, source, count, dial } = setUp(t, { limits: { ...limits, maxConnections: 2 }, clock })
  await source.start()
  const [first, second] = [await dial(), await dial()]
  for (const [index, { socket }] of [first, second, first].entries()) {
    socket.write(frame(`${index}`))
    await until(() => acceptor.records.length === index + 1)
    await clock.advance(1000)
  }
  const late = await dial()
  await until(second.isClosed)
  for (const { socket } of [first, late]) socket.write(frame('b'))
  await until(() => acceptor.records.length === 5)
  t.equal(count('sluice_connections_displaced_total', 'idle'), 1)
})

t.test('none gives way that is being read or waits for its ack: the new one is closed then, and counted', async t => {
  const { acceptor, source, count, dial, lines } = setUp(t, { limits: { ...limits, maxConnections: 1 } })
  await source.start()
  const store = Promise.withResolvers<boolean>()
  acceptor.store = () => store.promise
  const { socket, received } = await dial()
  socket.write(frame('a', { chunk: 'id' }))
  await until(() => acceptor.records.length === 1)
  const refused = await dial()
  await until(refused.isClosed)
  t.equal(count('sluice_connections_refused_total', 'limit'), 1)
  const advice = /who opens so many.*raise forward\.maxConnections/
  t.match(lines.at(-1), { level: 'warn', msg: 'new connection closed, all others are busy', advice })
  store.resolve(true)
  await until(() => received().length > 0)
})

t.test('a flood of connections is counted in full and logged in part', async t => {
  const clock = new ManualClock()
  const { source, count, dial, lines } = setUp(t, { limits: { ...limits, maxConnections: 1 }, clock })
  await source.start()
  for (let index = 0; index < 10; index++) await dial()
  await until(() => count('sluice_connections_displaced_total', 'unproven') === 9)
  const warnings = lines.filter(({ level }) => level === 'warn')
  t.equal(warnings.length, 1)
  t.ok(warnings.at(-1)?.['muted'])
})

/** The beginning of a frame that claims a megabyte, and so much of it. */
const part = (bytes: number) => Buffer.concat([Buffer.of(0x92, 0xa1, 0x61, 0xc6, 0, 0x0f, 0, 0), Buffer.alloc(bytes)])

t.test('unfinished frames that take all memory close themselves, one by one, and nobody else', async t => {
  const { acceptor, source, count, dial, share, lines } = setUp(t)
  await source.start()
  const hogs = await Promise.all(Array.from({ length: 5 }, dial))
  for (const { socket } of hogs) socket.write(part(900_000))
  // One is too many.
  await until(() => hogs.some(({ isClosed }) => isClosed()))
  const { socket } = await dial()
  const log = 'x'.repeat(400_000)
  for (const bytes of [frame(log).subarray(0, 200_000), frame(log).subarray(200_000)]) {
    socket.write(bytes)
    await turns(20)
  }
  await until(() => acceptor.records.length === 1)
  t.equal(acceptor.lines[0], log)
  t.ok(hogs.some(({ isClosed }) => !isClosed()), 'only as many as it takes')
  t.equal(count('sluice_frames_refused_total', 'memory'), hogs.filter(({ isClosed }) => isClosed()).length)
  t.match(lines.filter(({ level }) => level === 'warn')[0], { reason: 'memory', msg: 'frame refused, connection closed' })
  for (const each of hogs) each.socket.destroy()
  await until(() => share.memory.usedBytes < 10_000)
})

t.test('a frame that does not go on is closed after 30 s, also when a byte comes now and then', async t => {
  const clock = new ManualClock()
  const { acceptor, source, count, dial } = setUp(t, { clock })
  await source.start()
  const [trickling, growing, idle] = [await dial(), await dial(), await dial()]
  idle.socket.write(frame('a'))
  trickling.socket.write(part(10))
  growing.socket.write(part(10))
  await until(() => acceptor.records.length === 1 && clock.sleeping === 1)
  for (let second = 0; second < 40; second += 5) {
    trickling.socket.write(Buffer.of(0))
    growing.socket.write(Buffer.alloc(20_000))
    await turns(20)
    await clock.advance(5000)
  }
  await until(trickling.isClosed)
  t.equal(count('sluice_frames_refused_total', 'unfinished'), 1)
  t.notOk(growing.isClosed())
  t.notOk(idle.isClosed())
  growing.socket.destroy()
  await until(() => count('sluice_frames_refused_total', 'truncated') === 1)
  await clock.advance(5000)
  t.equal(clock.sleeping, 0, 'nothing is looked after any more')
})

t.test('a sender that asks for acks and reads none is closed when they take memory, and when it has ended', async t => {
  const clock = new ManualClock()
  const { acceptor, source, dial, gauge, count: counted, lines } = setUp(t, { clock })
  await source.start()
  const chunk = 'c'.repeat(900)
  const send = async (most: number) => {
    const { socket, isClosed } = await dial()
    socket.pause()
    const before = acceptor.records.length
    let count = 0
    for (; count < most && !isClosed(); count++) {
      socket.write(frame('', { chunk }))
      await until(() => acceptor.records.length === before + count + 1 || isClosed())
    }
    return { socket, count }
  }
  const { count } = await send(100_000)
  t.ok(count > 20 && count < 100_000, `closed after ${count} acks`)
  t.equal(counted('sluice_frames_refused_total', 'acks_unread'), 1)
  t.match(lines.at(-1),
    { level: 'warn', reason: 'acks_unread', advice: /read its acks/, msg: 'frame refused, connection closed' })
  const { socket } = await send(count - 10)
  socket.end()
  await until(() => clock.sleeping === 1)
  t.equal(gauge('sluice_connections'), 1, 'it is given time to read them')
  for (let second = 0; second < 40; second += 5) await clock.advance(5000)
  await until(() => gauge('sluice_connections') === 0)
})

t.test('a bomb in one connection lets the others go on, and is refused where it has too many entries', async t => {
  const { acceptor, source, count, dial, lines } = setUp(t)
  await source.start()
  const [bomber, sender] = [await dial(), await dial()]
  const empty = Buffer.from([0x92, 0, 0x80])
  bomber.socket.write(encode(['bomb', gzipSync(Buffer.alloc(1_200_000, empty)), { chunk: 'id' }]))
  await until(() => acceptor.records.length > 0)
  for (let index = 0; index < 3; index++) {
    const before = acceptor.records.length
    sender.socket.write(encode(['web', gzipSync(encode([1_795_462_683, { log: `good ${index}` }]))]))
    await until(() => acceptor.lines.includes(`good ${index}`))
    t.ok(acceptor.records.length > before)
  }
  await until(bomber.isClosed)
  t.equal(count('sluice_frames_refused_total', 'entry_count'), 1)
  t.equal(bomber.received().length, 0, 'not acknowledged')
  t.equal(acceptor.lines.filter(line => line === '{}').length, limits.maxEntries, 'what came before is kept')
  const advice = 'not all of its lines are taken: have its sender send less at once, or raise forward.maxEntries'
  t.match(lines.at(-1), { reason: 'entry_count', advice })
})

t.test('a compressed chunk that is damaged gives what is before the damage, and no ack', async t => {
  const { acceptor, source, count, dial } = setUp(t)
  await source.start()
  const { socket, received, isClosed } = await dial()
  const packed = gzipSync(Buffer.concat(Array.from({ length: 20_000 }, (_, index) => encode([1, { log: `${index}` }]))))
  socket.write(encode(['web', packed.subarray(0, -1000), { chunk: 'id' }]))
  await until(isClosed)
  t.ok(acceptor.records.length > 0)
  t.same(acceptor.lines, acceptor.lines.map((_, index) => `${index}`))
  t.equal(received().length, 0)
  t.equal(count('sluice_frames_refused_total', 'compression'), 1)
})

t.test('a socket that a killed process left behind is replaced', async t => {
  const { path, source, dial, acceptor } = setUp(t)
  const leave = `const s = require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`
  t.throws(() => execFileSync(process.execPath, ['-e', leave]))
  t.ok(existsSync(path))
  await source.start()
  t.ok(source.isOpen)
  const { socket } = await dial()
  socket.write(frame('a'))
  await until(() => acceptor.records.length === 1)
})

t.test('a file in its place is left alone; it is tried again until it is gone', async t => {
  const clock = new ManualClock()
  const { path, source, lines } = setUp(t, { clock })
  writeFileSync(path, 'precious')
  await source.start()
  t.notOk(source.isOpen)
  for (let index = 0; index < 5; index++) await clock.advance(30_000)
  await until(() => clock.sleeping === 1)
  t.equal(readFileSync(path, 'utf8'), 'precious')
  t.match(lines, [{ level: 'error', reason: 'not_a_socket', help: /remove it/, msg: 'cannot listen, trying again' }])
  t.equal(lines.length, 1, 'said once')
  t.match(source.closed, { sinceMs: 5_000, words: /^not_a_socket: .*: remove it/ })
  unlinkSync(path)
  await clock.advance(30_000)
  await until(() => source.isOpen)
  t.equal(source.closed, undefined)
  t.equal(lines.at(-1)?.['msg'], 'listening')
})

t.test('a socket that another process answers is left to it', async t => {
  const { path, source, lines } = setUp(t, { clock: new ManualClock() })
  const other = createServer(socket => socket.destroy())
  await new Promise<void>(resolve => other.listen(path, resolve))
  t.teardown(() => other.close())
  await source.start()
  t.notOk(source.isOpen)
  t.match(lines, [{ reason: 'in_use' }])
  t.ok(existsSync(path))
})

t.test('a socket that somebody removes is opened again; who is connected stays', async t => {
  const { path, source, lines, acceptor, dial } = setUp(t)
  await source.start()
  const before = await dial()
  await source.look?.()
  unlinkSync(path)
  await Promise.all([source.look?.(), source.look?.()])
  t.ok(source.isOpen)
  t.match(lines.map(({ msg }) => msg), ['listening', 'the socket was removed, opening it again', 'listening'])
  const after = await dial()
  before.socket.write(frame('a'))
  after.socket.write(frame('b'))
  await until(() => acceptor.records.length === 2)
  unlinkSync(path)
  mkdirSync(path)
  await source.look?.()
  t.ok(source.isOpen, 'what has taken its place is left alone')
  rmdirSync(path)
  await source.drain(AbortSignal.abort())
  await source.look?.()
  t.notOk(existsSync(path), 'a stop opens nothing')
})

t.test('a look that hangs is not repeated until it has ended, and finds nothing after a stop', async t => {
  const looks: Array<(isGone: boolean) => void> = []
  const isGone = () => new Promise<boolean>(resolve => looks.push(resolve))
  const { source, lines } = setUp(t, { isGone })
  await source.look?.()
  await source.start()
  const first = source.look?.()
  void source.look?.()
  t.equal(looks.length, 1)
  looks[0]?.(false)
  await first
  const second = source.look?.()
  t.equal(looks.length, 2, 'the next one looks again')
  await source.drain(AbortSignal.abort())
  looks[1]?.(true)
  await second
  t.notOk(source.isOpen)
  t.match(lines.map(({ msg }) => msg), ['listening'])
})

t.test('a TCP port in use is tried again, ever more slowly up to a bound', async t => {
  const clock = new ManualClock()
  const other = createServer()
  t.teardown(() => other.close())
  await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve))
  const address = other.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const { source, lines } = setUp(t, { listen: { kind: 'tcp', host: '127.0.0.1', port }, clock })
  await source.start()
  for (let tries = 1; tries < 10; tries++) {
    await until(() => clock.sleeps.length === tries)
    await clock.advance(clock.sleeps.at(-1) ?? 0)
  }
  await until(() => clock.sleeps.length === 10)
  t.same(clock.sleeps.slice(0, 9), [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000])
  t.match(lines, [{ reason: 'EADDRINUSE', help: 'another process listens at this address: stop it, or set another' }])
  await new Promise(resolve => other.close(resolve))
  await clock.advance(30_000)
  await until(() => source.isOpen)
})

t.test('a directory that is missing is made, and one that is not ours is no reason to exit', async t => {
  const made = setUp(t, { listen: { kind: 'unix', path: join(directory, 'a/b/forward.sock'), mode: 0o600 } })
  await made.source.start()
  t.equal(statSync(join(directory, 'a/b/forward.sock')).mode & 0o777, 0o600)
  const path = join(directory, 'file/forward.sock')
  const wrong = setUp(t, { listen: { kind: 'unix', path, mode: 0o600 }, clock: new ManualClock() })
  await wrong.source.start()
  t.notOk(wrong.source.isOpen)
  t.match(wrong.lines, [{ help: /^something that is no directory is in the way: remove it/ }])
  await wrong.source.drain(AbortSignal.abort())
  t.equal(wrong.source.closed, undefined, 'a stop needs no socket')
})

t.test('a stop takes no new sender, reads on until those there have closed, and removes its socket', async t => {
  const { path, acceptor, source, dial } = setUp(t, { quietMs: 60_000 })
  await source.start()
  const { socket, received } = await dial()
  socket.write(frame('a'))
  await until(() => acceptor.records.length === 1)
  const drained = source.drain(new AbortController().signal)
  t.equal(source.drain(AbortSignal.abort()), drained, 'safe twice')
  t.notOk(source.isOpen)
  await until(() => !existsSync(path))
  socket.end(frame('b', { chunk: 'id' }))
  await drained
  t.same(acceptor.lines, ['a', 'b'])
  await until(() => received().length > 0)
})

t.test('a stop ends after a quiet time, or when time is up, and closes the senders', async t => {
  for (const [quietMs, signal] of [[1, new AbortController().signal], [60_000, AbortSignal.abort()]] as const) {
    const { acceptor, source, dial } = setUp(t, { quietMs })
    await source.start()
    const { socket, isClosed } = await dial()
    socket.write(frame('a'))
    await until(() => acceptor.records.length === 1)
    await source.drain(signal)
    await until(isClosed)
  }
})

t.test('a stop ends though a spool that hangs answers none of a flood of chunks', async t => {
  const { acceptor, source, dial } = setUp(t, { quietMs: 1 })
  await source.start()
  acceptor.store = () => new Promise(() => undefined)
  const { socket, isClosed } = await dial()
  // More than may wait for their acks: no more are handed over.
  const chunks = 1100
  socket.write(Buffer.concat(Array.from({ length: chunks }, (_, index) => frame('a', { chunk: `${index}` }))))
  await until(() => acceptor.records.length > 0)
  await turns(50)
  t.ok(acceptor.records.length < chunks)
  await source.drain(AbortSignal.abort())
  await until(isClosed)
})

t.test('a stop hands over what was read, though the acceptor was full and the reading paused', async t => {
  const clock = new ManualClock()
  const { acceptor, source, dial } = setUp(t, { pauseMs: 25, quietMs: 1000, clock })
  await source.start()
  const { socket } = await dial()
  socket.write(frame('a'))
  await until(() => clock.sleeping === 1)
  socket.write(Buffer.concat([frame('b'), frame('c', { chunk: 'id' })]))
  await turns(20)
  acceptor.isFull = true
  const drained = source.drain(AbortSignal.abort())
  await until(() => acceptor.roomCount === 1)
  t.same(acceptor.lines, ['a'])
  acceptor.isFull = false
  acceptor.letGo()
  await drained
  t.same(acceptor.lines, ['a', 'b', 'c'])
})

t.test('a stop before the start, or while it waits to listen, opens nothing', async t => {
  const clock = new ManualClock()
  const { path, source } = setUp(t, { clock })
  writeFileSync(path, '')
  await source.start()
  await source.drain(AbortSignal.abort())
  await clock.advance(60_000)
  t.notOk(source.isOpen)
  const unstarted = setUp(t)
  await unstarted.source.drain(AbortSignal.abort())
  await unstarted.source.start()
  t.notOk(unstarted.source.isOpen)
})
