import { readFileSync } from 'node:fs'

/** What one look at the process found. */
export interface Look {
  readonly seconds: number
  readonly residentMiB: number
  /** The longest delay of its event loop since the look before, ms. */
  readonly loopMs: number
  readonly pending: number
  readonly isBalanced: boolean
}

/** Asks a running process; undefined while there is none, or while it does not answer. */
export async function look (pid: number, port: number, seconds: number): Promise<Look | undefined> {
  try {
    const signal = AbortSignal.timeout(5000)
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`, { signal })).text()
    const { ledger } = await (await fetch(`http://127.0.0.1:${port}/health`, { signal })).json() as
      { readonly ledger: { readonly isBalanced: boolean, readonly pending: { readonly total: number } } }
    const lag = /sluice_event_loop_lag_seconds\{percentile="100"\} (\S+)/.exec(text)?.[1]
    const resident = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return {
      seconds,
      residentMiB: Math.round(Number(resident) / 1024),
      loopMs: Math.round(Number(lag) * 1000),
      pending: ledger.pending.total,
      isBalanced: ledger.isBalanced,
    }
  } catch {
    // It is being killed, started or put to sleep: that is what this is about.
    return undefined
  }
}

/** Least, middle and most of a number over each tenth of the time. */
export function overTime (looks: readonly Look[], of: (look: Look) => number, totalSeconds: number): string {
  const tenths = Array.from({ length: 10 }, (_, tenth) => looks
    .filter(({ seconds }) => Math.min(9, Math.floor(seconds / totalSeconds * 10)) === tenth).map(of))
  return tenths.map(values => values.length === 0 ? '-' : String(Math.max(...values))).join('  ')
}
