import t from 'tap'
import { FrameAssembler } from '../../../src/sources/forward/frame-assembler.ts'
import { encode, limits } from '../support.ts'

const budgetOf = (maxBytes = 1 << 24) => ({ usedBytes: 0, maxBytes })

t.test('a frame within one piece is handed out where it lies', async t => {
  const assembler = new FrameAssembler(limits, budgetOf())
  const piece = Buffer.concat([encode(['a', 1, {}]), encode(['b', 2, {}])])
  assembler.feed(piece)
  t.ok(assembler.next())
  t.equal(assembler.bytes, piece)
  t.ok(assembler.next())
  t.equal(assembler.bytes, piece)
  t.equal(assembler.end, piece.length)
  t.notOk(assembler.next())
})

t.test('only the frame that a piece cuts is copied; what follows it is read in place', async t => {
  const assembler = new FrameAssembler(limits, budgetOf())
  const frame = encode(['tag', 'x'.repeat(300)])
  const bytes = Buffer.concat([frame, frame, frame])
  const second = bytes.subarray(100)
  assembler.feed(bytes.subarray(0, 100))
  t.notOk(assembler.next())
  t.ok(assembler.isWithinFrame)
  assembler.feed(second)
  t.ok(assembler.next())
  t.same(assembler.bytes.subarray(assembler.start, assembler.end), frame)
  t.ok(assembler.next())
  t.equal(assembler.bytes, second)
  t.ok(assembler.next())
  t.notOk(assembler.next())
  t.notOk(assembler.isWithinFrame)
})

t.test('memory follows what has come, not what is claimed', async t => {
  const budget = budgetOf()
  const assembler = new FrameAssembler({ ...limits, maxFrameBytes: 1 << 23 }, budget)
  // A str of 8,000,000 bytes, of which none has come.
  assembler.feed(Buffer.from([0x92, 0xdb, 0, 0x7a, 0x12, 0]))
  t.notOk(assembler.next())
  t.ok(budget.usedBytes < 10_000)
})

t.test('unfinished frames of all connections share one bound, and give it back', async t => {
  const budget = budgetOf(100_000)
  const part = encode(['tag', 'x'.repeat(60_000)]).subarray(0, 50_000)
  const first = new FrameAssembler(limits, budget)
  const second = new FrameAssembler(limits, budget)
  first.feed(part)
  t.notOk(first.next())
  second.feed(part)
  t.notOk(second.next())
  const third = new FrameAssembler(limits, budget)
  third.feed(part)
  t.throws(() => third.next(), { code: 'ERR_FRAME', reason: 'memory' })
  first.dispose()
  first.dispose()
  second.dispose()
  t.equal(budget.usedBytes, 0)
})

t.test('says where in the connection a frame begins', async t => {
  const assembler = new FrameAssembler(limits, budgetOf())
  const frame = encode(['a', 1, {}])
  const bytes = Buffer.concat([Buffer.of(0xc0), frame, frame, frame])
  const offsets: number[] = []
  for (const piece of [bytes.subarray(0, 3), bytes.subarray(3, 9), bytes.subarray(9)]) {
    assembler.feed(piece)
    while (assembler.next()) offsets.push(assembler.frameOffsetBytes)
  }
  t.same(offsets, [1, 1 + frame.length, 1 + 2 * frame.length])
})

t.test('a large frame in small pieces takes time in proportion to its size', async t => {
  const assembler = new FrameAssembler({ ...limits, maxFrameBytes: 1 << 23 }, budgetOf(1 << 26))
  const frame = encode(['tag', Array.from({ length: 40_000 }, (_, index) => [index, { log: 'x'.repeat(100) }])])
  let frames = 0
  for (let at = 0; at < frame.length; at += 1024) {
    assembler.feed(frame.subarray(at, at + 1024))
    while (assembler.next()) frames++
  }
  t.equal(frames, 1)
  t.ok(assembler.frameOffsetBytes <= 0)
})
