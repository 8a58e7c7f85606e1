import t from 'tap'
import { KeyedMutex, Mutex } from '../../src/contracts/mutex.ts'
import { turns } from '../support/manual-clock.ts'

t.test('one task at a time, in order, whatever the others end with', async t => {
  const mutex = new Mutex()
  const seen: string[] = []
  const task = (name: string, fails = false) => mutex.run(async () => {
    seen.push(`${name} starts`)
    await turns(1)
    seen.push(`${name} ends`)
    if (fails) throw new Error(name)
    return name
  })
  const results = await Promise.allSettled([task('a'), task('b', true), task('c')])
  t.same(seen, ['a starts', 'a ends', 'b starts', 'b ends', 'c starts', 'c ends'])
  t.same(results.map(({ status }) => status), ['fulfilled', 'rejected', 'fulfilled'])
})

t.test('tasks of one name go one at a time, those of others beside them, and no name is kept when its tasks are over', async t => {
  const mutex = new KeyedMutex<string>()
  const seen: string[] = []
  const task = (name: string, text: string) => mutex.run(name, async () => {
    seen.push(`${text} starts`)
    await turns(1)
    seen.push(`${text} ends`)
  })
  const tasks = [task('a', '1'), task('a', '2'), task('b', '3')]
  t.same(mutex.size, 2)
  await Promise.all(tasks)
  t.ok(seen.indexOf('3 starts') < seen.indexOf('1 ends'))
  t.ok(seen.indexOf('2 starts') > seen.indexOf('1 ends'))
  await t.rejects(mutex.run('c', async () => { throw new Error('fails') }), { message: 'fails' })
  t.equal(mutex.size, 0)
  for (let index = 0; index < 1_000; index++) await task(`stream ${index}`, 'one')
  t.equal(mutex.size, 0)
})

t.test('a mutex for each key says whether a key is held, and when all that was given has ended', async t => {
  const mutex = new KeyedMutex<string>()
  t.notOk(mutex.has('a'))
  let ended = 0
  for (const key of ['a', 'b', 'a']) {
    void mutex.run(key, async () => {
      await turns(3)
      ended++
    })
  }
  t.ok(mutex.has('a'))
  await mutex.idle()
  t.equal(ended, 3)
  t.notOk(mutex.has('a'))
})
