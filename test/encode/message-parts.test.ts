import fc from 'fast-check'
import t from 'tap'
import { createRecord, type LogRecord } from '../../src/contracts/record.ts'
import { fitsMessage, splitMessage } from '../../src/encode/message-parts.ts'
import { readable } from '../support/lines.ts'

function recordOf (bytes: Buffer): LogRecord {
  const padded = Buffer.concat([Buffer.from('<<'), bytes, Buffer.from('>>')])
  return { ...createRecord(), bytes: padded, start: 2, end: 2 + bytes.length, timeMs: 7, container: 'web' }
}

function partsOf (record: LogRecord, maxBytes: number): Buffer[] {
  const parts: Buffer[] = []
  const keep = ({ bytes, start, end }: LogRecord) => parts.push(Buffer.from(bytes.subarray(start, end)))
  const count = splitMessage(record, { maxBytes, emit: keep })
  if (count !== parts.length) throw new Error(`said ${count} parts, emitted ${parts.length}`)
  return parts
}

const messageBytes = (bytes: Buffer) => Buffer.byteLength(readable(bytes.toString('latin1')))

t.test('parts put together are the line, each within the limit, cut between characters', async t => {
  const piece = fc.oneof(fc.string({ unit: 'binary' }).map(text => Buffer.from(text)), fc.uint8Array().map(Buffer.from))
  fc.assert(fc.property(fc.array(piece, { maxLength: 12 }), fc.integer({ min: 40, max: 90 }), (pieces, maxBytes) => {
    const line = Buffer.concat(pieces)
    const record = recordOf(line)
    t.equal(fitsMessage(record, maxBytes), messageBytes(line) <= maxBytes)
    if (fitsMessage(record, maxBytes)) return
    const parts = partsOf(record, maxBytes)
    const texts = parts.map(part => readable(part.toString('latin1')).replace(/^\(\d+\/\d+\) /, ''))
    t.equal(texts.join(''), readable(line.toString('latin1')))
    t.ok(parts.every(part => messageBytes(part) <= maxBytes))
  }), { numRuns: 200 })
})

t.test('a message that is exactly as long as it may be is not split, one byte more is', async t => {
  t.equal(fitsMessage(recordOf(Buffer.alloc(100, 'a')), 100), true)
  t.equal(fitsMessage(recordOf(Buffer.alloc(101, 'a')), 100), false)
})

t.test('parts are numbered and keep what the record was', async t => {
  const seen: unknown[] = []
  splitMessage(recordOf(Buffer.from('あ'.repeat(20))), {
    maxBytes: 54,
    emit: ({ bytes, start, end, timeMs, container }) => seen.push([bytes.toString('utf8', start, end), timeMs, container]),
  })
  t.same(seen, [[`(1/2) ${'あ'.repeat(10)}`, 7, 'web'], [`(2/2) ${'あ'.repeat(10)}`, 7, 'web']])
})
