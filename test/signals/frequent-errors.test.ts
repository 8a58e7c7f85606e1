import t from 'tap'
import { createFrequentErrors } from '../../src/signals/frequent-errors.ts'

const seen = (fingerprint: string, message = 'x') => ({ fingerprint, origin: 'php', level: 'error', container: 'web', message })

t.test('errors are ranked by how often they came, with first and last time and one example', async t => {
  const frequent = createFrequentErrors()
  frequent.add(seen('a', 'first'), 2_000)
  for (const atMs of [3_000, 1_000, 2_500]) frequent.add(seen('b', 'y'.repeat(400)), atMs)
  t.match(frequent.top(5), [
    { fingerprint: 'b', count: 3, overcount: 0, firstAtMs: 1_000, lastAtMs: 3_000, example: 'y'.repeat(300) },
    { fingerprint: 'a', count: 1, example: 'first' },
  ])
  t.equal(frequent.top(1).length, 1)
})

t.test('however many errors there are, the table is bounded and the frequent ones stay, never counted too low', async t => {
  const frequent = createFrequentErrors()
  for (let number = 0; number < 10_000; number++) {
    frequent.add(seen(`rare${number}`), number)
    if (number % 10 === 0) frequent.add(seen('often'), number)
  }
  const top = frequent.top(1_000)
  t.equal(top.length, 100)
  const often = top.find(({ fingerprint }) => fingerprint === 'often')
  t.ok(often !== undefined && often.count >= 1_000 && often.count - often.overcount <= 1_000)
})
