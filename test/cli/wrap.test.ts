import t from 'tap'
import { wrap } from '../../src/cli/wrap.ts'

t.test('text is broken at spaces, and nothing of it is lost', async t => {
  t.same(wrap('one two three', 7), ['one two', 'three'])
  t.same(wrap('one two three', 80), ['one two three'])
  t.same(wrap('arn:aws:s3:::shop-logs/production/* is long', 10), ['arn:aws:s3:::shop-logs/production/*', 'is long'])
  t.same(wrap('', 10), [''])
})
