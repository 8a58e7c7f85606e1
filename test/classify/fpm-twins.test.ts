import t from 'tap'
import { createFpmTwins } from '../../src/classify/fpm-twins.ts'

function setUp (maxCount = 100) {
  const clock = { nowMs: 0, now: () => clock.nowMs }
  return { clock, twins: createFpmTwins({ maxAgeMs: 5000, maxCount, clock }) }
}

t.test('the second report of a message is a twin, whichever way comes first', async t => {
  for (const [first, second] of [['fpm', 'apache'], ['apache', 'fpm']] as const) {
    const { twins } = setUp()
    t.equal(twins.isTwin(first, ['PHP Warning:  x in /a.php on line 1']), false)
    t.equal(twins.isTwin(second, ['PHP Warning:  x in /a.php on line 1']), true)
    t.equal(twins.isTwin(second, ['PHP Warning:  x in /a.php on line 1']), false, 'it is used up')
  }
})

t.test('an error that happens again is no twin of itself', async t => {
  const { twins } = setUp()
  t.same([1, 2, 3].map(() => twins.isTwin('fpm', ['x'])), [false, false, false])
  t.same([1, 2, 3, 4].map(() => twins.isTwin('apache', ['x'])), [true, true, true, false])
})

t.test('a record of several messages is a twin only if all of them have come', async t => {
  const { twins } = setUp()
  twins.isTwin('fpm', ['a'])
  t.equal(twins.isTwin('apache', ['a', 'b']), false)
  t.equal(twins.isTwin('fpm', ['b']), true, 'the rest is known from the other way')
  t.equal(twins.isTwin('fpm', []), false)
})

t.test('what both ways do to a message does not tell it from its twin', async t => {
  const { twins } = setUp()
  t.equal(twins.isTwin('fpm', ['a\n\nb \x1b[31m\x0b caf\ufffd']), false)
  t.equal(twins.isTwin('apache', ['a\nb \\x1b[31m\\v caf\ufffd\ufffd']), true)
  t.equal(twins.isTwin('fpm', [`${'日'.repeat(1000)} end`]), false)
  t.equal(twins.isTwin('apache', ['日'.repeat(900)]), true)
})

t.test('a message waits for a bounded time, and a bounded number of them', async t => {
  const { twins, clock } = setUp(2)
  twins.isTwin('fpm', ['a'])
  clock.nowMs += 5000
  t.equal(twins.isTwin('apache', ['a']), false)
  for (const message of ['b', 'c', 'd']) twins.isTwin('fpm', [message])
  t.same(['d', 'b'].map(message => twins.isTwin('apache', [message])), [true, false])
})
