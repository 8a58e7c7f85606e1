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
