import { isUtf8 } from 'node:buffer'
import t from 'tap'
import { utf8Length } from '../../src/bytes/utf8.ts'

// Every byte at which table 3-7 of the standard changes its mind, and the neighbours.
const edges = [0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff]

function * sequences (): Generator<Buffer> {
  for (let lead = 0; lead < 256; lead++) {
    yield Buffer.of(lead)
    for (let second = 0; second < 256; second++) yield Buffer.of(lead, second)
    if (lead < 0xe0) continue
    for (const second of edges) {
      for (const third of edges) {
        yield Buffer.of(lead, second, third)
        for (const fourth of edges) yield Buffer.of(lead, second, third, fourth)
      }
    }
  }
}

t.test('a sequence has a length exactly when its bytes are one character', async t => {
  for (const bytes of sequences()) {
    const isOne = isUtf8(bytes) && bytes.toString().length <= 2 && [...bytes.toString()].length === 1
    if ((utf8Length(bytes, 0, bytes.length) === bytes.length) !== isOne) t.fail(bytes.toString('hex'))
  }
})

t.test('a sequence cut off by the end is none, though its bytes go on behind it', async t => {
  for (const text of ['é', '田', '😀']) {
    const bytes = Buffer.from(text)
    for (let end = 1; end < bytes.length; end++) t.equal(utf8Length(bytes, 0, end), 0, `${text} cut to ${end}`)
    t.equal(utf8Length(bytes, 0, bytes.length), bytes.length)
  }
})
