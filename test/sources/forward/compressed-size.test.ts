import { constants, gzipSync, zstdCompressSync } from 'node:zlib'
import t from 'tap'
import { gzipContentBytes, zstdContentBytes, zstdWindowBytes } from '../../../src/sources/forward/compressed-size.ts'

t.test('a gzip says at its end what it unpacks to', async t => {
  for (const bytes of [0, 1, 300, 100_000]) t.equal(gzipContentBytes(gzipSync(Buffer.alloc(bytes))), bytes)
})

t.test('an end that cannot be true says nothing', async t => {
  const packed = gzipSync(Buffer.alloc(100))
  packed.fill(0xff, packed.length - 4)
  t.equal(gzipContentBytes(packed), 0)
  t.equal(gzipContentBytes(packed.subarray(0, 10)), 0)
})

t.test('a zstd frame says at its head what it unpacks to, in every width', async t => {
  for (const bytes of [0, 1, 255, 256, 300, 65_791, 65_792, 1_000_000]) {
    t.equal(zstdContentBytes(zstdCompressSync(Buffer.alloc(bytes))), bytes)
  }
  const wide = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xc0, 0x58, 0, 0, 0, 0, 1, 0, 0, 0])
  t.equal(zstdContentBytes(wide), 2 ** 32)
})

t.test('and how much of it has to be kept', async t => {
  t.equal(zstdWindowBytes(zstdCompressSync(Buffer.alloc(1000))), 1000, 'all of a short one')
  const params = { [constants.ZSTD_c_windowLog]: 20, [constants.ZSTD_c_contentSizeFlag]: 0 }
  t.equal(zstdWindowBytes(zstdCompressSync(Buffer.alloc(5_000_000), { params })), 2 ** 20)
  t.equal(zstdWindowBytes(Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0x8f])), 2 ** 27 + 7 * 2 ** 24)
})

t.test('what is no zstd frame, or cut short in its head, says nothing that is not there', async t => {
  for (const bytes of [Buffer.alloc(0), Buffer.from('text'), Buffer.from([0x28, 0xb5, 0x2f, 0xfd])]) {
    t.equal(zstdContentBytes(bytes), 0)
  }
})
