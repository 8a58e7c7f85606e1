import { spawnSync } from 'node:child_process'
import { cpus, loadavg } from 'node:os'
import { table } from '../src/cli/table.ts'

/** A figure by its name, how to read it from a run, and its digits. */
export type Row<Run> = readonly [name: string, of: (run: Run) => number, digits?: number]

export function median (values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half] ?? NaN : ((sorted[half - 1] ?? NaN) + (sorted[half] ?? NaN)) / 2
}

export function shown (value: number, digits = 0): string {
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

/** Least, median and most of each figure. */
export function spread<Run> (title: string, runs: readonly Run[], rows: readonly Row<Run>[]): string {
  return table([
    [title, 'least', 'median', 'most'],
    ...rows.map(([name, of, digits]) => {
      const values = runs.map(of)
      return [name, ...[Math.min(...values), median(values), Math.max(...values)].map(value => shown(value, digits))]
    }),
  ], [1, 2, 3])
}

/** Medians of both sides, and the median of the ratios pair by pair: `ours` to `theirs`. */
export function pairs<Run> (
  title: string, ours: readonly Run[], theirs: readonly Run[], rows: readonly Row<Run>[]
): string {
  return table([
    [title, 'other', 'Sluice', 'ratio', 'least to most'],
    ...rows.map(([name, of, digits]) => {
      const [own, other] = [ours.map(of), theirs.map(of)]
      const ratios = own.map((value, index) => value / (other[index] ?? NaN))
      const all = ratios.every(Number.isFinite)
      return [
        name, shown(median(other), digits), shown(median(own), digits), all ? shown(median(ratios), 2) : '',
        all ? `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}` : '',
      ]
    }),
  ], [1, 2, 3])
}

/** The machine, its load and the commit, so that figures can be told from others. */
export function circumstances (): string {
  const { stdout } = spawnSync('git', ['log', '-1', '--format=%h %cs'], { cwd: import.meta.dirname, encoding: 'utf8' })
  const processors = cpus()
  const model = processors[0]?.model.replace(/\s+/g, ' ').trim() ?? ''
  return `${processors.length} × ${model}, load ${loadavg()[0]?.toFixed(1)}\nNode ${process.versions.node}, commit ${stdout.trim()}`
}
