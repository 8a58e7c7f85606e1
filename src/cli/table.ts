import { stripVTControlCharacters } from 'node:util'

/** Rows as aligned columns, two spaces apart; those of `right` are aligned to the right. Colour codes have no width. */
export function table (rows: readonly (readonly string[])[], right: readonly number[] = []): string {
  const widths: number[] = []
  for (const row of rows) row.forEach((cell, column) => { widths[column] = Math.max(widths[column] ?? 0, width(cell)) })
  const pad = (cell: string, column: number) => {
    const gap = ' '.repeat((widths[column] ?? 0) - width(cell))
    return right.includes(column) ? gap + cell : cell + gap
  }
  return rows.map(row => row.map(pad).join('  ').trimEnd()).join('\n')
}

function width (cell: string): number {
  return stripVTControlCharacters(cell).length
}
