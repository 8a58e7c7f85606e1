import t from 'tap'
import { unfinishedBytes } from '../../src/bytes/character-cut.ts'

t.test('says how much of a character stands at the end that is not whole', async t => {
  for (const text of ['a', 'é', 'あ', '😀']) {
    const bytes = Buffer.from(`xあ${text}`)
    const whole = Buffer.byteLength(text)
    for (let count = 0; count <= whole; count++) {
      const end = bytes.length - whole + count
      t.equal(unfinishedBytes(bytes, 0, end), count === whole ? 0 : count, `${text} ${count}`)
    }
  }
})

t.test('bytes that are no characters are cut anywhere, and none outside is looked at', async t => {
  t.equal(unfinishedBytes(Buffer.from([0x80, 0x80, 0x80, 0x80]), 0, 4), 0)
  t.equal(unfinishedBytes(Buffer.from([0xe3, 0x81]), 1, 2), 0)
  t.equal(unfinishedBytes(Buffer.from([0xe3]), 0, 0), 0)
})

t.test('a number goes whole to one side, unless it is longer than any card', async t => {
  const cutBack = (text: string) => unfinishedBytes(Buffer.from(text), 0, text.length)
  t.equal(cutBack('card 4111 1111 11'), ' 4111 1111 11'.length)
  t.equal(cutBack('card=4111-1111'), '4111-1111'.length)
  t.equal(cutBack('x 4111x'), 0)
  t.equal(cutBack(`x${'1'.repeat(64)}`), 64)
  t.equal(cutBack(`x${'1'.repeat(65)}`), 0)
})
