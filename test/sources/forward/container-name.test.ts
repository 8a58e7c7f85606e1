import t from 'tap'
import { containerOfName, containerOfTag, Interner, NameCache, nameOf } from '../../../src/sources/forward/container-name.ts'

t.test('a FireLens tag names its container before the last mark', async t => {
  t.equal(containerOfTag(Buffer.from('app-firelens-0123')), 'app')
  t.equal(containerOfTag(Buffer.from('my-firelens-app-firelens-0123')), 'my-firelens-app')
  t.equal(containerOfTag(Buffer.from('-firelens-0123')), '', 'no name')
  t.equal(containerOfTag(Buffer.from('docker.0123')), '', 'no mark')
  t.equal(containerOfTag(Buffer.alloc(0)), '')
})

t.test('Docker\'s name loses the slash that it begins with, and no other', async t => {
  t.equal(containerOfName(Buffer.from('/web/x')), 'web/x')
  t.equal(containerOfName(Buffer.from('web')), 'web')
})

t.test('a name is bounded, and cut between characters', async t => {
  t.equal(nameOf(Buffer.from('x'.repeat(1000))), 'x'.repeat(128))
  t.equal(nameOf(Buffer.from(`x${'語'.repeat(100)}`)), `x${'語'.repeat(42)}`)
  t.equal(nameOf(Buffer.from([0xff, 0x61])), 'ÿa', 'Latin-1 where it is not UTF-8')
})

t.test('the same bytes are derived once, among more than are kept', async t => {
  let derivedCount = 0
  const interner = new Interner(new NameCache(bytes => { derivedCount++; return bytes.toString() }, 4))
  const get = (text: string) => interner.get(Buffer.from(`<${text}>`), 1, text.length + 1)
  for (let round = 0; round < 3; round++) {
    for (const name of ['a', 'b', 'c', 'c', '']) t.equal(get(name), name)
  }
  t.equal(derivedCount, 4)
  for (let index = 0; index < 100; index++) t.equal(get(`n${index}`), `n${index}`)
  t.equal(get('a'), 'a')
  t.equal(derivedCount, 105)
})

t.test('a very long one is not kept', async t => {
  let derivedCount = 0
  const interner = new Interner(new NameCache(() => { derivedCount++; return 'long' }))
  const bytes = Buffer.alloc(10_000)
  interner.get(bytes, 0, bytes.length)
  interner.get(bytes, 0, bytes.length)
  t.equal(derivedCount, 2)
})

t.test('all connections share what is kept, however many names each has', async t => {
  let derivedCount = 0
  const cache = new NameCache(bytes => { derivedCount++; return bytes.toString() }, 4)
  const interners = Array.from({ length: 100 }, () => new Interner(cache))
  for (const interner of interners) t.equal(interner.get(Buffer.from('web'), 0, 3), 'web')
  t.equal(derivedCount, 1)
  for (let index = 0; index < 100; index++) cache.get(Buffer.from(`other ${index}`), 0, 7)
  const before = derivedCount
  for (const interner of interners) interner.get(Buffer.from('web'), 0, 3)
  t.equal(derivedCount, before, 'what each had last stays its own')
})
