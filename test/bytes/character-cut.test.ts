import t from 'tap'
import { unfinishedBytes } from '../../src/bytes/character-cut.ts'

const left = (text: string) => unfinishedBytes(Buffer.from(text), 0, Buffer.byteLength(text))
const words = 'x y'.repeat(100)

t.test('says how much of a character stands at the end that is not whole', async t => {
  for (const text of ['a', 'é', 'あ', '😀']) {
    const bytes = Buffer.from(`xあ ${text}`)
    const whole = Buffer.byteLength(text)
    for (let count = 0; count < whole; count++) {
      t.equal(unfinishedBytes(bytes, 0, bytes.length - whole + count), count, `${text} ${count}`)
    }
    t.equal(left(`xあ${text} `), 0)
  }
})

t.test('a number that may go on is left for the next part, with what stands between its digits', async t => {
  for (const number of ['4', '41111111', '4111 1111 ', '4111-1111-', '4111++1111', '4 1 1 1', '%34%31%31', '%2534%2531', '\\x34\\x31',
    '\\\\u0034\\\\u00', '４１１１', '４１１１　１１', '4111%20%31', '4111=2512', '%34 %31 %3', '4111\u00a01111\u20131']) {
    t.equal(left(`${words}, ${number}`), Buffer.byteLength(number), number)
    t.equal(left(`${'x'.repeat(300)}y${number}`), Buffer.byteLength(number), `behind a long word: ${number}`)
  }
  t.equal(left(`${words}    `), 0, 'no digit')
  t.equal(left('1'.repeat(600)), 256, 'longer than any number that is looked for')
  t.equal(left('1111'), 2, 'each part is half full at least')
})

t.test('so is a word, which may be a key, a query or an address', async t => {
  for (const word of ['x', 'passw', '/a?x=1&password=ab', 'mysql://root:secr', 'eyJhbGciOi', 'foo%40ex', 'あ。い', 'a\\']) {
    for (const before of [' ', '"', "'", ',', '{', '(', '[', '<', '\n']) t.equal(left(`${words}${before}${word}`), Buffer.byteLength(word), word)
  }
  t.equal(left(`${words}"`), 0)
  t.equal(left('x'.repeat(600)), 0, 'a word without a beginning')
  t.equal(left(`${'x'.repeat(300)}あ`), 0)
})

t.test('bytes that are no characters are cut anywhere, and none outside is looked at', async t => {
  t.equal(unfinishedBytes(Buffer.from([0x80, 0x80, 0x80, 0x80]), 0, 4), 0)
  t.equal(unfinishedBytes(Buffer.from([0xe3, 0x81]), 1, 2), 0)
  t.equal(unfinishedBytes(Buffer.from([0xe3]), 0, 0), 0)
})
