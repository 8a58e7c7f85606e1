import t from 'tap'
import { renewedInTime } from '../../../src/sinks/aws/renewed-in-time.ts'

const minuteMs = 60_000

/** One whose answers are given by hand. */
function byHand () {
  let nowMs = 0
  const answers: Array<PromiseWithResolvers<{ readonly name: string, readonly expiration?: Date }>> = []
  const ask = renewedInTime(async (_: undefined) => {
    const answer = Promise.withResolvers<{ readonly name: string, readonly expiration?: Date }>()
    answers.push(answer)
    return await answer.promise
  }, () => nowMs)
  return {
    answers,
    name: async () => (await ask(undefined)).name,
    pass: (minutes: number) => { nowMs += minutes * minuteMs },
    /** Answers the last that was asked, with what holds for an hour. */
    give: (name: string) => answers.at(-1)?.resolve({ name, expiration: new Date(nowMs + 60 * minuteMs) }),
  }
}

t.test('what holds is given while new ones are fetched, once at a time, and then the new ones', async t => {
  const { answers, name, pass, give } = byHand()
  const both = [name(), name()]
  give('first')
  t.same(await Promise.all(both), ['first', 'first'])
  pass(54)
  t.equal(await name(), 'first')
  t.equal(answers.length, 1, 'nobody is asked while they hold for long')
  pass(2)
  t.same([await name(), await name()], ['first', 'first'])
  t.equal(answers.length, 2)
  give('second')
  await new Promise(setImmediate)
  t.equal(await name(), 'second')
  t.equal(answers.length, 2)
})

t.test('a failure is nobody\'s while they hold, and the next one asks again; after their end it is told', async t => {
  const { answers, name, pass, give } = byHand()
  const first = name()
  give('first')
  await first
  pass(56)
  for (const count of [2, 3]) {
    t.equal(await name(), 'first')
    t.equal(answers.length, count)
    answers.at(-1)?.reject(new Error('away'))
    await new Promise(setImmediate)
  }
  pass(5)
  const late = name()
  answers.at(-1)?.reject(new Error('away'))
  await t.rejects(late, { message: 'away' })
  const mended = name()
  give('second')
  t.equal(await mended, 'second')
})
