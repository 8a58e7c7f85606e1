import t from 'tap'
import fc from 'fast-check'
import { crc32 } from 'node:zlib'
import { SlabPool } from '../../src/spool/slab-pool.ts'
import { WriteBuffer } from '../../src/spool/write-buffer.ts'

function createBuffer (budgetBytes = 3200) {
  const pool = new SlabPool({ budgetBytes, onHigh: () => {}, onLow: () => {} })
  const buffer = new WriteBuffer(pool, { freeBytes: 10_000 })
  return { pool, buffer, append: (text: string) => buffer.append(Buffer.from(`(${text})`), 1, text.length + 1) }
}

t.test('however lines and writes follow one another, the file gets every byte once, in order', async t => {
  const line = fc.record({ lineBytes: fc.nat(150) })
  const block = fc.record({ blockOfBytes: fc.array(fc.nat(150), { minLength: 1, maxLength: 20 }) })
  const action = fc.oneof(line, block, fc.record({ takenBytes: fc.integer({ min: 1, max: 500 }) }))
  fc.assert(fc.property(fc.array(action, { maxLength: 60 }), actions => {
    const { pool, buffer, append } = createBuffer()
    let expected = ''
    const file: Buffer[] = []
    // What a write was given; lines come between that and its end.
    const give = () => Buffer.concat(buffer.parts())
    let given = give()
    for (const one of actions) {
      if ('lineBytes' in one) {
        const text = String.fromCharCode(97 + actions.indexOf(one) % 26).repeat(one.lineBytes)
        if (!buffer.hasRoom(text.length + 1)) continue
        append(text)
        expected += `${text}\n`
      } else if ('blockOfBytes' in one) {
        const text = one.blockOfBytes.map((bytes, index) => `${String.fromCharCode(97 + index).repeat(bytes)}\n`).join('')
        if (!buffer.hasRoom(text.length)) continue
        buffer.appendLines(Buffer.from(`\n${text}(\n`), 1, text.length + 1, one.blockOfBytes.length)
        expected += text
      } else {
        const taken = given.subarray(0, one.takenBytes)
        buffer.confirm(taken.length)
        file.push(Buffer.from(taken))
        t.equal(buffer.crc32, crc32(Buffer.concat(file)))
        const { content } = buffer.copy
        if (content !== undefined) t.equal(content.toString(), Buffer.concat(file).toString(), 'a copy is of all of it')
        given = give()
      }
    }
    const whole = Buffer.concat([...file, Buffer.concat(buffer.parts())])
    t.equal(whole.toString(), expected)
    t.equal(buffer.acceptedBytes, expected.length)
    t.equal(buffer.records, expected.split('\n').length - 1)
    buffer.confirm(expected.length - buffer.writtenBytes)
    t.equal(buffer.crc32, crc32(expected))
    t.equal(pool.usedBytes, 0, 'all memory is given back')
    t.equal(buffer.copy.content === undefined, expected.length > 8192, 'there is a copy while it is small')
  }), { numRuns: 200 })
})

t.test('lines in a row lie whole in their slabs, so that a file that is lost loses none that is waiting', async t => {
  const { buffer } = createBuffer()
  const lines = Array.from({ length: 30 }, (_, index) => `${String(index).repeat(20)}\n`)
  buffer.appendLines(Buffer.from(lines.join('')), 0, lines.join('').length, lines.length)
  buffer.confirm(215)
  const lost = buffer.restart()
  t.equal(Buffer.concat(buffer.parts()).toString(), lines.slice(lost).join(''))
  t.equal(buffer.records, lines.length - lost)
})

t.test('a file that is cut behind its last whole line is known to hold that, and the rest is written again', t => {
  const some = fc.array(fc.nat(150), { minLength: 1, maxLength: 20 })
  const takes = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 8 })
  fc.assert(fc.property(some, takes, some, (before, taken, after) => {
    const { buffer, append } = createBuffer(16_000)
    const texts = (lengths: readonly number[]) =>
      lengths.map((length, index) => String.fromCharCode(97 + index).repeat(length))
    for (const text of texts(before)) append(text)
    for (const bytes of taken) {
      buffer.parts()
      if (buffer.waitingBytes > 0) buffer.confirm(Math.min(bytes, buffer.waitingBytes))
    }
    const all = [...texts(before), ...texts(after)].map(text => `${text}\n`).join('')
    const written = all.slice(0, buffer.writtenBytes)
    const whole = written.slice(0, written.lastIndexOf('\n') + 1)
    t.equal(buffer.tornBytes, written.length - whole.length)
    buffer.cut()
    for (const text of texts(after)) append(text)
    t.equal(buffer.writtenBytes, whole.length)
    t.equal(buffer.crc32, crc32(whole))
    t.equal(buffer.writtenRecords, whole.split('\n').length - 1)
    t.equal(Buffer.concat(buffer.parts()).toString(), all.slice(whole.length))
    buffer.restart()
    t.equal(Buffer.concat(buffer.parts()).toString(), all.slice(whole.length), 'and so it is in another file')
    buffer.confirm(all.length - whole.length)
    t.equal(buffer.crc32, crc32(all.slice(whole.length)))
  }), { numRuns: 200 })
  t.end()
})

t.test('a checksum of what was given to a file that was lost is none of the next', async t => {
  const { buffer, append } = createBuffer()
  append('one')
  buffer.confirm(4)
  append('two')
  buffer.parts()
  t.equal(buffer.restart(), 1)
  buffer.confirm(4)
  t.equal(buffer.crc32, crc32('two\n'))
  t.equal(buffer.copy.content?.toString(), 'two\n', 'nor is a copy of that file')
})

t.test('of a disk that takes little at a time no byte is summed up again and again', async t => {
  const text = `${'x'.repeat(1023)}\n`.repeat(4096)
  const { buffer } = createBuffer(2 ** 24)
  buffer.appendLines(Buffer.from(text), 0, text.length, 4096)
  const before = process.cpuUsage()
  while (buffer.waitingBytes > 0) {
    buffer.parts()
    buffer.confirm(4096)
  }
  const { user, system } = process.cpuUsage(before)
  t.equal(buffer.crc32, crc32(text))
  // All of it at each of the 1,024 writes would be 2 GiB, half a second or more.
  t.ok(user + system < 300_000, `${(user + system) / 1000} ms`)
})

t.test('a line longer than a slab, and longer than the budget, is taken whole', async t => {
  const { pool, buffer, append } = createBuffer()
  append('x')
  append('y'.repeat(5000))
  t.notOk(buffer.hasRoom(2), 'it counts')
  t.equal(Buffer.concat(buffer.parts()).toString(), `x\n${'y'.repeat(5000)}\n`)
  buffer.confirm(buffer.acceptedBytes)
  t.equal(pool.usedBytes, 0)
})

t.test('what is given up is counted by its ends of line: a line torn in the middle is lost', async t => {
  const { buffer, append } = createBuffer()
  for (const text of ['one', 'two', 'three', 'four']) append(text)
  buffer.confirm(10)
  t.equal(buffer.discard(), 2)
  t.match(buffer, { records: 2, acceptedBytes: 10, writtenBytes: 10 })
  t.same(buffer.parts(), [])
})

t.test('who does not ask for room gets it all the same', async t => {
  const { buffer, append, pool } = createBuffer(320)
  while (buffer.hasRoom(10)) append('123456789')
  const { usedBytes } = pool
  append('123456789')
  t.ok(pool.usedBytes > usedBytes)
  t.throws(() => buffer.confirm(buffer.acceptedBytes + 1), RangeError)
})
