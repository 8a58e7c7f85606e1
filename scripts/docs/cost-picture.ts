import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One row of the table: what was measured, and each side's figure as the table has it. */
interface Row { readonly label: string, readonly theirs: string, readonly ours: string }

const heading = '## What it costs, beside Fluent Bit'
const width = 760
const barAt = 330
const longestBar = 330
const barHeight = 11
const rowHeight = 40
const legendHeight = 34

/** The table of costs of the README as bars, light and dark, in SVG. */
export function costPicture (): string {
  return drawing(costRows(readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8')))
}

/** The rows whose figures can be compared; one with several figures a cell cannot. @throws TypeError without any */
export function costRows (readme: string): Row[] {
  const [, section = ''] = readme.split(heading)
  const [table = ''] = section.split('\n## ', 1)
  const rows = [...table.matchAll(/^\| ([^|]+) \| ([\d.,]+(?: [A-Za-z%]+)?) \| ([\d.,]+(?: [A-Za-z%]+)?) \|$/gm)]
    .map(([, label = '', theirs = '', ours = '']): Row => ({ label, theirs, ours }))
  if (rows.length === 0) throw new TypeError(`expected a table of figures below "${heading}"`)
  return rows
}

function drawing (rows: readonly Row[]): string {
  const height = legendHeight + rows.length * rowHeight
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>What Sluice costs beside Fluent Bit</title>
<style>
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.theirs { fill: #8c959f }
.ours { fill: #0969da }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .ours { fill: #4493f8 }
}
</style>
${legend()}
${rows.map(rowDrawing).join('\n')}
</svg>
`
}

function legend (): string {
  return [
    bar('theirs', barAt, 8, barHeight), text(barAt + 18, 18, 'Fluent Bit'),
    bar('ours', barAt + 110, 8, barHeight), text(barAt + 128, 18, 'Sluice'),
  ].join('\n')
}

function rowDrawing ({ label, theirs, ours }: Row, index: number): string {
  const top = legendHeight + index * rowHeight
  const most = Math.max(numberOf(theirs), numberOf(ours))
  const side = (name: string, value: string, at: number) => {
    const length = Math.max(1, Math.round(numberOf(value) / most * longestBar))
    return `${bar(name, barAt, at, length)}\n${text(barAt + length + 6, at + barHeight - 1, value)}`
  }
  return [text(0, top + 18, label), side('theirs', theirs, top), side('ours', ours, top + barHeight + 4)].join('\n')
}

function bar (name: string, x: number, y: number, length: number): string {
  return `<rect class="${name}" x="${x}" y="${y}" width="${length}" height="${barHeight}"/>`
}

function text (x: number, y: number, words: string): string {
  return `<text x="${x}" y="${y}">${words.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</text>`
}

function numberOf (value: string): number {
  return parseFloat(value.replaceAll(',', ''))
}
