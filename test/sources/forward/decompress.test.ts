import { gzipSync, zstdCompressSync } from 'node:zlib'
import t from 'tap'
import { decompress } from '../../../src/sources/forward/decompress.ts'

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
