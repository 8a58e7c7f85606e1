import t from 'tap'
import { createByContainer } from '../../src/signals/containers.ts'

t.test('fifty containers have something of their own, and all others share one', async t => {
  const made: string[] = []
  const of = createByContainer(container => made[made.push(container) - 1])
  for (let round = 0; round < 2; round++) {
    for (let number = 0; number < 1_000; number++) t.equal(of(`c${number}`), number < 50 ? `c${number}` : 'other')
  }
  t.equal(made.length, 51)
})
