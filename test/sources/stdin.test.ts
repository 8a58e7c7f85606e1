import { PassThrough, Readable } from 'node:stream'
import fc from 'fast-check'
import t from 'tap'
import { stream } from '../../src/contracts/record.ts'
import { StdinSource, type StdinSourceOptions } from '../../src/sources/stdin.ts'
import { Metrics } from '../../src/telemetry/metrics.ts'
import { ManualClock, turns } from '../support/manual-clock.ts'
import { recordingLog } from '../support/recording-log.ts'
import { cutAt, KeepingIntake } from './support.ts'

function setUp (input: Readable, options: Partial<StdinSourceOptions> = {}) {
  const acceptor = new KeepingIntake()
  const clock = new ManualClock()
  const metrics = new Metrics()
  const { log, lines } = recordingLog()
  const shared = { acceptor, clock, metrics, log }
  const source = new StdinSource({ input, stream: stream.stdout, maxLineBytes: 1000, ...shared, ...options })
  const counter = (name: 'sluice_received_bytes_total' | 'sluice_lines_cut_total') => metrics.counter(name, 'stdin').value
  return { acceptor, clock, source, counter, lines }
}

t.test('any bytes come out as they went in, whatever the pieces', async t => {
  const bytes = fc.uint8Array({ maxLength: 300 }).map(each => Buffer.from(each).map(byte => byte % 7 === 0 ? 10 : byte))
  await t.resolves(fc.assert(fc.asyncProperty(bytes, fc.array(fc.nat(), { maxLength: 6 }), async (each, cuts) => {
    const { source, acceptor } = setUp(Readable.from(cutAt(Buffer.from(each), cuts).filter(piece => piece.length > 0)))
    await source.start()
    await source.ended
    const lines = Buffer.from(each).toString('latin1').split('\n')
    return JSON.stringify(acceptor.lines) === JSON.stringify(lines.at(-1) === '' ? lines.slice(0, -1) : lines)
  }), { numRuns: 200 }))
})

t.test('a record says when it was read and which stream and container it is of', async t => {
  const input = Readable.from([Buffer.from('a\r\n\nb')])
  const { source, acceptor, clock, counter } = setUp(input, { stream: stream.stderr, container: 'web' })
  t.notOk(source.isOpen)
  await source.start()
  t.ok(source.isOpen)
  await source.ended
  t.notOk(source.isOpen)
  const each = { timeMs: clock.wallMs(), stream: stream.stderr, container: 'web', partial: undefined, isStructured: false }
  t.match(acceptor.records, [{ ...each, line: 'a\r' }, { ...each, line: '' }, { ...each, line: 'b' }])
  t.equal(counter('sluice_received_bytes_total'), 5)
})

t.test('it knows when something came last', async t => {
  const input = new PassThrough()
  const { source, clock } = setUp(input)
  await source.start()
  t.equal(source.lastReceivedMs, undefined)
  await clock.advance(1_000)
  const atMs = clock.monotonicMs()
  input.write('a\n')
  await turns()
  await clock.advance(1_000)
  t.equal(source.lastReceivedMs, atMs)
})

t.test('a line over the limit is received in parts and counted', async t => {
  const { source, acceptor, counter } = setUp(Readable.from([Buffer.from(`${'x'.repeat(25)}\ny\n`)]), { maxLineBytes: 10 })
  await source.start()
  await source.ended
  t.same(acceptor.lines.map(line => line.length), [10, 10, 5, 1])
  t.equal(counter('sluice_lines_cut_total'), 1)
})

t.test('stops between two lines while the acceptor is full, and goes on when there is room', async t => {
  const input = new PassThrough()
  const { source, acceptor } = setUp(input)
  await source.start()
  acceptor.accepts = () => { acceptor.isFull = acceptor.records.length === 1; return true }
  input.write('a\nb\nc\nd\n')
  await turns(20)
  t.same(acceptor.lines, ['a', 'b'])
  t.equal(acceptor.roomCount, 1)
  acceptor.isFull = false
  acceptor.accepts = () => true
  acceptor.letGo()
  await turns(20)
  t.same(acceptor.lines, ['a', 'b', 'c', 'd'])
})

t.test('waits once for an acceptor that stays full, then goes on', async t => {
  const input = new PassThrough()
  const { source, acceptor } = setUp(input)
  await source.start()
  acceptor.isFull = true
  input.write('a\nb\nc\n')
  await turns(20)
  t.same(acceptor.lines, ['a'])
  acceptor.letGo()
  await turns(20)
  t.same(acceptor.lines, ['a', 'b', 'c'])
  t.equal(acceptor.roomCount, 1)
})

t.test('an input that may wait for room goes on one line at a time while there is none', async t => {
  const input = new PassThrough()
  const { source, acceptor } = setUp(input, { waitsForRoom: true })
  await source.start()
  acceptor.isFull = true
  input.end('a\nb\nc')
  await turns(20)
  t.same(acceptor.lines, ['a'])
  acceptor.letGo()
  await turns(20)
  t.same(acceptor.lines, ['a', 'b'])
  t.ok(source.isOpen, 'the input has ended, its lines wait')
  acceptor.isFull = false
  acceptor.letGo()
  t.equal(await source.ended, 'end of input')
  t.same(acceptor.lines, ['a', 'b', 'c'])
})

t.test('a wait for room that takes long is told, a short one is not', async t => {
  const input = new PassThrough()
  const { source, acceptor, clock, lines } = setUp(input, { waitsForRoom: true })
  await source.start()
  acceptor.isFull = true
  input.write('a\nb\n')
  await turns(20)
  await clock.advance(9999)
  acceptor.letGo()
  await clock.advance(9999)
  t.same(lines, [])
  await clock.advance(1)
  t.match(lines, [{ level: 'warn', source: 'stdin', msg: /waits for room/ }])
})

t.test('a stop ends a wait for room, and takes what was read of a pipe', async t => {
  for (const ends of ['quiet', 'time'] as const) {
    const input = new PassThrough()
    const { source, acceptor, clock } = setUp(input, { waitsForRoom: true, quietMs: 1000 })
    await source.start()
    acceptor.isFull = true
    input.write('a\nb\nc')
    await turns(20)
    const drained = source.drain(ends === 'time' ? AbortSignal.abort() : new AbortController().signal)
    if (ends === 'quiet') await clock.advance(1000)
    await drained
    t.equal(await source.ended, 'stop')
    t.same(acceptor.lines, ['a', 'b', 'c'], ends)
    acceptor.letGo()
    await turns(20)
    t.equal(acceptor.lines.length, 3)
  }
})

t.test('a stop during a wait that ends by itself goes on reading after it', async t => {
  const input = new PassThrough()
  const { source, acceptor, clock } = setUp(input, { quietMs: 1000 })
  await source.start()
  acceptor.isFull = true
  input.write('a\nb\n')
  await turns(20)
  const drained = source.drain(new AbortController().signal)
  await clock.advance(1000)
  input.write('c\n')
  acceptor.isFull = false
  acceptor.letGo()
  await turns(20)
  t.same(acceptor.lines, ['a', 'b', 'c'])
  await clock.advance(1000)
  await drained
})

t.test('a stop leaves in a file what is not read, and ends between two lines at once', async t => {
  const input = new PassThrough()
  const { source, acceptor } = setUp(input, { isFile: true, waitsForRoom: true })
  await source.start()
  input.write('a\nb\nhalf')
  await turns(20)
  await source.drain(new AbortController().signal)
  t.equal(await source.ended, 'stop')
  t.same(acceptor.lines, ['a', 'b'])

  const waiting = setUp(Readable.from([Buffer.from('a\nb\nc')]), { isFile: true, waitsForRoom: true })
  await waiting.source.start()
  waiting.acceptor.isFull = true
  await turns(20)
  await waiting.source.drain(new AbortController().signal)
  t.equal(await waiting.source.ended, 'stop', 'the file was read to its end, but not handed over')
  t.same(waiting.acceptor.lines, ['a'])
})

t.test('an acceptor that throws costs that line, is told once, and reading ends as ever', async t => {
  const { source, acceptor, lines } = setUp(Readable.from([Buffer.from('a\nb\nc\nd')]))
  acceptor.accepts = ({ bytes, start }) => {
    if (bytes[start] !== 0x61) throw new RangeError('Maximum call stack size exceeded')
    return true
  }
  await source.start()
  t.equal(await source.ended, 'end of input')
  t.same(acceptor.lines, ['a'])
  t.match(lines, [{ level: 'error', source: 'stdin', error: { message: /call stack/ } }])
  t.equal(lines.length, 1)
})

t.test('a stop waits for quiet, then takes what is there as the end', async t => {
  const input = new PassThrough()
  const { source, acceptor, clock } = setUp(input, { quietMs: 1000 })
  await source.start()
  const drained = source.drain(new AbortController().signal)
  await clock.advance(900)
  input.write('a\nhalf')
  await turns(10)
  await clock.advance(900)
  t.same(acceptor.lines, ['a'])
  await clock.advance(200)
  await drained
  t.same(acceptor.lines, ['a', 'half'])
  await source.ended
  await source.drain(new AbortController().signal)
})

t.test('a stop ends at once when time is up, or when the input has ended', async t => {
  const open = setUp(new PassThrough())
  await open.source.start()
  await open.source.drain(AbortSignal.abort())
  const ended = setUp(Readable.from([Buffer.from('a\n')]))
  await ended.source.start()
  await ended.source.ended
  await ended.source.drain(new AbortController().signal)
  t.same(ended.acceptor.lines, ['a'])
  const unstarted = setUp(new PassThrough())
  await unstarted.source.drain(AbortSignal.abort())
  t.equal(await unstarted.source.ended, 'stop')
})

t.test('an input that fails has ended, and says so; what it gave is kept', async t => {
  for (const error of [new Error('read failed'), undefined]) {
    const input = new PassThrough()
    const { source, acceptor, lines } = setUp(input)
    await source.start()
    input.write('a\nb')
    await turns(10)
    input.destroy(error)
    t.equal(await source.ended, 'input failed')
    t.same(acceptor.lines, ['a', 'b'])
    t.match(lines, [{ level: 'error', source: 'stdin', error: { message: error?.message ?? /closed before its end/ } }])
    input.emit('error', new Error('again'))
    t.equal(lines.length, 1)
  }
})

t.test('an input that fails while lines of it wait for room ends after them', async t => {
  const input = new PassThrough()
  const { source, acceptor } = setUp(input, { waitsForRoom: true })
  await source.start()
  acceptor.isFull = true
  input.write('a\nb\nc')
  await turns(10)
  input.destroy(new Error('read failed'))
  await turns(10)
  t.same(acceptor.lines, ['a'])
  acceptor.isFull = false
  acceptor.letGo()
  t.equal(await source.ended, 'input failed')
  t.same(acceptor.lines, ['a', 'b', 'c'])
})
