import t from 'tap'
import { disagreements } from '../repair/mutations.ts'

/** A million in CI. */
const mutationCount = Number(process.env['MUTATIONS'] ?? 100_000)

t.test(`repair agrees with a slow and simple oracle on ${mutationCount} random changes to genuine lines`, async t => {
  t.same(disagreements(mutationCount), [])
})
