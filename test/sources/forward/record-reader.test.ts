import t from 'tap'
import { createRecord, type LogRecord, stream } from '../../../src/contracts/record.ts'
import { createNames } from '../../../src/sources/forward/container-name.ts'
import { RecordReader } from '../../../src/sources/forward/record-reader.ts'
import { encode, keep, toJson, type Kept } from '../support.ts'

const id = '5d'.repeat(32)
const piece = { partial_message: 'true', partial_id: id, partial_ordinal: '2', partial_last: 'false' }

function read (map: unknown, record: LogRecord = createRecord()) {
  const bytes = encode(map)
  const end = new RecordReader(createNames()).read(bytes, 0, record)
  return { ...shown(record), isWhole: end === bytes.length }
}

/** What the record shows; of one without a line, the JSON of the map that it shows. */
function shown (record: LogRecord): Kept {
  const kept = keep(record)
  return record.isStructured ? { ...kept, line: toJson(record.bytes, record.start) } : kept
}

t.test('the line is what log holds, in every width of str and bin', async t => {
  for (const length of [0, 31, 32, 255, 256, 65_535, 65_536]) {
    for (const log of ['x'.repeat(length), Buffer.alloc(length, 'x')]) {
      t.match(read({ a: 1, log, z: [1] }), { line: 'x'.repeat(length), isStructured: false, isWhole: true })
    }
  }
})

t.test('the stream is what source says, none otherwise', async t => {
  t.equal(read({ log: '', source: 'stdout' }).stream, stream.stdout)
  t.equal(read({ log: '', source: Buffer.from('stderr') }).stream, stream.stderr)
  for (const source of ['stdxxx', 'std', '', 7, null, ['stdout']]) t.equal(read({ log: '', source }).stream, stream.none)
  t.equal(read({ log: '' }).stream, stream.none)
})

t.test('nothing of the record before is left in the view', async t => {
  const record = createRecord()
  const reader = new RecordReader(createNames())
  reader.read(encode({ log: 'a', source: 'stderr', container_name: '/x', ...piece }), 0, record)
  t.match(keep(record), { stream: stream.stderr, container: 'x', partial: { id } })
  record.container = ''
  reader.read(encode({ n: 1 }), 0, record)
  t.match(shown(record), { isStructured: true, line: '{"n":1}', partial: undefined, container: '', stream: stream.none })
  reader.read(encode({ log: 'b', partial_id: id, partial_last: 'true' }), 0, record)
  t.match(keep(record), { isStructured: false, line: 'b', partial: undefined }, 'the ordinal before is not taken')
})

t.test('a container that is known already stays', async t => {
  const record = createRecord()
  record.container = 'from-the-tag'
  t.equal(read({ log: '', container_name: '/x' }, record).container, 'from-the-tag')
})

t.test('a piece carries its id, its number and whether it is the last', async t => {
  t.same(read({ log: '', ...piece }).partial, { id, ordinal: 2, isLast: false })
  t.same(read({ ...piece, partial_last: 'true', partial_ordinal: '10', log: '' }).partial, { id, ordinal: 10, isLast: true })
  t.same(read({ log: '', partial_id: id, partial_ordinal: '1' }).partial, { id, ordinal: 1, isLast: false })
})

t.test('a piece that cannot be joined is a line of its own', async t => {
  t.equal(read({ log: '', partial_message: 'true' }).partial, undefined, 'Docker before 19.03')
  for (const change of [
    { partial_ordinal: '0' }, { partial_ordinal: '-1' }, { partial_ordinal: 'x' }, { partial_ordinal: '' }, { partial_ordinal: 1 },
    { partial_id: '' }, { partial_id: 7 }, { partial_id: 'x'.repeat(300) },
  ]) t.equal(read({ log: 'a', ...piece, ...change }).partial, undefined, JSON.stringify(change).slice(0, 40))
})

t.test('a record without a line is the JSON of the record', async t => {
  t.match(read({ level: 'info', n: { a: [1, null] } }), { line: '{"level":"info","n":{"a":[1,null]}}', isStructured: true })
  for (const log of [null, 1, { a: 1 }, ['x'], true]) {
    t.match(read({ log, source: 'stdout' }), { line: JSON.stringify({ log, source: 'stdout' }), isStructured: true, stream: stream.stdout })
  }
  t.match(read({}), { line: '{}', isStructured: true })
})

t.test('a key that comes twice counts as it came last', async t => {
  const twice = (first: unknown, second: unknown) =>
    Buffer.concat([Buffer.of(0x82), encode('log'), encode(first), encode('log'), encode(second)])
  const record = createRecord()
  new RecordReader(createNames()).read(twice('a', 'b'), 0, record)
  t.equal(keep(record).line, 'b')
  new RecordReader(createNames()).read(twice('a', 1), 0, record)
  t.equal(shown(record).line, '{"log":"a","log":1}')
})

t.test('what is no map is refused', async t => {
  for (const value of ['x', [1], 1, null]) t.throws(() => read(value), { code: 'ERR_FRAME', reason: 'record' })
})
