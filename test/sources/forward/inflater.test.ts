import { setTimeout as delay } from 'node:timers/promises'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import t from 'tap'
import { Inflater } from '../../../src/sources/forward/inflater.ts'
import { memoryOf } from '../support.ts'

/** All pieces together; fails where one is larger than it may be. */
async function decompress (payload: Buffer, maxDecompressedBytes: number): Promise<Buffer> {
  const memory = memoryOf(1 << 24)
  const inflater = new Inflater(payload, { maxDecompressedBytes }, memory)
  const pieces: Buffer[] = []
  try {
    for (let piece = await inflater.next(); piece !== undefined; piece = await inflater.next()) {
      if (piece.length > 65_536) throw new Error(`a piece of ${piece.length} bytes`)
      pieces.push(piece)
    }
  } finally {
    inflater.close()
    inflater.close()
    t.equal(memory.bytes, 0, 'all is given back')
  }
  return Buffer.concat(pieces)
}

const data = Buffer.from('some line of a log\n'.repeat(1000))
const kinds = { gzip: gzipSync, zstd: (bytes: Buffer) => zstdCompressSync(bytes) }

for (const [name, compress] of Object.entries(kinds)) {
  t.test(`${name}: unpacks what was packed, however many parts it has`, async t => {
    t.same(await decompress(compress(data), 1 << 20), data)
    const parts = [compress(data), compress(Buffer.alloc(0)), compress(data)]
    t.same(await decompress(Buffer.concat(parts), 1 << 20), Buffer.concat([data, data]))
    t.same(await decompress(compress(Buffer.alloc(0)), 1 << 20), Buffer.alloc(0))
    const many = Array.from({ length: 50 }, () => compress(data))
    t.equal((await decompress(Buffer.concat(many), 1 << 20)).length, 50 * data.length)
  })

  t.test(`${name}: the bound holds at its edge and refuses one over, also over several parts`, async t => {
    const two = Buffer.concat([compress(data), compress(data)])
    t.same((await decompress(two, 2 * data.length)).length, 2 * data.length)
    const refused = { code: 'ERR_FRAME', reason: 'decompressed_bytes' }
    await t.rejects(decompress(two, 2 * data.length - 1), refused)
    await t.rejects(decompress(two, data.length), refused)
    await t.rejects(decompress(compress(Buffer.alloc(100 << 20)), 1 << 20), refused, 'a bomb')
  })

  t.test(`${name}: cut short or damaged is refused`, async t => {
    const packed = compress(data)
    const refused = { code: 'ERR_FRAME', reason: 'compression' }
    for (const length of [4, 10, packed.length - 1]) {
      await t.rejects(decompress(packed.subarray(0, length), 1 << 20), refused)
    }
    await t.rejects(decompress(Buffer.concat([packed, packed.subarray(0, -1)]), 1 << 20), refused, 'in a later part')
    await t.rejects(decompress(Buffer.concat([packed, Buffer.from('more')]), 1 << 20), refused, 'something behind it')
  })
}

t.test('more parts than anybody sends are refused before they cost time', async t => {
  const empty = zstdCompressSync(Buffer.alloc(0))
  await t.rejects(decompress(Buffer.concat(Array.from({ length: 1001 }, () => empty)), 1 << 20), { code: 'ERR_FRAME', reason: 'compression' })
})

for (const [name, compress] of Object.entries(kinds)) {
  t.test(`${name}: one piece is made ahead and no more, whatever it unpacks to`, async t => {
    const memory = memoryOf(1 << 24)
    const inflater = new Inflater(compress(Buffer.alloc(32 << 20)), { maxDecompressedBytes: 64 << 20 }, memory)
    t.equal(memory.bytes, 0, 'nothing is taken before it is asked for')
    t.equal((await inflater.next())?.length, 65_536)
    const before = process.memoryUsage().arrayBuffers
    await delay(50)
    t.ok(process.memoryUsage().arrayBuffers - before < 1 << 20)
    t.ok(memory.bytes > 3 * 65_536 - 1 << 14)
    inflater.close()
    t.equal(memory.bytes, 0)
  })

  t.test(`${name}: what says itself that it is too large is refused before its first piece`, async t => {
    const inflater = new Inflater(compress(Buffer.alloc(2 << 20)), { maxDecompressedBytes: 1 << 20 }, memoryOf(1 << 24))
    await t.rejects(inflater.next(), { code: 'ERR_FRAME', reason: 'decompressed_bytes' })
    inflater.close()
  })

  t.test(`${name}: the pieces before the damage are given`, async t => {
    const packed = compress(Buffer.concat(Array.from({ length: 20_000 }, (_, index) => Buffer.from(`line ${index}\n`))))
    const inflater = new Inflater(packed.subarray(0, -10), { maxDecompressedBytes: 1 << 24 }, memoryOf(1 << 24))
    t.ok((await inflater.next())?.toString().startsWith('line 0\n'))
    await t.rejects(async () => { while (await inflater.next() !== undefined); }, { code: 'ERR_FRAME', reason: 'compression' })
    inflater.close()
  })
}

/** A frame of zstd that asks for a window of two to that power, and is a byte, repeated. */
function zstdOfWindow (windowLog: number): Buffer {
  const block = 128 << 10 << 3 | 2
  const blockHead = [block & 0xff, block >> 8 & 0xff, block >> 16 & 0xff]
  return Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, windowLog - 10 << 3, ...blockHead, 0x61, 1, 0, 0])
}

t.test('a window of 8 MiB is counted and given; a larger one, which would take its memory at once, is refused', async t => {
  const memory = memoryOf(1 << 24)
  const inflater = new Inflater(zstdOfWindow(23), { maxDecompressedBytes: 1 << 20 }, memory)
  t.equal((await inflater.next())?.length, 65_536)
  t.ok(memory.bytes > 1 << 23)
  inflater.close()
  await t.rejects(decompress(zstdOfWindow(24), 1 << 20), { code: 'ERR_FRAME', reason: 'compression' })
  const scarce = new Inflater(zstdOfWindow(23), { maxDecompressedBytes: 1 << 20 }, memoryOf(1 << 20))
  await t.rejects(scarce.next(), { code: 'ERR_FRAME', reason: 'memory' })
  scarce.close()
})
