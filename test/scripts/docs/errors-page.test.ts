import t from 'tap'
import { errorsPage } from '../../../scripts/docs/errors-page.ts'
import { errorTable } from '../../../src/contracts/errors.ts'

t.test('every error code has one row, and no other has', async t => {
  t.same([...errorsPage().matchAll(/^\| `(\w+)` \|/gm)].map(([, code]) => code), Object.keys(errorTable))
})
