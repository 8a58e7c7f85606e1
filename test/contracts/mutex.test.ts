import t from 'tap'
import { Mutex } from '../../src/contracts/mutex.ts'
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
