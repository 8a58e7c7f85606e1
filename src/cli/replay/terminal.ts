import type { Ledger } from '../../telemetry/ledger.ts'
import { bytes, numeral } from '../../telemetry/words.ts'
import type { ReplayCounts, ReplayInput } from './input.ts'

const intervalMs = 250

/** Keeps one line of a terminal up to date until `end`. */
export function showProgress (
  terminal: { write (text: string): unknown }, ledger: Ledger, counts: ReplayCounts, inputs: readonly ReplayInput[]
): { end (): void } {
  const total = bytes(inputs.reduce((sum, input) => sum + input.bytes, 0))
  const show = () => {
    const { delivered, pending } = ledger.snapshot()
    terminal.write(`\r\x1b[K${counts.inputs} of ${inputs.length} files (${total}): ${numeral(counts.records)} records read, ` +
      `${numeral(delivered.total)} delivered, ${numeral(pending.total)} to go`)
  }
  const timer = setInterval(show, intervalMs)
  return {
    end: () => {
      clearInterval(timer)
      show()
      terminal.write('\n')
    },
  }
}
