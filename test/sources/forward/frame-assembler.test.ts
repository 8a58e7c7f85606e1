import t from 'tap'
import { FrameAssembler } from '../../../src/sources/forward/frame-assembler.ts'
import { encode, limits, memoryOf } from '../support.ts'

t.test('a frame within one piece is handed out where it lies', async t => {
  const assembler = new FrameAssembler(limits, memoryOf(1 << 24))
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
  const assembler = new FrameAssembler(limits, memoryOf(1 << 24))
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
  const memory = memoryOf(1 << 24)
  const assembler = new FrameAssembler({ ...limits, maxFrameBytes: 1 << 23 }, memory)
  // A str of 8,000,000 bytes, of which none has come.
  assembler.feed(Buffer.from([0x92, 0xdb, 0, 0x7a, 0x12, 0]))
  t.notOk(assembler.next())
  t.ok(memory.bytes < 10_000)
})

t.test('the memory of a frame is held until the next one is asked for, and of a large one given back then', async t => {
  const memory = memoryOf(1 << 24)
  const assembler = new FrameAssembler({ ...limits, maxFrameBytes: 1 << 23 }, memory)
  const frame = encode(['tag', 'x'.repeat(3_000_000)])
  assembler.feed(frame.subarray(0, 2_000_000))
  t.notOk(assembler.next())
  assembler.feed(frame.subarray(2_000_000))
  t.ok(assembler.next())
  assembler.trim()
  t.ok(memory.bytes >= frame.length, 'it is being read')
  t.notOk(assembler.next())
  t.equal(memory.bytes, 0)
})

t.test('what is kept for the next unfinished frame is given back when it is asked back', async t => {
  const memory = memoryOf(1 << 24)
  const assembler = new FrameAssembler(limits, memory)
  const frame = encode(['tag', 'x'.repeat(3000)])
  for (const piece of [frame.subarray(0, 2000), frame.subarray(2000)]) {
    assembler.feed(piece)
    while (assembler.next());
  }
  t.ok(memory.bytes > 0)
  assembler.trim()
  t.equal(memory.bytes, 0)
  assembler.feed(frame.subarray(0, 2000))
  t.notOk(assembler.next())
  assembler.trim()
  t.ok(memory.bytes > 0, 'but not what a frame lies in')
  assembler.dispose()
  assembler.dispose()
  t.equal(memory.bytes, 0)
})

t.test('says where in the connection a frame begins', async t => {
  const assembler = new FrameAssembler(limits, memoryOf(1 << 24))
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
  const assembler = new FrameAssembler({ ...limits, maxFrameBytes: 1 << 23 }, memoryOf(1 << 26))
  const frame = encode(['tag', Array.from({ length: 40_000 }, (_, index) => [index, { log: 'x'.repeat(100) }])])
  let frames = 0
  for (let at = 0; at < frame.length; at += 1024) {
    assembler.feed(frame.subarray(at, at + 1024))
    while (assembler.next()) frames++
  }
  t.equal(frames, 1)
  t.ok(assembler.frameOffsetBytes <= 0)
})
