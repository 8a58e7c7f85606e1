import { isUtf8 } from 'node:buffer'
import fc from 'fast-check'
import t from 'tap'
import { appendJsonText } from '../../src/bytes/json-escape.ts'
import { Scratch } from '../../src/bytes/scratch.ts'

/** The inside of the JSON string that is made of the bytes. */
function escaped (bytes: Uint8Array): string {
  const scratch = new Scratch(1)
  appendJsonText(scratch, bytes, 0, bytes.length)
  return scratch.buffer.toString('latin1', 0, scratch.end)
}

const parsed = (bytes: Uint8Array) => JSON.parse(`"${Buffer.from(escaped(bytes), 'latin1').toString()}"`) as string

t.test('text is written as JSON writes it, and UTF-8 as it is', async t => {
  for (const text of ['', 'plain', 'a "b" \\c', '\b\t\n\f\r', '\0\x1f\x7f', '日本語 😀']) {
    t.equal(Buffer.from(escaped(Buffer.from(text)), 'latin1').toString(), JSON.stringify(text).slice(1, -1), JSON.stringify(text))
  }
})

t.test('a byte that is not UTF-8 becomes four characters, as Apache writes it', async t => {
  t.equal(escaped(Buffer.from([0x61, 0xff, 0x62])), 'a\\\\xffb')
  t.equal(escaped(Buffer.from([0xe3, 0x81])), '\\\\xe3\\\\x81', 'a character that is cut off')
})

t.test('any bytes are a JSON string, which is their text where they have one', async t => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), bytes =>
    !isUtf8(bytes) || parsed(bytes) === Buffer.from(bytes).toString()))
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), bytes => typeof parsed(bytes) === 'string'))
  fc.assert(fc.property(fc.string({ unit: 'binary' }), text => parsed(Buffer.from(text)) === Buffer.from(text).toString()))
})
