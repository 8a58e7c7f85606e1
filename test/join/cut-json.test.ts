import fc from 'fast-check'
import t from 'tap'
import { createRecord, stream, type LogRecord } from '../../src/contracts/record.ts'
import { createCutJsonJoiner, type CutJsonOptions } from '../../src/join/cut-json.ts'
import { Ledger } from '../../src/telemetry/ledger.ts'
import { Metrics } from '../../src/telemetry/metrics.ts'
import { ruledWorld } from '../support/ruled-world.ts'

function setUp (limits: Partial<CutJsonOptions> = {}) {
  const ledger = new Ledger()
  const metrics = new Metrics()
  const received = ledger.counter('received', 'test')
  const delivered = ledger.counter('delivered', 'test')
  const clock = { nowMs: 1000, monotonicMs: () => clock.nowMs }
  const texts: string[] = []
  const emit = ({ bytes, start, end }: LogRecord) => {
    delivered.value++
    texts.push(bytes.toString('latin1', start, end))
  }
  const joiner = createCutJsonJoiner({
    maxBytes: 1024 * 1024,
    maxPieceCount: 1000,
    maxQuietMs: 1000,
    maxOpenCount: 4,
    maxTotalBytes: 1024 * 1024,
    clock,
    emit,
    ledger,
    metrics,
    ...limits,
  })
  ledger.addPending('pieces', () => joiner.pendingCount)
  return {
    joiner,
    clock,
    texts,
    isBalanced: () => ledger.snapshot().isBalanced,
    cut: (reason: string) => metrics.counter('sluice_joins_cut_total', 'trace', reason).value,
    add (...lines: readonly string[]) {
      for (const line of lines) {
        received.value++
        const bytes = Buffer.from(`}${line}"`, 'latin1')
        const record = { ...createRecord(), bytes, start: 1, end: bytes.length - 1, timeMs: clock.nowMs, stream: stream.stderr, container: 'web' }
        if (joiner.add(record)) emit(record)
        bytes.fill('!')
      }
    },
  }
}

/** As php-fpm cuts it: lines of limit − 1 bytes. */
function cutAt (text: string, limit: number): string[] {
  const pieces: string[] = []
  for (let at = 0; at < text.length; at += limit - 1) pieces.push(text.slice(at, at + limit - 1))
  return pieces
}

const trace = Array.from({ length: 300 }, (_, index) => `/app/src/"File"${index}.php:${index} {x} [\\]`)
const logged = (message: string) => JSON.stringify({ message, context: { trace, list: [1, -2.5e3, true, null, {}, [], 'あ'] }, level: 500 })
const between = ['NOTICE: PHP message: x', '[Mon Nov 23 19:36:29.437756 2026] [php:error] [pid 1] x', 'sh: 1: x: not found', '{"level":"info","message":"whole"}', '']

t.test('an object that was cut is one line again, whatever the limit, with other writers between', async t => {
  for (const limit of [512, 777, 1024, 1500, 4096, 8192]) {
    for (const mark of ['', 'NOTICE: PHP message: ']) {
      const { add, texts, isBalanced } = setUp()
      const line = mark + Buffer.from(logged('x')).toString('latin1')
      const pieces = cutAt(line, limit)
      pieces.forEach((piece, index) => add(piece, ...index < pieces.length - 1 ? between : []))
      t.same(texts.filter(text => !between.includes(text)), [line], `${limit}`)
      t.equal(texts.length, 1 + (pieces.length - 1) * between.length)
      t.ok(isBalanced())
    }
  }
})

t.test('two objects that come in turns are both whole', async t => {
  const lines = [logged('first'), logged('of another child').replaceAll('File', 'Other/File')]
  const [first = [], second = []] = lines.map(line => cutAt(Buffer.from(line).toString('latin1'), 1024))
  const { add, texts } = setUp()
  for (let index = 0; index < Math.max(first.length, second.length); index++) {
    add(...[first[index], second[index]].filter(piece => piece !== undefined))
  }
  t.same(texts.map(text => text.length).sort(), lines.map(line => Buffer.byteLength(line)).sort())
  for (const text of texts) t.doesNotThrow(() => { JSON.parse(Buffer.from(text, 'latin1').toString()) })
})

t.test('what is no piece is never held', async t => {
  const { add, texts, joiner } = setUp()
  const lines = [Buffer.from(logged('whole')).toString('latin1'), '{"a":1', `{"a":"${'x'.repeat(600)}"}`, `{a ${'x'.repeat(600)}`, 'x'.repeat(1023), `[${'1,'.repeat(600)}`]
  add(...lines)
  t.same([texts.map(text => text.length), joiner.pendingCount], [lines.map(line => line.length), 0])
})

t.test('what never becomes an object goes on as it came, line by line, and is counted', async t => {
  const pieces = cutAt(Buffer.from(logged('x')).toString('latin1'), 1024)
  const [first = '', second = '', third = ''] = pieces
  const silent = setUp()
  silent.add(first, second)
  silent.clock.nowMs += 999
  silent.joiner.tick()
  t.equal(silent.texts.length, 0)
  silent.clock.nowMs += 1
  silent.joiner.tick()
  t.same([silent.texts, silent.cut('time'), silent.joiner.pendingCount], [[first, second], 1, 0])
  silent.add(third)
  t.equal(silent.texts.length, 3, 'a piece without its beginning is a line')

  const stopped = setUp()
  stopped.add(first)
  stopped.joiner.flush()
  t.same([stopped.texts, stopped.cut('stop')], [[first], 1])

  const late = setUp()
  late.add(first)
  late.clock.nowMs += 1001
  late.add(second)
  t.same(late.texts, [second], 'lines that were written more than a second apart are no pieces of one')

  for (const [reason, limits] of [['bytes', { maxBytes: 1500 }], ['bytes', { maxPieceCount: 1 }], ['memory', { maxTotalBytes: 1200 }]] as const) {
    const { add, texts, cut, isBalanced } = setUp(limits)
    add(...pieces)
    t.equal(texts.join(''), pieces.join(''), reason)
    t.ok(cut(reason) > 0)
    t.ok(isBalanced())
  }
  const many = setUp({ maxOpenCount: 2 })
  many.add(first, first, first)
  t.same([many.texts, many.cut('count')], [[first], 1])
})

t.test('any lines come out once, whatever they are', async t => {
  const pieces = cutAt(Buffer.from(logged('x')).toString('latin1'), 700)
  const line = fc.oneof(fc.constantFrom(...pieces), fc.constantFrom(...between), fc.string({ maxLength: 700 }).map(each => each.replaceAll('\n', '')))
  fc.assert(fc.property(fc.array(line, { maxLength: 40 }), lines => {
    const { add, joiner, texts, isBalanced } = setUp()
    add(...lines)
    joiner.flush()
    const letters = (all: readonly string[]) => [...Buffer.from(all.join(''), 'utf8')].sort((a, b) => a - b).join()
    const came = lines.map(each => Buffer.from(each, 'latin1').toString('latin1'))
    return letters(texts) === letters(came) && isBalanced() && joiner.pendingCount === 0
  }), { numRuns: 200 })
})

t.test('the front of a line and the end of another, of which Docker has lost the rest, make no object', async t => {
  const front = `{"level":"error","message":"order 1 ${'x'.repeat(800)}`
  const end = 'of customer 2"}'
  for (const from of [stream.stderr, stream.stdout]) {
    const { inbound, written, ledger } = ruledWorld('{}')
    const acceptor = inbound.acceptor('docker')
    for (const [text, id, ordinal] of [[front, 'a', 1], [end, 'b', 2]] as const) {
      const bytes = Buffer.from(text)
      const partial = { id, ordinal, isLast: ordinal === 2 }
      acceptor.accept({ ...createRecord(), bytes, end: bytes.length, stream: from, container: 'web', partial })
    }
    inbound.flush()
    t.equal(written.length, 2)
    t.notOk(written.some(line => line.includes('order 1') && line.includes('customer 2')))
    t.ok(ledger.snapshot().isBalanced)
  }
})
