import t from 'tap'
import { ascii, digitsEnd, hexValues, isCapital, isDigit, isLetter } from '../../src/bytes/ascii.ts'

const bytes = Array.from({ length: 256 }, (_, byte) => byte)
const matching = (pattern: RegExp) => bytes.filter(byte => pattern.test(String.fromCharCode(byte)))

t.test('a kind of byte is what a regular expression means by it', async t => {
  t.same(bytes.filter(isDigit), matching(/[0-9]/))
  t.same(bytes.filter(isLetter), matching(/[A-Za-z]/))
  t.same(bytes.filter(isCapital), matching(/[A-Z]/))
  t.same(bytes.filter(byte => hexValues[byte] !== 16), matching(/[\da-fA-F]/))
  for (const byte of matching(/[\da-fA-F]/)) t.equal(hexValues[byte], Number.parseInt(String.fromCharCode(byte), 16))
})

t.test('every name stands for another byte', async t => {
  t.equal(new Set(Object.values(ascii)).size, Object.keys(ascii).length)
  t.equal(Buffer.from([ascii.openBrace, ascii.quote, ascii.backslash, ascii.closeBracket, ascii.minus]).toString(), '{"\\]-')
})

t.test('digits end at the first byte that is none, and at the end', async t => {
  const text = Buffer.from('a12b3')
  const ranges = [[0, 5], [1, 5], [1, 2], [4, 5], [5, 5]]
  t.same(ranges.map(([from = 0, end = 0]) => digitsEnd(text, from, end)), [0, 3, 2, 5, 5])
})
