import { shown, type Row } from './figures.ts'
import type { Steady, SteadyLoad } from './steady-second.ts'

/** The options of the benches at a steady rate. */
export const steadyOptions = { warm: 20, seconds: 40 }

export const steadyOptionsHelp = `  --rate N       lines a second (100; 0: idle)
  --warm N       seconds before it is measured (20)
  --seconds N    seconds for which it is (40)
`

export function steadyOf ({ rate, warm, seconds }: typeof steadyOptions & { readonly rate: number }): SteadyLoad {
  return { rate, warmSeconds: warm, seconds }
}

export function steadyWords ({ rate, warmSeconds, seconds }: SteadyLoad): string {
  return `${rate === 0 ? 'idle' : `${shown(rate)} lines a second`}, ${seconds} s after the first ${warmSeconds}`
}

export const steadyRows: readonly Row<Steady>[] = [
  ['CPU, % of a core', run => run.cpuPercent, 2],
  ['wake-ups a second', run => run.wakeUpsPerSecond],
  ['RSS, MB', run => run.rssMb],
]
