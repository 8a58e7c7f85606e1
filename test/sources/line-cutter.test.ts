import fc from 'fast-check'
import t from 'tap'
import { LineCutter } from '../../src/sources/line-cutter.ts'

function cut (chunks: readonly string[], maxLineBytes: number) {
  const cutLines = { value: 0 }
  const cutter = new LineCutter(maxLineBytes, cutLines)
  const lines: string[] = []
  const take = () => { lines.push(cutter.bytes.toString('latin1', cutter.start, cutter.end)) }
  for (const chunk of chunks) {
    cutter.feed(Buffer.from(chunk, 'latin1'))
    while (cutter.next()) take()
  }
  if (cutter.last()) take()
  return { lines, cutLines: cutLines.value }
}

/** The same, simply: one string, line by line. */
function cutSimply (text: string, maxLineBytes: number): string[] {
  const parts = (line: string) => {
    const found: string[] = []
    for (let at = 0; at === 0 || at < line.length; at += maxLineBytes) found.push(line.slice(at, at + maxLineBytes))
    return found
  }
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines.flatMap(parts)
}

t.test('a line at the limit stays whole, one over is cut and counted once', async t => {
  t.same(cut(['abcd\nef\n'], 4), { lines: ['abcd', 'ef'], cutLines: 0 })
  t.same(cut(['abcd', '\n', 'abcd'], 4), { lines: ['abcd', 'abcd'], cutLines: 0 })
  t.same(cut(['abcde\nf'], 4), { lines: ['abcd', 'e', 'f'], cutLines: 1 })
  t.same(cut(['abcdefghij\n', 'abcdefghij'], 4), { lines: ['abcd', 'efgh', 'ij', 'abcd', 'efgh', 'ij'], cutLines: 2 })
})

t.test('cuts the same lines whatever the pieces', async t => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '\n', '\xff', '\r'), maxLength: 60 })
  fc.assert(fc.property(fc.array(text, { maxLength: 6 }), fc.integer({ min: 1, max: 20 }), (chunks, maxLineBytes) => {
    t.same(cut(chunks, maxLineBytes).lines, cutSimply(chunks.join(''), maxLineBytes))
  }), { numRuns: 300 })
})

t.test('a line within a chunk is a view of it, not a copy', async t => {
  const cutter = new LineCutter(100, { value: 0 })
  const chunk = Buffer.from('one\ntwo\n')
  cutter.feed(chunk)
  t.ok(cutter.next())
  t.equal(cutter.bytes, chunk)
  t.ok(cutter.next())
  t.equal(cutter.bytes, chunk)
})
