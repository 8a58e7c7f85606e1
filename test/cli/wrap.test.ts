import t from 'tap'
import { fitted, wrap } from '../../src/cli/wrap.ts'

t.test('text is broken at spaces, and nothing of it is lost', async t => {
  t.same(wrap('one two three', 7), ['one two', 'three'])
  t.same(wrap('one two three', 80), ['one two three'])
  t.same(wrap('arn:aws:s3:::shop-logs/production/* is long', 10), ['arn:aws:s3:::shop-logs/production/*', 'is long'])
  t.same(wrap('', 10), [''])
})

t.test('on a terminal no line is wider than it, and what goes on hangs; elsewhere it is one line', async t => {
  const text = '2 mistakes\n  a.yaml:1:1: unknown setting "spol"; did you mean spool?\n  a.yaml:2:3: found nothing'
  t.equal(fitted(text, { isTTY: true, columns: 40 }),
    '2 mistakes\n  a.yaml:1:1: unknown setting "spol";\n    did you mean spool?\n  a.yaml:2:3: found nothing')
  const wide = [{ columns: 40 }, { isTTY: false, columns: 40 }, { isTTY: true, columns: 200 }]
  for (const screen of wide) t.equal(fitted(text, screen), text)
  t.equal(fitted(text, { isTTY: true, columns: 0 }), text, 'a terminal that says no width')
  t.equal(fitted(text, { isTTY: true, columns: 5 }), fitted(text, { isTTY: true, columns: 40 }))
})
