import t from 'tap'
import { isSameDestination, readAbout, removeAbout, writeAbout } from '../../src/spool/about.ts'
import { MemoryDisk } from './memory-disk.ts'

const about = { destinations: { b: 's3://bucket', a: 'group' }, names: { task: 'one' } }

t.test('what a directory says of itself is read as it was written, once', async t => {
  const disk = new MemoryDisk()
  await disk.makeDirectory('/data/host')
  t.equal(await readAbout(disk, '/data/host'), undefined)
  await writeAbout(disk, '/data/host', about)
  t.same(await readAbout(disk, '/data/host'), about)
  const count = disk.operations.length
  await writeAbout(disk, '/data/host', { ...about, destinations: { a: 'group', b: 's3://bucket' } })
  t.same(disk.operations.slice(count), ['readText'], 'the order of words changes nothing')
  await removeAbout(disk, '/data/host')
  t.same(disk.paths(), [])
})

t.test('what cannot be understood says nothing', async t => {
  for (const text of ['', '{', 'null', '{}', '{"destinations":[1],"names":{}}', '{"destinations":{"a":1},"names":{}}', '7']) {
    const disk = new MemoryDisk()
    disk.put('/data/host/about.json', text)
    t.equal(await readAbout(disk, '/data/host'), undefined, text)
  }
})

t.test('lines may go where the same routes lead to the same places, under whatever name', async t => {
  t.ok(isSameDestination(about, { destinations: { a: 'group', b: 's3://bucket' }, names: { task: 'two' } }))
  t.notOk(isSameDestination(about, { ...about, destinations: { a: 'group' } }))
  t.notOk(isSameDestination(about, { ...about, destinations: { ...about.destinations, b: 's3://other' } }))
  t.ok(isSameDestination(about, { ...about, destinations: { ...about.destinations, c: 'new' } }), 'a route more takes nothing away')
})
