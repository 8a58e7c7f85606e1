import { Readable } from 'node:stream'
import fc from 'fast-check'
import t from 'tap'
import { LineCutter } from '../../src/sources/line-cutter.ts'

async function cut (chunks: readonly string[], maxLineBytes: number) {
  const cutLines = { value: 0 }
  const cutter = new LineCutter(maxLineBytes, cutLines)
  const parts: string[] = []
  cutter.on('data', (text: string) => parts.push(text))
  const pieces = chunks.filter(chunk => chunk !== '').map(chunk => Buffer.from(chunk, 'latin1'))
  Readable.from(pieces, { objectMode: false }).setEncoding('latin1').pipe(cutter)
  await new Promise(resolve => cutter.once('end', resolve))
  return { text: parts.join(''), cutLines: cutLines.value }
}

/** The same, simply: one string, line by line. */
function cutSimply (text: string, maxLineBytes: number): string {
  const parts = (line: string) => {
    const found: string[] = []
    for (let at = 0; at === 0 || at < line.length; at += maxLineBytes) found.push(line.slice(at, at + maxLineBytes))
    return found
  }
  return text.split('\n').flatMap(parts).join('\n')
}

t.test('a line at the limit stays whole, one over is cut and counted once', async t => {
  t.same(await cut(['abcd\nef\n'], 4), { text: 'abcd\nef\n', cutLines: 0 })
  t.same(await cut(['abcde\nf'], 4), { text: 'abcd\ne\nf', cutLines: 1 })
  t.same(await cut(['abcdefghij\n', 'abcdefghij'], 4), { text: 'abcd\nefgh\nij\nabcd\nefgh\nij', cutLines: 2 })
})

t.test('cuts the same lines whatever the pieces, and never keeps more than a piece', async t => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '\n', '\xff', '\r'), maxLength: 60 })
  await t.resolves(fc.assert(fc.asyncProperty(fc.array(text, { maxLength: 6 }), fc.integer({ min: 1, max: 20 }),
    async (chunks, maxLineBytes) => {
      const { text } = await cut(chunks, maxLineBytes)
      return text === cutSimply(chunks.join(''), maxLineBytes)
    }), { numRuns: 300 }))
})
