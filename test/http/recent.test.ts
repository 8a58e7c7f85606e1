import t from 'tap'
import { recent } from '../../src/http/recent.ts'
import { ManualClock } from '../support/manual-clock.ts'

t.test('a page is made once in an interval, whatever wall time does, and all who ask get the same bytes', async t => {
  const clock = new ManualClock()
  let count = 0
  const page = recent(1_000, clock, () => `page ${++count}`)
  const first = page()
  t.equal(first.toString(), 'page 1')
  await clock.advance(999)
  clock.stepWall(3_600_000)
  t.equal(page(), first, 'the same Buffer')
  await clock.advance(1)
  clock.stepWall(-7_200_000)
  t.equal(page().toString(), 'page 2')
})

t.test('a page that could not be made is tried again at once', async t => {
  let isBroken = true
  const page = recent(1_000, new ManualClock(), () => {
    if (isBroken) throw new Error('broken')
    return 'page'
  })
  t.throws(page, { message: 'broken' })
  isBroken = false
  t.equal(page().toString(), 'page')
})
