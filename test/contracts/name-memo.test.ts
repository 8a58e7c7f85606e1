import t from 'tap'
import { createNameMemo } from '../../src/contracts/name-memo.ts'

t.test('something is made of a name once while it is known, and of names over the limit again', async t => {
  const made: string[] = []
  const memo = createNameMemo(name => {
    made.push(name)
    return `<${name}>`
  }, 2)
  for (const name of ['web', 'web', 'a"b', 'web', 'third', 'web', 'third', '']) t.equal(memo(name), `<${name}>`)
  t.same(made, ['web', 'a"b', 'third', 'web', ''])
})

t.test('where nothing can be made of a name, the names before it keep what was made of them', async t => {
  const memo = createNameMemo(name => {
    if (name === 'bad') throw new Error(name)
    return `<${name}>`
  })
  t.equal(memo('web'), '<web>')
  t.throws(() => memo('bad'), { message: 'bad' })
  t.equal(memo('web'), '<web>')
  t.throws(() => memo('bad'), { message: 'bad' })
})
