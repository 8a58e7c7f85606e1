import t from 'tap'
import {
  ascii, digitsEnd, endsWith, hexAt, hexValues, isCapital, isDigit, isLetter, nextByte, quotedEnd,
} from '../../src/bytes/ascii.ts'

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

t.test('two hexadecimal digits are a number, if both are there', async t => {
  const text = Buffer.from('4f0G7')
  t.same([0, 1, 2, 4].map(at => hexAt(text, at, text.length)), [0x4f, 0xf0, -1, -1])
  t.equal(hexAt(text, 0, 1), -1)
})

t.test('what ends somewhere begins no sooner than it may', async t => {
  const text = Buffer.from('abcabc')
  const expected = Buffer.from('bc')
  t.same([[0, 6], [4, 6], [5, 6], [0, 5], [0, 3]].map(([start = 0, end = 0]) => endsWith(text, start, end, expected)),
    [true, true, false, false, true])
})

t.test('a byte is looked for up to the end, and a quote past what is escaped', async t => {
  t.same([6, 3, 2].map(end => nextByte(Buffer.from('abcdef'), 1, end, 0x64)), [3, 3, 2])
  t.equal(quotedEnd(Buffer.from('a\\"b"c'), 0, 6), 4)
  t.equal(quotedEnd(Buffer.from('a\\\\"c'), 0, 5), 3)
  t.equal(quotedEnd(Buffer.from('a\\'), 0, 2), 2)
})
