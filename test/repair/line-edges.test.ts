import fc from 'fast-check'
import t from 'tap'
import { createRecord, stream, type Stream } from '../../src/contracts/record.ts'
import { repairKindNames, repairKinds } from '../../src/contracts/repair-kinds.ts'
import { createLineEdges, mayHaveEdges } from '../../src/repair/line-edges.ts'

const edges = createLineEdges()

function recordOf (line: string, from: Stream = stream.stdout) {
  const bytes = Buffer.from(`\r,${line},\r`, 'latin1')
  return { ...createRecord(), bytes, start: 2, end: bytes.length - 2, stream: from, container: 'web', timeMs: 7, numbers: [3] }
}

function trimmed (line: string, from?: Stream): readonly [string, string] {
  const record = recordOf(line, from)
  const { bytes, start, end, ...rest } = edges.trim(record)
  t.same(rest, (({ bytes: _b, start: _s, end: _e, ...others }) => others)(record), 'nothing else changes')
  const kinds = repairKindNames.filter(kind => (edges.kinds & repairKinds[kind]) !== 0).join(' ')
  return [bytes.toString('latin1', start, end), kinds]
}

const mark = '\xef\xbb\xbf'
const red = '\x1b[1;31m'
const reset = '\x1b[0m'

t.test('what stands around a line is taken off, and named', async t => {
  for (const [line, expected, kinds] of [
    ['{"a":1}\r', '{"a":1}', 'carriage_return'],
    ['x\r\r', 'x', 'carriage_return'],
    ['\r', '', 'carriage_return'],
    ['\r10 %\r20 %\r', '10 %\r20 %', 'carriage_return'],
    [`${mark}x`, 'x', 'byte_order_mark'],
    [`${red}x${reset}`, 'x', 'terminal_colour'],
    [`${red}ERROR${reset} x \x1b[33m[a]${reset}\x1b[K\r`, 'ERROR x [a]', 'carriage_return terminal_colour'],
    [`${mark}\x1b[38;2;1;2;3m${red}x`, 'x', 'byte_order_mark terminal_colour'],
    ['{"a":1},', '{"a":1}', 'comma'],
    ['{"a":1} ,', '{"a":1}', 'comma'],
    ['{"a":1} ; \r', '{"a":1}', 'comma carriage_return'],
    [`${red}{"a":1},${reset}\r`, '{"a":1}', 'comma carriage_return terminal_colour'],
  ] as const) t.same(trimmed(line), [expected, kinds], JSON.stringify(line))
})

t.test('nothing else is', async t => {
  for (const line of ['', 'x', 'a,', '[1],', '"}",', '{"a":1', ' x ', '{"a":1} x,', 'foam', '\x1b[31', '\x1b[31;', '[31m', '\x1b[12345678901234567890123456789012345678901234567m', mark.slice(0, 2), '{,']) {
    const record = recordOf(line)
    t.equal(edges.trim(record), record, JSON.stringify(line))
    t.equal(edges.kinds, 0)
  }
  t.equal(trimmed('{"a":1},', stream.stderr)[0], '{"a":1},', 'of standard error a list may have lines like that')
})

t.test('the look at both ends finds every line that has something', async t => {
  const piece = fc.constantFrom('\r', mark, red, reset, ',', '}', '{', ' ', 'x', '"', ';', '\x1b', '[', 'm')
  fc.assert(fc.property(fc.array(piece, { maxLength: 12 }), pieces => {
    const record = recordOf(pieces.join(''))
    edges.trim(record)
    return edges.kinds === 0 || mayHaveEdges(record)
  }), { numRuns: 3000 })
  t.notOk(mayHaveEdges(recordOf('{"status":200,"path":"/"}')))
  t.notOk(mayHaveEdges(recordOf('')))
})
