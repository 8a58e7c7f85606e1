import { PassThrough } from 'node:stream'
import fc from 'fast-check'
import t from 'tap'
import { createExplainer, type Explanation } from '../../../src/cli/explain/explainer.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { createRecord, linePart, stream, type LinePart, type Partial } from '../../../src/contracts/record.ts'
import { createLogger } from '../../../src/telemetry/logger.ts'

interface Line {
  readonly text: string
  readonly container?: string
  readonly stream?: 'stdout' | 'stderr'
  readonly partial?: Partial
  readonly part?: LinePart
}

function explained (lines: readonly Line[], env: Readonly<Record<string, string>> = {}): readonly Explanation[] {
  const explanations: Explanation[] = []
  const { config } = loadConfig({ env, readFile: () => '' })
  const explainer = createExplainer({
    config,
    clock: { monotonicMs: () => 0 },
    log: createLogger({ level: 'fatal', stream: new PassThrough() }),
    source: 'file',
    room: { isFull: false, whenWritable: async () => undefined },
    explain: explanation => explanations.push(explanation),
  })
  const record = createRecord()
  for (const line of lines) {
    record.bytes = Buffer.from(line.text)
    record.end = record.bytes.length
    record.stream = stream[line.stream ?? 'stderr']
    record.container = line.container ?? ''
    record.partial = line.partial
    record.part = line.part ?? linePart.whole
    explainer.acceptor.accept(record)
  }
  explainer.flush()
  if (!explainer.ledger.snapshot().isBalanced) throw new Error('the ledger does not balance')
  return explanations
}

/** Each line has a word that no other has, so what a record holds can be read from its text. */
function check (explanations: readonly Explanation[], lines: readonly Line[]): boolean {
  const numbers = explanations.flatMap(each => each.numbers)
  return numbers.length === lines.length && new Set(numbers).size === lines.length &&
    explanations.every(({ numbers, read }) => {
      const words = [...read.matchAll(/w(\d+)w/g)].map(match => Number(match[1]))
      return words.join() === numbers.join()
    })
}

const kinds = [
  (word: string) => `[24-Nov-2026 04:37:30 UTC] PHP Fatal error:  Uncaught E: ${word} in /a.php:2`,
  (word: string) => `[24-Nov-2026 04:37:30 UTC] PHP Warning:  ${word} in /a.php on line 2`,
  (word: string) => `[2026-11-23T10:00:00+00:00] app.ERROR: ${word} {"exception":"[object] (E(code: 0): b at /x.php:3)`,
  (word: string) => `#0 /a.php(1): f('${word}')`,
  (word: string) => `  thrown in /${word}.php on line 2`,
  (word: string) => `some text ${word}`,
  (word: string) => `[Mon Nov 23 19:41:53.177424 2026] [core:error] [pid 1] AH00001: ${word}`,
] as const
const said = (child: number, text: string) =>
  `[23-Nov-2026 19:38:39] WARNING: [pool www] child ${child} said into stderr: "${text}"`

t.test('the numbers of a joined record are those of its lines, however traces of several children lie', async t => {
  const line = fc.record({
    kind: fc.nat({ max: kinds.length - 1 }), child: fc.nat({ max: 3 }), container: fc.constantFrom('a', 'b'),
  })
  fc.assert(fc.property(fc.array(line, { maxLength: 60 }), fc.constantFrom('2', '5', '1000'), (chosen, maxLines) => {
    const lines = chosen.map(({ kind, child, container }, index): Line => {
      const text = (kinds[kind] ?? String)(`w${index + 1}w`)
      return { text: child === 0 ? text : said(child, text), container }
    })
    return check(explained(lines, { SLUICE_JOIN_TRACES_MAX_LINES: maxLines, SLUICE_JOIN_TRACES_MAX_OPEN: '3' }), lines)
  }), { numRuns: 300 })
})

t.test('the numbers of a line that was cut are those of its pieces, in order', async t => {
  const ids = ['x', 'y', 'z']
  const size = fc.nat({ max: 5 })
  fc.assert(fc.property(fc.array(fc.record({ id: fc.nat({ max: 2 }), size, isLast: fc.boolean() })), chosen => {
    const ordinals = new Map<string, number>()
    const starts = new Map<string, number>()
    const lines = chosen.map(({ id, size, isLast }, index): Line => {
      // A new line of the same name is another line.
      const key = `${ids[id] ?? ''}${starts.get(ids[id] ?? '') ?? 0}`
      const ordinal = (ordinals.get(key) ?? 0) + 1
      ordinals.set(key, ordinal)
      if (isLast) starts.set(ids[id] ?? '', index + 1)
      return { text: `w${index + 1}w${'.'.repeat(size)}`, stream: 'stdout', partial: { id: key, ordinal, isLast } }
    })
    return check(explained(lines), lines)
  }), { numRuns: 300 })
})

t.test('pieces of a line on standard error count on to the trace that it is part of', async t => {
  const [record] = explained([
    { text: '[24-Nov-2026 04:37:30 UTC] PHP Fatal error:  Uncaught E: long', partial: { id: 'x', ordinal: 1, isLast: false } },
    { text: ' in /a.php:2', partial: { id: 'x', ordinal: 2, isLast: true } },
    { text: 'Stack trace:' },
    { text: '  thrown in /a.php on line 2' },
  ])
  t.strictSame(record?.numbers, [1, 2, 3, 4])
})

t.test('a piece that comes again is told with the first, or left out when its line is gone', async t => {
  const piece = (text: string, ordinal: number, isLast: boolean): Line => {
    return { text, stream: 'stdout', partial: { id: 'x', ordinal, isLast } }
  }
  const explanations = explained([piece('a', 1, false), piece('a', 1, false), piece('b', 2, true), piece('b', 2, true)])
  t.strictSame(explanations.map(({ numbers, read }) => [numbers, read]), [[[1, 2, 3], 'ab']])
})

t.test('the parts of a line that is too long have its number, and say that they are parts', async t => {
  const explanations = explained([
    { text: 'a', part: linePart.first }, { text: 'b', part: linePart.middle }, { text: 'c', part: linePart.last }, { text: 'next' },
  ])
  t.strictSame(explanations.map(({ numbers, isPart, read }) => [numbers, isPart, read]),
    [[[1], true, 'a'], [[1], true, 'b'], [[1], true, 'c'], [[2], false, 'next']])
})
