import t from 'tap'
import { createRecord } from '../../../src/contracts/record.ts'
import { readTime, timeKind } from '../../../src/sources/forward/event-time.ts'

const seconds = 1_795_462_683

/** The time in ms, or the name of the kind. */
function read (...bytes: readonly number[]): number | string {
  const record = createRecord()
  const kind = readTime(Buffer.from(bytes), 0, record)
  if (kind === timeKind.known) return record.timeMs
  return kind === timeKind.now ? 'now' : 'group marker'
}

function written (head: readonly number[], payloadBytes: number, write: (buffer: Buffer, at: number) => void) {
  const bytes = Buffer.concat([Buffer.from(head), Buffer.alloc(payloadBytes)])
  write(bytes, head.length)
  return read(...bytes)
}

function event (head: readonly number[], sec: number, nsec: number): number | string {
  return written(head, 8, (buffer, at) => {
    buffer.writeUInt32BE(sec, at)
    buffer.writeUInt32BE(nsec, at + 4)
  })
}

t.test('EventTime in both layouts, rounded down to ms', async t => {
  for (const head of [[0xd7, 0], [0xc7, 8, 0]]) {
    t.equal(event(head, seconds, 999_999_999), seconds * 1000 + 999)
    t.equal(event(head, seconds, 0), seconds * 1000)
    t.equal(event(head, 0xffffffff, 1), 0xffffffff * 1000, 'beyond 2038')
    t.equal(event(head, 0, 0), 'now')
    t.equal(event(head, 0xffffffff, 0), 'group marker')
    t.equal(event(head, 0xfffffffe, 0), 'group marker')
  }
})

t.test('seconds of every width', async t => {
  const expected = seconds * 1000
  t.equal(read(0x7f), 127_000)
  t.equal(written([0xcc], 1, (buffer, at) => buffer.writeUInt8(200, at)), 200_000)
  t.equal(written([0xcd], 2, (buffer, at) => buffer.writeUInt16BE(60_000, at)), 60_000_000)
  t.equal(written([0xce], 4, (buffer, at) => buffer.writeUInt32BE(seconds, at)), expected)
  t.equal(written([0xcf], 8, (buffer, at) => buffer.writeBigUInt64BE(BigInt(seconds), at)), expected)
  t.equal(written([0xd0], 1, (buffer, at) => buffer.writeInt8(100, at)), 100_000)
  t.equal(written([0xd1], 2, (buffer, at) => buffer.writeInt16BE(30_000, at)), 30_000_000)
  t.equal(written([0xd2], 4, (buffer, at) => buffer.writeInt32BE(seconds, at)), expected)
  t.equal(written([0xd3], 8, (buffer, at) => buffer.writeBigInt64BE(BigInt(seconds), at)), expected)
  t.equal(written([0xca], 4, (buffer, at) => buffer.writeFloatBE(1.5, at)), 1500)
  t.equal(written([0xcb], 8, (buffer, at) => buffer.writeDoubleBE(seconds + 0.25, at)), expected + 250)
})

t.test('times that no clock shows are now', async t => {
  t.equal(read(0), 'now')
  t.equal(read(0xc0), 'now')
  t.equal(read(0xff), 'now', 'negative')
  t.equal(written([0xd3], 8, (buffer, at) => buffer.writeBigInt64BE(-1n, at)), 'now')
  t.equal(written([0xcf], 8, (buffer, at) => buffer.writeBigUInt64BE(2n ** 64n - 1n, at)), 'now', 'beyond the year 9999')
  t.equal(written([0xcb], 8, (buffer, at) => buffer.writeDoubleBE(NaN, at)), 'now')
  t.equal(written([0xcb], 8, (buffer, at) => buffer.writeDoubleBE(Infinity, at)), 'now')
})

t.test('unknown extensions are now, so that the line is kept', async t => {
  const heads = [
    [0xd4, 0], [0xd5, 0], [0xd6, 0], [0xd7, 1], [0xd8, 0], [0xc7, 4, 0], [0xc7, 8, 1],
    [0xc8, 0, 8, 0], [0xc9, 0, 0, 0, 8, 0],
  ]
  for (const head of heads) {
    t.equal(event(head, seconds, 0), 'now', head.join(' '))
  }
})

t.test('what is no time at all is refused', async t => {
  for (const type of [0xa1, 0xd9, 0xc4, 0xc2, 0xc3, 0x80, 0x90, 0xde, 0xdc]) {
    t.throws(() => read(type, 0, 0, 0, 0), { code: 'ERR_FRAME', reason: 'time' })
  }
})
