import fc from 'fast-check'
import t from 'tap'
import { appendJsonText } from '../../src/bytes/json-escape.ts'
import { Scratch } from '../../src/bytes/scratch.ts'
import { createVisibleText } from '../../src/bytes/visible-text.ts'

const visibleText = createVisibleText()
const piece = fc.oneof(fc.string({ unit: 'binary' }).map(text => Buffer.from(text)), fc.uint8Array({ maxLength: 8 }).map(Buffer.from))

t.test('a text is what a reader of the JSON text of the same bytes gets', async t => {
  fc.assert(fc.property(fc.array(piece), pieces => {
    const bytes = Buffer.concat([Buffer.of(0xe3), ...pieces, Buffer.of(0x81)])
    const json = new Scratch()
    appendJsonText(json, bytes, 1, bytes.length - 1)
    const expected: unknown = JSON.parse(`"${json.buffer.toString('utf8', 0, json.end)}"`)
    return visibleText(bytes, 1, bytes.length - 1) === expected
  }))
})

t.test('a byte that is no UTF-8 can be seen', async t => {
  t.equal(visibleText(Buffer.of(0x61, 0xff, 0xe3, 0x81, 0x82, 0xe3), 0, 6), 'a\\xffあ\\xe3')
})
