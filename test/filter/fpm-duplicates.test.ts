import t from 'tap'
import { createFpmDuplicates } from '../../src/filter/fpm-duplicates.ts'

function setUp (maxCount = 100) {
  const clock = { nowMs: 0, monotonicMs: () => clock.nowMs }
  return { clock, isDuplicate: createFpmDuplicates({ maxAgeMs: 5000, maxCount, clock }) }
}

t.test('the second report of a message is a duplicate, whichever way comes first', async t => {
  for (const [first, second] of [['fpm', 'apache'], ['apache', 'fpm']] as const) {
    const { isDuplicate } = setUp()
    t.equal(isDuplicate(first, ['PHP Warning:  x in /a.php on line 1']), false)
    t.equal(isDuplicate(second, ['PHP Warning:  x in /a.php on line 1']), true)
    t.equal(isDuplicate(second, ['PHP Warning:  x in /a.php on line 1']), false, 'it is used up')
  }
})

t.test('an error that happens again is no duplicate of itself', async t => {
  const { isDuplicate } = setUp()
  t.same([1, 2, 3].map(() => isDuplicate('fpm', ['x'])), [false, false, false])
  t.same([1, 2, 3, 4].map(() => isDuplicate('apache', ['x'])), [true, true, true, false])
})

t.test('a record of several messages is a duplicate only if all of them have come', async t => {
  const { isDuplicate } = setUp()
  isDuplicate('fpm', ['a'])
  t.equal(isDuplicate('apache', ['a', 'b']), false)
  t.equal(isDuplicate('fpm', ['b']), true, 'the rest is known from the other way')
  t.equal(isDuplicate('fpm', []), false)
})

t.test('what both ways do to a message does not tell it from its duplicate', async t => {
  const { isDuplicate } = setUp()
  t.equal(isDuplicate('fpm', ['a\n\nb \x1b[31m\x0b caf\ufffd']), false)
  t.equal(isDuplicate('apache', ['a\nb \\x1b[31m\\v caf\ufffd\ufffd']), true)
  t.equal(isDuplicate('fpm', [`${'日'.repeat(1000)} end`]), false)
  t.equal(isDuplicate('apache', ['日'.repeat(900)]), true)
})

t.test('a message waits for a bounded time, and a bounded number of them', async t => {
  const { isDuplicate, clock } = setUp(2)
  isDuplicate('fpm', ['a'])
  clock.nowMs += 5000
  t.equal(isDuplicate('apache', ['a']), false)
  for (const message of ['b', 'c', 'd']) isDuplicate('fpm', [message])
  t.same(['d', 'b'].map(message => isDuplicate('apache', [message])), [true, false])
})
