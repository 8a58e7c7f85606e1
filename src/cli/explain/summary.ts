import type { Instruments } from '../../telemetry/instruments.ts'
import type { CounterName, Metrics } from '../../telemetry/metrics.ts'
import { numeral } from '../../telemetry/words.ts'
import { equation, reportOf } from '../ledger-table.ts'
import type { Paint } from '../paint.ts'
import { table } from '../table.ts'
import type { Explanation } from './explainer.ts'

/** Counts records by what became of them. */
export class Tally {
  readonly #counts = new Map<string, number>()

  add ({ class: name, rule, filter }: Explanation): void {
    const key = [filter === undefined ? name ?? '' : 'filtered', filter ?? rule].join('\0')
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1)
  }

  /** Class, rule and count, in the order of their names. */
  get rows (): readonly (readonly [string, string, number])[] {
    return [...this.#counts].sort(([one], [other]) => one < other ? -1 : 1).map(([key, count]) => {
      const [name = '', rule = ''] = key.split('\0')
      return [name, rule, count]
    })
  }
}

export interface SummaryFacts extends Pick<Instruments, 'ledger' | 'metrics'> {
  readonly tally: Tally
  readonly paint: Paint
}

/** What became of everything, in tables, and the ledger: what a spool would hold counts as delivered. */
export function summaryText ({ tally, ledger, metrics, paint }: SummaryFacts): string {
  const parts = [table([
    ['CLASS', 'RULE', 'RECORDS'],
    ...tally.rows.map(([name, rule, count]) => [name, rule, numeral(count)]),
  ], [2])]
  for (const [title, rows] of [
    ['REPAIRED', counted(metrics, 'sluice_repaired_total')],
    ['INVALID', counted(metrics, 'sluice_invalid_total')],
    ['JOIN CUT SHORT BY', counted(metrics, 'sluice_joins_cut_total')],
  ] as const) {
    if (rows.length > 0) parts.push(table([[title, 'COUNT'], ...rows], [1]))
  }
  const report = reportOf(ledger.snapshot())
  const verdict = report.balanced ? paint('green', 'The ledger balances.') : paint('red', 'The ledger does NOT balance.')
  parts.push(`${paint('bold', 'Every record is accounted for')}\n${equation(report)}\n${verdict}`)
  return `${parts.join('\n\n')}\n`
}

function counted (metrics: Metrics, name: CounterName): string[][] {
  return [...metrics.sums(name, labels => labels.join(' '))]
    .flatMap(([labels, count]) => count > 0 ? [[labels, numeral(count)]] : [])
}

// Tested in test/cli/explain.test.ts
