import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { createPartialJoiner, type PartialJoinerOptions } from '../../src/join/partials.ts'
import { createRecord, linePart, stream, type Stream } from '../../src/contracts/record.ts'
import { Ledger } from '../../src/telemetry/ledger.ts'
import { Metrics } from '../../src/telemetry/metrics.ts'

interface Piece {
  readonly line: string | Uint8Array
  readonly id?: string
  readonly ordinal: number
  readonly isLast?: boolean
  readonly container?: string
  readonly from?: Stream
  readonly timeMs?: number
}

function setUp (limits: Partial<PartialJoinerOptions> = {}) {
  const ledger = new Ledger()
  const metrics = new Metrics()
  const received = ledger.counter('received', 'test')
  const delivered = ledger.counter('delivered', 'test')
  const clock = { nowMs: 1_000_000, monotonicMs: () => clock.nowMs }
  const emitted: { text: string, timeMs: number, stream: Stream, container: string }[] = []
  const parts: [string, number][] = []
  const joiner = createPartialJoiner({
    maxBytes: 1024 * 1024,
    maxAgeMs: 5000,
    maxOpenCount: 256,
    maxTotalBytes: 16 * 1024 * 1024,
    clock,
    emit: record => {
      if (record.partial !== undefined || record.isStructured) t.fail('an ordinary record was promised')
      delivered.value++
      const { timeMs, stream, container } = record
      parts.push([record.bytes.toString('utf8', record.start, record.end), record.part])
      emitted.push({ text: record.bytes.toString('latin1', record.start, record.end), timeMs, stream, container })
    },
    ledger,
    metrics,
    ...limits,
  })
  ledger.addPending('join', () => joiner.pendingCount)
  return {
    ledger,
    joiner,
    parts,
    clock,
    emitted,
    texts: () => emitted.map(({ text }) => text),
    joined: () => ledger.counter('joined', 'partial').value,
    cut: (reason: string) => metrics.counter('sluice_joins_cut_total', 'partial', reason).value,
    open: () => [...metrics.series('sluice_joins_open')].map(series => 'value' in series ? series.value : NaN),
    add ({ line, id = 'a', ordinal, isLast = false, container = 'web', from = stream.stdout, timeMs = 1 }: Piece) {
      received.value++
      const bytes = Buffer.concat([Buffer.from('<'), Buffer.from(line), Buffer.from('>')])
      joiner.add({
        ...createRecord(),
        bytes,
        start: 1,
        end: bytes.length - 1,
        timeMs,
        stream: from,
        container,
        partial: { id, ordinal, isLast },
      })
      // What was handed over is a view: its memory changes afterwards.
      bytes.fill('!')
    },
  }
}

t.test('a line cut in the middle of a character comes out whole, with the time of its first piece', async t => {
  const { add, emitted, joined, joiner, open } = setUp()
  const bytes = Buffer.from('日本語')
  add({ line: bytes.subarray(0, 4), ordinal: 1, timeMs: 10 })
  add({ line: bytes.subarray(4, 8), ordinal: 2, timeMs: 11 })
  t.same(emitted, [])
  t.equal(joiner.pendingCount, 2)
  t.same(open(), [1])
  add({ line: bytes.subarray(8), ordinal: 3, isLast: true, timeMs: 12 })
  t.same(emitted, [{ text: bytes.toString('latin1'), timeMs: 10, stream: stream.stdout, container: 'web' }])
  t.equal(joined(), 2)
  t.equal(joiner.pendingCount, 0)
  t.same(open(), [0])
})

t.test('a line of exactly one buffer and its empty last piece are one line', async t => {
  const { add, texts, joined } = setUp()
  add({ line: 'x'.repeat(16_384), ordinal: 1 })
  add({ line: '', ordinal: 2, isLast: true })
  t.same(texts(), ['x'.repeat(16_384)])
  t.equal(joined(), 1)
})

t.test('pieces of lines that differ in container, stream or id are kept apart', async t => {
  const { add, texts } = setUp()
  const lines = [{}, { id: 'b' }, { from: stream.stderr }, { container: 'other' }]
  for (const [index, line] of lines.entries()) add({ line: `${index}<`, ordinal: 1, ...line })
  for (const [index, line] of lines.entries()) add({ line: `>${index}`, ordinal: 2, isLast: true, ...line })
  t.same(texts(), ['0<>0', '1<>1', '2<>2', '3<>3'])
})

t.test('genuine long lines, cut as Docker cuts them, come back in any order of their pieces', async t => {
  const lines = readFileSync(new URL('../fixtures/forward/driver-input-lines.txt', import.meta.url), 'latin1')
    .split('\n').filter(line => line.length > 16_384)
  t.ok(lines.length > 0)
  for (const line of lines) {
    const { add, texts, ledger } = setUp()
    const bytes = Buffer.from(line, 'latin1')
    const count = Math.floor(bytes.length / 16_384) + 1
    const pieces = Array.from({ length: count }, (_, index) => ({
      line: bytes.subarray(index * 16_384, (index + 1) * 16_384), ordinal: index + 1, isLast: index + 1 === count,
    }))
    for (const piece of pieces.reverse()) add(piece)
    t.ok(texts().length === 1 && texts()[0] === line, `${line.length} bytes`)
    t.ok(ledger.snapshot().isBalanced)
  }
})

t.test('a piece that comes again is absorbed, while its line is open and after it has ended', async t => {
  const { add, texts, joined, ledger } = setUp()
  add({ line: 'a', ordinal: 1 })
  add({ line: 'a', ordinal: 1 })
  add({ line: 'b', ordinal: 2, isLast: true })
  add({ line: 'b', ordinal: 2, isLast: true })
  t.same(texts(), ['ab'])
  t.equal(joined(), 3)
  t.ok(ledger.snapshot().isBalanced)
})

t.test('another piece of the same number ends the line and begins a new one', async t => {
  const { add, joiner, texts, cut } = setUp()
  add({ line: 'a', ordinal: 1 })
  add({ line: 'b', ordinal: 1 })
  t.same(texts(), ['a'])
  t.equal(cut('conflict'), 1)
  joiner.flush()
  t.same(texts(), ['a', 'b'])
})

t.test('a line over the limit goes on as parts, exactly full and not one byte more', async t => {
  const { add, joiner, texts, cut, joined, ledger } = setUp({ maxBytes: 6 })
  for (const [index, line] of ['aaa', 'bbb', 'ccc', 'ddd', ''].entries()) {
    add({ line, ordinal: index + 1, isLast: line === '' })
  }
  t.same(texts(), ['aaabbb', 'cccddd'])
  t.equal(cut('bytes'), 1)
  t.equal(joined(), 3)
  t.equal(joiner.pendingCount, 0)
  t.ok(ledger.snapshot().isBalanced)
})

t.test('a piece that is itself over the limit is emitted alone', async t => {
  const { add, texts, joiner } = setUp({ maxBytes: 3 })
  add({ line: 'a', ordinal: 1 })
  add({ line: 'bbbb', ordinal: 2 })
  add({ line: 'c', ordinal: 3, isLast: true })
  t.same(texts(), ['a', 'bbbb', 'c'])
  t.equal(joiner.pendingCount, 0)
})

t.test('over the limit, what follows without a gap goes ahead and the rest waits', async t => {
  const { add, texts, joiner } = setUp({ maxBytes: 4 })
  add({ line: 'a', ordinal: 1 })
  add({ line: 'cc', ordinal: 3 })
  add({ line: 'bb', ordinal: 2, isLast: false })
  t.same(texts(), ['a'])
  add({ line: 'd', ordinal: 4, isLast: true })
  t.same(texts(), ['a', 'bbcc', 'd'])
  t.equal(joiner.pendingCount, 0)
})

t.test('with the first piece missing, what is there goes in order', async t => {
  const { add, texts } = setUp({ maxBytes: 4 })
  add({ line: 'cc', ordinal: 3 })
  add({ line: 'bb', ordinal: 2 })
  add({ line: 'dd', ordinal: 4 })
  t.same(texts(), ['bbcc'])
})

t.test('a line whose end does not come is emitted when its first piece is of age, and the rest when it comes', async t => {
  const { add, joiner, clock, texts, cut, joined } = setUp()
  add({ line: 'a', ordinal: 1 })
  clock.nowMs += 3000
  add({ line: 'b', ordinal: 2 })
  clock.nowMs += 1999
  joiner.tick()
  t.same(texts(), [])
  clock.nowMs += 1
  joiner.tick()
  t.same(texts(), ['ab'])
  t.equal(cut('time'), 1)
  add({ line: 'c', ordinal: 3 })
  add({ line: 'd', ordinal: 4, isLast: true })
  t.same(texts(), ['ab', 'cd'], 'the rest is complete by itself')
  t.equal(joined(), 2)
})

t.test('an empty end that comes after its line was cut makes no empty record', async t => {
  const { add, joiner, clock, texts, ledger } = setUp()
  add({ line: 'a', ordinal: 1 })
  clock.nowMs += 5000
  joiner.tick()
  add({ line: '', ordinal: 2, isLast: true })
  t.same(texts(), ['a'])
  t.equal(joiner.pendingCount, 0)
  t.ok(ledger.snapshot().isBalanced)
})

t.test('only lines of age end, and a clock that is set back does not keep them for ever', async t => {
  const { add, joiner, clock, texts } = setUp()
  joiner.tick()
  add({ line: 'old', id: 'a', ordinal: 1 })
  clock.nowMs += 4000
  add({ line: 'young', id: 'b', ordinal: 1 })
  clock.nowMs += 1000
  joiner.tick()
  t.same(texts(), ['old'])
  clock.nowMs -= 3_600_000
  joiner.tick()
  t.same(texts(), ['old', 'young'])
})

t.test('over the number of open lines the oldest is delivered early', async t => {
  const { add, texts, cut, open } = setUp({ maxOpenCount: 2 })
  for (const id of ['a', 'b', 'c']) add({ line: id, id, ordinal: 1 })
  t.same(texts(), ['a'])
  t.equal(cut('count'), 1)
  t.same(open(), [2])
})

t.test('a line that is longer than a line may be is cut between characters, and its records say which part they are', async t => {
  const { add, parts, ledger } = setUp({ maxBytes: 10 })
  const bytes = Buffer.from('あいうえおかき')
  for (let at = 0, ordinal = 1; at < bytes.length; at += 5, ordinal++) {
    add({ line: bytes.subarray(at, at + 5), ordinal, isLast: at + 5 >= bytes.length })
  }
  add({ line: 'next', id: 'b', ordinal: 1, isLast: true })
  t.same(parts, [['あいう', linePart.first], ['えお', linePart.middle], ['かき', linePart.last], ['next', linePart.whole]])
  t.ok(ledger.snapshot().isBalanced)
})

t.test('a line that is longer than a line may be is not cut within a number, so that redaction sees it whole', async t => {
  const { add, parts, ledger } = setUp({ maxBytes: 48 })
  const line = `${'x'.repeat(40)} 4111111111111111 ${'y'.repeat(30)}`
  for (let at = 0, ordinal = 1; at < line.length; at += 16, ordinal++) {
    add({ line: Buffer.from(line.slice(at, at + 16)), ordinal, isLast: at + 16 >= line.length })
  }
  t.equal(parts.map(([text]) => text).join(''), line)
  t.match(parts[1]?.[0], /^4111111111111111 y/)
  t.ok(parts.every(([text]) => text.length <= 48))
  t.ok(ledger.snapshot().isBalanced)
})

t.test('over the bytes of all lines the oldest are delivered early, and small pieces weigh more than their bytes', async t => {
  const { add, texts, cut, joiner } = setUp({ maxTotalBytes: 3000 })
  add({ line: 'a'.repeat(1200), id: 'a', ordinal: 1 })
  add({ line: 'b'.repeat(1200), id: 'b', ordinal: 1 })
  t.same(texts(), [])
  add({ line: 'c'.repeat(1200), id: 'c', ordinal: 1 })
  t.same(texts(), ['a'.repeat(1200)])
  t.equal(cut('memory'), 1)
  for (let ordinal = 2; ordinal < 1000; ordinal++) add({ line: 'x', id: 'c', ordinal })
  t.ok(joiner.pendingCount < 20, `${joiner.pendingCount} held`)
})

t.test('of pieces in the wrong order no more are held than can be put in order in no time', async t => {
  const { add, joiner, cut, ledger, joined } = setUp()
  for (let ordinal = 20_000; ordinal > 0; ordinal--) add({ line: 'x', ordinal, isLast: ordinal === 20_000 })
  t.ok(joiner.pendingCount <= 4096, `${joiner.pendingCount} pieces`)
  t.equal(cut('bytes'), 4)
  joiner.flush()
  t.equal(joined(), 20_000 - 5)
  t.ok(ledger.snapshot().isBalanced)
})

t.test('at stop everything held is emitted', async t => {
  const { add, joiner, texts, cut, joined } = setUp()
  add({ line: 'a1', id: 'a', ordinal: 1 })
  add({ line: 'b2', id: 'b', ordinal: 2 })
  add({ line: 'b1', id: 'b', ordinal: 1 })
  joiner.flush()
  t.same(texts(), ['a1', 'b1b2'])
  t.equal(cut('stop'), 2)
  t.equal(joined(), 1)
  t.equal(joiner.pendingCount, 0)
})

t.test('a record without a usable number goes on as it is', async t => {
  const { add, texts, ledger } = setUp()
  add({ line: 'x', ordinal: NaN })
  t.same(texts(), ['x'])
  t.ok(ledger.snapshot().isBalanced)
})

t.test('whatever comes in whatever order: the ledger balances, bounds hold and no byte is lost', async t => {
  const stepsOf = (...lines: string[]) => fc.array(fc.oneof({
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('piece' as const),
      id: fc.constantFrom('a', 'b', 'c', 'd'),
      ordinal: fc.integer({ min: 1, max: 6 }),
      isLast: fc.boolean(),
      line: fc.constantFrom(...lines),
    }),
  }, {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('wait' as const, 'flush' as const),
      ms: fc.integer({ min: 0, max: 6000 }),
    }),
  }), { maxLength: 60 })
  const pieces = ['p', 'qq', 'rrr', 'a long piece']
  fc.assert(fc.property(fc.oneof(stepsOf(...pieces), stepsOf('', ...pieces)), steps => {
    const { add, joiner, clock, texts, ledger, open } = setUp({ maxBytes: 10, maxOpenCount: 3, maxTotalBytes: 2000 })
    let handedOver = ''
    for (const step of steps) {
      if (step.kind === 'piece') {
        // A piece that was absorbed as a repeat is the one kind of bytes that may be missing.
        const joinedBefore = ledger.snapshot().joined.total
        const pendingBefore = joiner.pendingCount
        const emittedBefore = texts().length
        add(step)
        const isRepeat = joiner.pendingCount === pendingBefore && texts().length === emittedBefore &&
          ledger.snapshot().joined.total === joinedBefore + 1
        if (!isRepeat) handedOver += step.line
      } else if (step.kind === 'wait') {
        clock.nowMs += step.ms
        joiner.tick()
      } else {
        joiner.flush()
      }
      if (!ledger.snapshot().isBalanced || (open()[0] ?? 0) > 3) return false
    }
    joiner.flush()
    const sorted = (text: string) => [...text].sort().join('')
    // An empty end may be absorbed while its piece is held, which looks like a repeat from here.
    const hasEmpty = steps.some(step => step.kind === 'piece' && step.line === '')
    return joiner.pendingCount === 0 && (hasEmpty || sorted(texts().join('')) === sorted(handedOver))
  }), { numRuns: 1000 })
})

t.test('lines whose time is over wait while there is no room, and go when there is; a stop waits for none', async t => {
  let roomCount = 0
  const { joiner, add, clock, texts, ledger } = setUp({ hasRoom: () => roomCount-- > 0 })
  for (const id of ['a', 'b', 'c', 'd']) add({ line: id, id, ordinal: 1 })
  clock.nowMs += 60_000
  joiner.tick()
  t.same([texts(), joiner.pendingCount], [[], 4])
  roomCount = 2
  joiner.tick()
  t.same(texts(), ['a', 'b'])
  t.ok(joiner.heldBytes > 2)
  joiner.flush()
  t.same(texts(), ['a', 'b', 'c', 'd'])
  t.same([joiner.pendingCount, joiner.heldBytes], [0, 0])
  t.ok(ledger.snapshot().isBalanced)
})
