import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { costPicture, costRows } from '../../../scripts/docs/cost-picture.ts'

const heading = '## What it costs, beside Fluent Bit'

t.test('the rows are those of the table of costs that have one figure a side', t => {
  const table = '| | them | us |\n|---|---|---|\n| CPU | 10.1 s | 3.1 s |\n| lines | 212,000 | 529,000 |\n| lost | 0, 31 | 0, 0 |\n'
  t.same(costRows(`| CPU | 1 s | 2 s |\n${heading}\n\n${table}\n## More\n| CPU | 3 s | 4 s |\n`), [
    { label: 'CPU', theirs: '10.1 s', ours: '3.1 s' },
    { label: 'lines', theirs: '212,000', ours: '529,000' },
  ])
  t.throws(() => costRows('# Sluice\n'), { message: `expected a table of figures below "${heading}"` })
  t.end()
})

t.test('of each row the larger figure has the longest bar, and the other its share of that', t => {
  const rows = costRows(readFileSync(join(import.meta.dirname, '../../../README.md'), 'utf8'))
  const bars = [...costPicture().matchAll(/<rect class="(?:ours|theirs)" [^>]*width="(\d+)"/g)]
  // The first two are the legend's.
  const lengths = bars.slice(2).map(([, width]) => Number(width))
  t.equal(lengths.length, rows.length * 2)
  for (const [index, { label, theirs, ours }] of rows.entries()) {
    const [theirBar = 0, ourBar = 0] = lengths.slice(index * 2)
    const [theirFigure, ourFigure] = [theirs, ours].map(text => parseFloat(text.replaceAll(',', ''))) as [number, number]
    t.equal(Math.max(theirBar, ourBar), 330, label)
    t.ok(Math.abs(theirBar / ourBar - theirFigure / ourFigure) <= 0.03 * theirFigure / ourFigure, label)
  }
  t.end()
})
