import { incomingTerms as incoming, outgoingTerms as outgoing, type LedgerSnapshot, type LedgerTerm } from '../telemetry/ledger.ts'
import { numeral } from '../telemetry/words.ts'
import { table } from './table.ts'
import { usualColumns } from './wrap.ts'

type Term = LedgerTerm | 'pending'

/** The ledger as the exit report has it: each term, and each term by its labels. */
export type Report = Readonly<Record<Term, number>> & {
  readonly balanced: boolean
  readonly by: Readonly<Record<Term, Readonly<Record<string, number>>>>
}

export function reportOf ({ isBalanced, ...terms }: LedgerSnapshot): Report {
  const each = Object.entries(terms)
  return {
    ...Object.fromEntries(each.map(([term, { total }]) => [term, total])) as Record<Term, number>,
    balanced: isBalanced,
    by: Object.fromEntries(each.map(([term, { by }]) => [term, by])) as Report['by'],
  }
}

/** The ledger, term by term, and both sides of its equation. It fits a terminal of 80 columns. */
export function equation (report: Report): string {
  const counts = [...incoming, ...outgoing].map(term => [`  ${term}`, numeral(report[term])])
  const widths = [0, 1].map(column => Math.max(...counts.map(row => row[column]?.length ?? 0)))
  const room = widths.reduce((left, width) => left - width - 2, usualColumns)
  const rows = [...incoming, ...outgoing].flatMap((term, index) => {
    const [first = '', ...more] = wrapped(report.by[term], room)
    return [[...counts[index] ?? [], first], ...more.map(line => ['', '', line])]
  })
  const sum = (terms: readonly Term[]) => numeral(terms.reduce((total, term) => total + report[term], 0))
  return [
    table(rows, [1]),
    `  in:  ${incoming.join(' + ')} = ${sum(incoming)}`,
    `  out: ${outgoing.join(' + ')} = ${sum(outgoing)}`,
  ].join('\n')
}

/** As many labels with their counts as fit, line by line. */
function wrapped (by: Readonly<Record<string, number>>, room: number): readonly string[] {
  const lines: string[] = []
  for (const [label, value] of Object.entries(by)) {
    const item = `${label} ${numeral(value)}`
    const last = lines.at(-1)
    if (last !== undefined && `${last}, ${item},`.length <= room) lines[lines.length - 1] = `${last}, ${item}`
    else {
      if (last !== undefined) lines[lines.length - 1] = `${last},`
      lines.push(item)
    }
  }
  return lines
}
