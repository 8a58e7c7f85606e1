import t from 'tap'
import { Turnstile } from '../../../src/sources/forward/turnstile.ts'

t.test('lets one in at a time, in the order in which they came', async t => {
  const turnstile = new Turnstile()
  const seen: string[] = []
  const pass = async (name: string) => {
    const leave = await turnstile.enter()
    seen.push(`${name} in`)
    await new Promise(resolve => setImmediate(resolve))
    seen.push(`${name} out`)
    leave()
  }
  await Promise.all(['a', 'b', 'c'].map(pass))
  t.same(seen, ['a in', 'a out', 'b in', 'b out', 'c in', 'c out'])
})
