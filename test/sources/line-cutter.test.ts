import fc from 'fast-check'
import t from 'tap'
import { linePart } from '../../src/contracts/record.ts'
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
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '\n', '\xff', '\x7f'), maxLength: 60 })
  fc.assert(fc.property(fc.array(text, { maxLength: 6 }), fc.integer({ min: 1, max: 20 }), (chunks, maxLineBytes) => {
    t.same(cut(chunks, maxLineBytes).lines, cutSimply(chunks.join(''), maxLineBytes))
  }), { numRuns: 300 })
})

t.test('a line that is too long is cut between characters, wherever its chunks end, and says which part it is', async t => {
  const text = fc.string({ unit: fc.constantFrom('a', 'é', 'あ', '😀', '\n'), maxLength: 60 })
  const places = fc.array(fc.nat(120), { maxLength: 4 })
  fc.assert(fc.property(text, places, fc.integer({ min: 4, max: 20 }), (line, cuts, maxLineBytes) => {
    const bytes = Buffer.from(line)
    const cutter = new LineCutter(maxLineBytes, { value: 0 })
    const parts: [string, number][] = []
    const take = () => { parts.push([cutter.bytes.toString('utf8', cutter.start, cutter.end), cutter.part]) }
    let from = 0
    for (const to of [...cuts.filter(at => at < bytes.length).sort((a, b) => a - b), bytes.length]) {
      cutter.feed(Buffer.from(bytes.subarray(from, to)))
      while (cutter.next()) take()
      from = to
    }
    if (cutter.last()) take()
    const joined = parts.map(([part, kind]) => part + (kind === linePart.whole || kind === linePart.last ? '\n' : '')).join('')
    t.equal(joined, line === '' || line.endsWith('\n') ? line : `${line}\n`)
    t.ok(parts.every(([part]) => Buffer.byteLength(part) <= maxLineBytes))
    t.ok(parts.every(([, kind], index) => (kind === linePart.middle || kind === linePart.last) ===
      (parts[index - 1]?.[1] === linePart.first || parts[index - 1]?.[1] === linePart.middle)))
  }), { numRuns: 500 })
})

t.test('a line that is too long is not cut within a number, so that redaction sees it whole', async t => {
  const line = `${'x '.repeat(44)}card 4111111111111111 ${'y '.repeat(30)}`
  for (const firstBytes of [10, 92, 95, 98, 105]) {
    const cutter = new LineCutter(100, { value: 0 })
    const parts: string[] = []
    for (const chunk of [line.slice(0, firstBytes), line.slice(firstBytes)]) {
      cutter.feed(Buffer.from(chunk))
      while (cutter.next()) parts.push(cutter.bytes.toString('utf8', cutter.start, cutter.end))
    }
    if (cutter.last()) parts.push(cutter.bytes.toString('utf8', cutter.start, cutter.end))
    t.equal(parts.join(''), line)
    t.match(parts[1], /^4111111111111111 y/, `${firstBytes}`)
  }
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
