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

t.test('a number that may go on is left for the next part, with what stands between its digits', async t => {
  const left = (text: string) => unfinishedBytes(Buffer.from(text), 0, Buffer.byteLength(text))
  const words = 'x'.repeat(80)
  for (const number of ['4', '41111111', '4111 1111 ', '4111-1111-', '4111++1111', '4 1 1 1']) t.equal(left(`${words} ${number}`), number.length, number)
  t.equal(left(`${words}    `), 0, 'no digit')
  t.equal(left(`${words} 4111 x`), 0, 'it ended before')
  t.equal(left(`${words}4111あ`), 0)
  t.equal(left('1'.repeat(200)), 64, 'longer than any number that is looked for')
  t.equal(left('1111'), 2, 'each part is half full at least')
})

t.test('bytes that are no characters are cut anywhere, and none outside is looked at', async t => {
  t.equal(unfinishedBytes(Buffer.from([0x80, 0x80, 0x80, 0x80]), 0, 4), 0)
  t.equal(unfinishedBytes(Buffer.from([0xe3, 0x81]), 1, 2), 0)
  t.equal(unfinishedBytes(Buffer.from([0xe3]), 0, 0), 0)
})
