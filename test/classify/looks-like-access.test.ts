import t from 'tap'
import { createLooksLikeAccess, isAccessLookalike } from '../../src/classify/looks-like-access.ts'
import { guarded } from '../support/access-lines.ts'

function feed (shares: readonly boolean[], lineCount: number): readonly boolean[] {
  const detector = createLooksLikeAccess({ windowCount: 100 })
  return Array.from({ length: lineCount }, (_, index) => {
    detector.note(shares[index % shares.length] === true)
    return detector.shouldWarn()
  })
}

t.test('warns once, when most of stdout looks like access lines', async t => {
  t.same(feed([true, true, false], 1000).flatMap((warns, index) => warns ? [index] : []), [99])
  t.notOk(feed([true], 99).includes(true), 'a few lines are no reason')
})

t.test('stays silent while at most half looks like access lines', async t => {
  t.notOk(feed([true, false], 1000).includes(true))
  t.notOk(feed([false], 1000).includes(true))
})

t.test('what was long ago does not hold it back', async t => {
  const detector = createLooksLikeAccess({ windowCount: 100 })
  for (let count = 0; count < 10_000; count++) detector.note(false)
  for (let count = 0; count < 200; count++) detector.note(true)
  t.ok(detector.shouldWarn())
  t.notOk(detector.shouldWarn())
})

t.test('a line with a protocol looks like an access line, in any format', async t => {
  const looks = (text: string) => isAccessLookalike(guarded(Buffer.from(text)), 0, Buffer.byteLength(text))
  for (const text of ['{"code":"200","req":"GET / HTTP/1.1"}', '10.0.0.1 "GET / HTTP/2" 200', 'HTTP/1', `${'x'.repeat(4090)}HTTP/1`]) {
    t.ok(looks(text), text.slice(0, 50))
  }
  for (const text of ['', 'HTTP', 'HTTP/', 'HTTP/x', 'http error', 'HHTTP//1', `${'x'.repeat(4091)}HTTP/1`]) t.notOk(looks(text), text.slice(0, 50))
})
