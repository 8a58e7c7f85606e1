import t from 'tap'
import { createKeyTable } from '../../src/bytes/key-table.ts'

function bitsIn (groups: readonly (readonly string[])[], key: string): number {
  const bytes = Buffer.from(`before${key}after`)
  const start = 'before'.length
  return createKeyTable(groups).bitsOf(bytes, start, start + Buffer.byteLength(key))
}

t.test('a key has the bit of its group', async t => {
  const groups = [['status', 'code'], ['path', 'パス'], []]
  t.equal(bitsIn(groups, 'status'), 1)
  t.equal(bitsIn(groups, 'code'), 1)
  t.equal(bitsIn(groups, 'path'), 2)
  t.equal(bitsIn(groups, 'パス'), 2)
})

t.test('a key that is longer, shorter or other has none', async t => {
  for (const key of ['statu', 'statuss', 'Status', 'stetus', '', 's', 'constructor', '__proto__']) {
    t.equal(bitsIn([['status']], key), 0, key)
  }
})

t.test('a key in two groups has both bits', async t => {
  t.equal(bitsIn([['request'], ['request', 'path']], 'request'), 3)
})

t.test('keys that share a slot are told apart', async t => {
  // Same length, first and last letter: the same slot by construction.
  const keys = Array.from({ length: 500 }, (_, index) => `k${String(index).padStart(4, '0')}k`)
  const table = createKeyTable([keys.slice(0, 250), keys.slice(250)])
  for (const [index, key] of keys.entries()) {
    t.equal(table.bitsOf(Buffer.from(key), 0, key.length), index < 250 ? 1 : 2)
  }
  t.equal(table.allBits, 3)
})

t.test('without keys nothing matches', async t => {
  t.equal(createKeyTable([]).allBits, 0)
  t.equal(bitsIn([], 'status'), 0)
  t.equal(bitsIn([['']], ''), 0)
})
