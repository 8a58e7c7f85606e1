import t from 'tap'
import { asText, clip, printable } from '../../src/cli/text.ts'

t.test('bytes are text where they are UTF-8, and any other byte is four characters', async t => {
  t.equal(asText(Buffer.from('日本'), 0, 6), '日本')
  t.equal(asText(Buffer.from([0x61, 0xff]), 0, 2), 'a\\xff')
})

t.test('nothing that a client sent moves the cursor or turns the text around', async t => {
  t.equal(printable('a\u001b[31m\tb\u202e\u2028c\u007f'), 'a\\x1b[31m\\tb\\u{202e}\\u{2028}c\\x7f')
  t.equal(printable('日本語 é'), '日本語 é')
})

t.test('a long line is cut to its columns, of which wide characters take two, and says how long it was', async t => {
  t.equal(clip('short', 80), 'short')
  t.equal(clip('x'.repeat(80), 80), 'x'.repeat(80))
  t.equal(clip('x'.repeat(5000), 40), `${'x'.repeat(40 - 19)} … 5,000 characters`)
  t.equal(clip('日'.repeat(100), 40), `${'日'.repeat(11)} … 100 characters`)
  t.equal(clip('日'.repeat(20), 40), '日'.repeat(20))
})
