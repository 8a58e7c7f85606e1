import assert from 'node:assert/strict'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { ExtData } from '@msgpack/msgpack'
import fc from 'fast-check'
import t from 'tap'
import { linePart, stream } from '../../../src/contracts/record.ts'
import { cutAt, decode, encode, eventTime, latin1, nowMs } from '../support.ts'

const tag = 'web-firelens-0123'
const seconds = 1_795_462_683
const time = eventTime(seconds, 765_432_100)
const timeMs = seconds * 1000 + 765
const recordOf = (log: string) => ({ container_name: '/x', source: 'stdout', log })
const entry = (log: string) => encode([time, recordOf(log)])
const packedOf = (...logs: readonly string[]) => Buffer.concat(logs.map(entry))
const linesOf = async (...frames: unknown[]) => (await decode(frames.map(encode))).records.map(({ line }) => line)

t.test('the four carriers bring the same records', async t => {
  const logs = ['one', '日本語', '']
  const carriers: Record<string, Buffer> = {
    message: Buffer.concat(logs.map(log => encode([tag, time, recordOf(log), {}]))),
    'message without option': Buffer.concat(logs.map(log => encode([tag, time, recordOf(log)]))),
    'message with nil option': Buffer.concat(logs.map(log => encode([tag, time, recordOf(log), null]))),
    forward: encode([tag, logs.map(log => [time, recordOf(log)])]),
    'forward with metadata': encode([tag, logs.map(log => [[time, { a: [1] }], recordOf(log)]), { size: 3 }]),
    'packed bin': encode([tag, packedOf(...logs), { size: 3 }]),
    'packed str': Buffer.concat([Buffer.of(0x92), encode(tag), strOf(packedOf(...logs))]),
    'packed gzip': encode([tag, gzipSync(packedOf(...logs)), { compressed: 'gzip' }]),
    'packed gzip members': encode([tag, Buffer.concat(logs.map(log => gzipSync(entry(log)))), { compressed: 'gzip' }]),
    'packed zstd': encode([tag, zstdCompressSync(packedOf(...logs)), { compressed: 'zstd' }]),
    'packed zstd frames': encode([tag, Buffer.concat(logs.map(log => zstdCompressSync(entry(log)))), {}]),
    'gzip labelled zstd': encode([tag, gzipSync(packedOf(...logs)), { compressed: 'zstd' }]),
    'plain labelled gzip': encode([tag, packedOf(...logs), { compressed: 'gzip' }]),
    'plain labelled text': encode([tag, packedOf(...logs), { compressed: 'text' }]),
  }
  const expected = logs.map(log => ({
    timeMs, stream: stream.stdout, container: 'web', partial: undefined, part: 0, cutLine: 0, isTorn: false, isStructured: false, isWhole: false, hasUnmarkedLines: false, numbers: undefined, line: latin1(log),
  }))
  for (const [name, bytes] of Object.entries(carriers)) {
    t.same((await decode([bytes])).records, expected, name)
    t.same((await decode(cutAt(bytes, [...bytes.keys()]))).records, expected, `${name}, byte by byte`)
  }
})

t.test('any line comes out byte for byte, whatever the split and the other keys', async t => {
  const frames = fc.array(fc.record({
    log: fc.uint8Array({ maxLength: 200 }),
    more: fc.dictionary(fc.string().filter(key => key !== 'log'), fc.jsonValue(), { maxKeys: 4 }),
    isLogFirst: fc.boolean(),
  }), { minLength: 1, maxLength: 5 })
  await t.resolves(fc.assert(fc.asyncProperty(frames, fc.array(fc.nat(), { maxLength: 8 }), async (messages, cuts) => {
    const bytes = Buffer.concat(messages.map(({ log, more, isLogFirst }) =>
      encode([tag, seconds, isLogFirst ? { log, ...more } : { ...more, log }, {}])))
    const { records, refusal } = await decode(cutAt(bytes, cuts))
    assert.equal(refusal, undefined)
    assert.deepEqual(records.map(({ line }) => line), messages.map(({ log }) => Buffer.from(log).toString('latin1')))
  }), { numRuns: 300 }))
})

t.test('any bytes give records or a refusal, never anything else', async t => {
  const frame = encode([tag, [[time, recordOf('a')], [[time, {}], recordOf('b')]], { chunk: 'c', size: 2 }])
  const packed = encode([tag, packedOf('a', 'b'), { chunk: 'c' }])
  const damaged = fc.tuple(fc.constantFrom(frame, packed), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 5 }))
    .map(([bytes, changes]) => changes.reduce((changed, [at, byte]) => {
      changed[at % changed.length] = byte
      return changed
    }, Buffer.from(bytes)))
  const bytes = fc.oneof(damaged, fc.uint8Array({ maxLength: 200 }).map(each => Buffer.from(each)))
  await t.resolves(fc.assert(fc.asyncProperty(bytes, fc.array(fc.nat(), { maxLength: 4 }), async (each, cuts) => {
    const whole = await decode([each])
    const cut = await decode(cutAt(each, cuts))
    assert.ok(whole.refusal === undefined || whole.refusal.code === 'ERR_FRAME', whole.refusal?.message)
    assert.deepEqual(cut.records, whole.records, 'the split makes no difference')
    assert.equal(cut.refusal?.reason, whole.refusal?.reason)
  }), { numRuns: 1500 }))
})

t.test('options may stand in any order, with keys that nobody knows', async t => {
  const { chunks, records } = await decode([
    encode([tag, [[time, recordOf('a')]], { unknown: { chunk: [1] }, size: 0, chunk: 'id', fluent_signal: 0 }]),
    encode([tag, time, recordOf('b'), { metadata: { x: 1 }, chunk: 'id2' }]),
    encode([tag, packedOf('c'), { chunk: Buffer.from([1, 2]) }]),
    encode([tag, packedOf('d'), { chunk: null }]),
  ])
  t.same(chunks, [encode('id'), encode('id2'), encode(Buffer.from([1, 2]))], 'as it was written')
  t.same(records.map(({ line }) => line), ['a', 'b', 'c', 'd'])
})

t.test('frames of metrics and traces hold no records but are acknowledged', async t => {
  for (const signal of [1, 2, 300]) {
    const option = { fluent_signal: signal, chunk: 'id' }
    for (const frame of [
      [tag, [[time, recordOf('a')]], option], [tag, Buffer.from([0xc1]), option], [tag, gzipSync('garbage'), option],
      [tag, time, recordOf('a'), option],
    ]) {
      const { records, chunks, refusal } = await decode([encode(frame)])
      t.same({ records, chunks, refusal }, { records: [], chunks: [encode('id')], refusal: undefined })
    }
  }
  const wideZero = Buffer.concat([Buffer.of(0x93), encode(tag), encode([[time, recordOf('a')]]), Buffer.of(0x81), encode('fluent_signal'), Buffer.of(0xce, 0, 0, 0, 0)])
  t.equal((await decode([wideZero])).records.length, 1, 'logs, in another width')
})

t.test('group markers of Fluent Bit are no records', async t => {
  const begin = [[eventTime(0xffffffff, 0), {}], { group: 1 }]
  const end = [[eventTime(0xfffffffe, 0), {}], {}]
  t.same(await linesOf([tag, [begin, [[time, {}], recordOf('a')], end]]), ['a'])
  t.same(await linesOf([tag, Buffer.concat([encode(begin), entry('a'), encode(end)])]), ['a'])
  t.same(await linesOf([tag, eventTime(0xffffffff, 0), {}], [tag, time, recordOf('a')]), ['a'])
})

t.test('heartbeats and empty frames are passed over', async t => {
  const nil = Buffer.of(0xc0)
  const bytes = Buffer.concat([nil, nil, encode([tag, []]), nil, encode([tag, Buffer.alloc(0)]), encode([tag, time, recordOf('a')]), nil])
  for (const pieces of [[bytes], cutAt(bytes, [...bytes.keys()])]) {
    const { records, refusal, isWithinFrame } = await decode(pieces)
    t.same([records.length, refusal, isWithinFrame], [1, undefined, false])
  }
})

t.test('a record without a usable time is of now', async t => {
  for (const each of [null, 0, -5, new ExtData(7, new Uint8Array(8)), new ExtData(0, new Uint8Array(4)), Infinity]) {
    t.same((await decode([encode([tag, each, recordOf('a')])])).records.map(record => record.timeMs), [nowMs], String(each))
    t.same((await decode([encode([tag, [[each, recordOf('a')]]])])).records.map(record => record.timeMs), [nowMs])
  }
})

t.test('a bad entry ends the frame; records before it are kept', async t => {
  const good = [time, recordOf('a')]
  const cases: Record<string, [unknown, string]> = {
    'an entry that is no array': [7, 'entries'],
    'an entry without record': [[time], 'entries'],
    'a record that is no map': [[time, 'text'], 'record'],
    'a time that is none': [['then', {}], 'time'],
    'a time in an empty array': [[[], {}], 'time'],
  }
  for (const [name, [bad, reason]] of Object.entries(cases)) {
    const { records, refusal, chunks } = await decode([encode([tag, [good, bad, good], { chunk: 'c' }])])
    t.same([records.length, refusal?.reason, chunks], [1, reason, []], name)
  }
})

t.test('packed entries are checked one by one; those before a bad one are kept', async t => {
  const reasonAfterOne = async (tail: Buffer) => {
    const { records, refusal } = await decode([encode([tag, Buffer.concat([entry('a'), tail])])])
    return [records.length, refusal?.reason]
  }
  t.same(await reasonAfterOne(entry('b').subarray(0, -1)), [1, 'entries'], 'cut short')
  t.same(await reasonAfterOne(Buffer.from([0xdd, 0xff, 0xff, 0xff, 0xff])), [1, 'items'])
  t.same(await reasonAfterOne(Buffer.alloc(100, 0x91)), [1, 'nesting'])
  t.same(await reasonAfterOne(Buffer.of(0x92, 0xc1, 0xc1)), [1, 'reserved'])
  t.same(await reasonAfterOne(Buffer.of(0x92, 0xdb, 0xff, 0xff, 0xff, 0xff)), [1, 'frame_bytes'])
  t.same(await reasonAfterOne(Buffer.of(0xc0)), [1, 'not_array'])
})

t.test('a frame that is not of the protocol is refused with a reason', async t => {
  const reason = async (frame: unknown) => (await decode([encode(frame)])).refusal?.reason
  t.equal(await reason([]), 'entries')
  t.equal(await reason([tag]), 'entries')
  t.equal(await reason([1, time, {}]), 'tag')
  t.equal(await reason([null, time, {}]), 'tag')
  t.equal(await reason([tag, time]), 'record')
  t.equal(await reason([tag, time, 'text']), 'record')
  t.equal(await reason([tag, { a: 1 }, {}]), 'time')
  t.equal(await reason([tag, true, {}]), 'time')
  t.equal(await reason([tag, [], 'option']), 'option')
  t.equal(await reason(['PING', 'host', 'salt', 'digest', '', '']), 'option', 'a handshake')
  t.equal(await reason(['HELO', { nonce: '' }]), 'record', 'a handshake')
})

t.test('elements beyond those known are passed over', async t => {
  t.same(await linesOf([tag, time, recordOf('a'), {}, 'more', [1]]), ['a'])
  t.same(await linesOf([tag, [[time, recordOf('a'), 1, [2]], [time, recordOf('b')]], {}, 9]), ['a', 'b'])
})

t.test('the container is that of the tag, else the record\'s, else the tag', async t => {
  const container = async (each: string, record: object) =>
    (await decode([encode([each, time, record])])).records.map(({ container }) => container)
  t.same(await container('app-firelens-x-firelens-0', { log: '', container_name: '/y' }), ['app-firelens-x'])
  t.same(await container('docker.1', { log: '', container_name: '/y' }), ['y'])
  t.same(await container('docker.1', { log: '' }), ['docker.1'])
  t.same(await container('docker.1', { log: '', container_name: '' }), ['docker.1'])
})

t.test('a frame of more entries than allowed is refused: before the first where it says their number, else at the one over', async t => {
  const of = async (frame: unknown) => {
    const { records, refusal } = await decode([encode(frame)], { maxEntries: 3 })
    return [records.length, refusal?.reason]
  }
  const four = packedOf('a', 'b', 'c', 'd')
  t.same(await of([tag, packedOf('a', 'b', 'c'), { size: 3 }]), [3, undefined])
  t.same(await of([tag, four]), [3, 'entry_count'])
  t.same(await of([tag, gzipSync(four)]), [3, 'entry_count'])
  t.same(await of([tag, four, { size: 4 }]), [0, 'entry_count'])
  t.same(await of([tag, zstdCompressSync(four), { size: 70_000 }]), [0, 'entry_count'])
  t.same(await of([tag, ['a', 'b', 'c', 'd'].map(log => [time, recordOf(log)])]), [0, 'entry_count'])
  t.same(await of([tag, packedOf('a'), { size: 'many' }]), [1, undefined], 'a size that is no number')
  t.same(await of([tag, time, recordOf('a'), { size: 9 }]), [1, undefined], 'of one record')
})

t.test('entries are found wherever the pieces of a compressed payload end', async t => {
  const logs = Array.from({ length: 3000 }, (_, index) => `${index} `.repeat(index % 50))
  const { records, refusal, heldBytes } = await decode([encode([tag, gzipSync(packedOf(...logs))])])
  t.equal(refusal, undefined)
  t.same(records.map(({ line }) => line), logs)
  t.equal(heldBytes, 0)
})

t.test('an entry cut short at the end of a compressed payload is refused, as is a heartbeat among entries', async t => {
  for (const compress of [gzipSync, zstdCompressSync]) {
    const cut = await decode([encode([tag, compress(Buffer.concat([packedOf('a'), entry('b').subarray(0, -1)]))])])
    t.same([cut.records.length, cut.refusal?.reason], [1, 'entries'])
    const beating = await decode([encode([tag, compress(Buffer.concat([packedOf('a'), Buffer.of(0xc0), entry('b')]))])])
    t.same([beating.records.length, beating.refusal?.reason], [1, 'not_array'])
  }
})

t.test('an option of more keys than any is refused', async t => {
  const option = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`key ${index}`, 1]))
  t.equal((await decode([encode([tag, [], option(1000)])])).refusal, undefined)
  t.equal((await decode([encode([tag, [], option(1001)])])).refusal?.reason, 'option')
})

t.test('an id longer than any is refused: acks that wait take memory', async t => {
  const reasonOf = async (bytes: number) =>
    (await decode([encode([tag, time, recordOf('a'), { chunk: 'x'.repeat(bytes) }])])).refusal?.reason
  t.equal(await reasonOf(1000), undefined)
  t.equal(await reasonOf(1100), 'option')
})

t.test('a line that is too long goes on as parts, cut between characters, and is counted once', async t => {
  const maxLineBytes = 1000
  for (const log of ['x'.repeat(2500), '語'.repeat(1000), Buffer.alloc(2500, 0x80)]) {
    const record = { ...recordOf(''), log, partial_id: 'id', partial_ordinal: '1', partial_last: 'false' }
    const { records, linesCut } = await decode([encode([tag, time, record]), encode([tag, time, recordOf('next')])], { maxLineBytes })
    const parts = records.slice(0, -1)
    t.equal(parts.map(({ line }) => line).join(''), Buffer.from(log as string).toString('latin1'))
    t.ok(parts.every(({ line }) => line.length <= maxLineBytes))
    if (typeof log === 'string') t.ok(parts.every(({ line }) => !Buffer.from(line, 'latin1').toString().includes('\ufffd')))
    t.match(parts, parts.map(() => ({ timeMs, stream: stream.stdout, container: 'web', partial: undefined })))
    const middle = parts.slice(1, -1).map(() => linePart.middle)
    t.same(records.map(({ part }) => part), [linePart.first, ...middle, linePart.last, linePart.whole])
    t.equal(records.at(-1)?.line, 'next')
    t.equal(linesCut, 1)
  }
  t.equal((await decode([encode([tag, time, recordOf('x'.repeat(1000))])], { maxLineBytes })).linesCut, 0)
})

t.test('a line that is too long is not cut within a number, so that redaction sees it whole', async t => {
  const line = `${'x '.repeat(494)}card 4111111111111111 ${'y '.repeat(300)}`
  const { records } = await decode([encode([tag, time, recordOf(line)])], { maxLineBytes: 1000 })
  t.equal(records.map(part => part.line).join(''), line)
  t.match(records[1]?.line, /^4111111111111111 y/)
})

t.test('a structured record is one line however long it takes to write, and parts where that is too long', async t => {
  const value = { list: Array.from({ length: 20_000 }, (_, index) => ({ index, text: `text ${index}` })) }
  const json = JSON.stringify(value)
  const whole = await decode([encode([tag, time, value]), encode([tag, time, recordOf('next')])])
  t.same(whole.records.map(({ line }) => line), [json, 'next'])
  t.same([whole.linesCut, whole.heldBytes], [0, 0])
  const cut = await decode([encode([tag, time, value]), encode([tag, time, recordOf('next')])], { maxLineBytes: 100_000 })
  t.equal(cut.records.slice(0, -1).map(({ line }) => line).join(''), json)
  t.ok(cut.records.every(({ line }) => line.length <= 100_000))
  t.same([cut.linesCut, cut.heldBytes], [1, 0])
  const tiny = await decode([encode([tag, time, { a: 'x'.repeat(50) }])], { maxLineBytes: 20 })
  t.equal(tiny.records.map(({ line }) => line).join(''), JSON.stringify({ a: 'x'.repeat(50) }))
})

function strOf (bytes: Buffer): Buffer {
  const head = Buffer.from([0xdb, 0, 0, 0, 0])
  head.writeUInt32BE(bytes.length, 1)
  return Buffer.concat([head, bytes])
}
