import type { Logger } from 'pino'
import type { Metrics } from './metrics.ts'

/** How long nothing more is said of a limit, ms. */
const hourMs = 3_600_000

interface Told { readonly total: number, readonly atMs: number }

/**
 * Tells which limit makes lines go on in parts, which nobody would see otherwise: at once, then once an hour.
 *
 * @returns its look
 */
export function createCutLinesTeller (metrics: Pick<Metrics, 'sums'>, log: Pick<Logger, 'warn'>): (nowMs: number) => void {
  /** By the name of the setting. */
  const told = new Map<string, Told>()
  return nowMs => {
    for (const [setting, total] of totalsOf(metrics)) {
      const last = told.get(setting)
      const cuts = total - (last?.total ?? 0)
      if (setting === '' || cuts === 0 || (last !== undefined && nowMs - last.atMs < hourMs)) continue
      told.set(setting, { total, atMs: nowMs })
      const advice = `nothing of them is lost; have shorter lines written, or raise ${setting}: docs/formats.md says what parts look like`
      log.warn({ setting, cuts, total, advice }, 'lines are too long for one record and go on in parts')
    }
  }
}

/** How often each limit has cut, by its setting; empty: what is no matter of length. */
function totalsOf (metrics: Pick<Metrics, 'sums'>): ReadonlyMap<string, number> {
  return new Map([
    ...metrics.sums('sluice_lines_cut_total', ([source]) => source === 'stdin' ? 'stdin.maxLineBytes' : 'forward.maxLineBytes'),
    ...metrics.sums('sluice_joins_cut_total', labels => joinSettings[labels.join(' ')] ?? ''),
  ])
}

/** By kind and reason. */
const joinSettings: Readonly<Record<string, string | undefined>> = {
  'partial bytes': 'join.partials.maxBytes',
  'trace bytes': 'join.traces.maxBytes',
  'trace lines': 'join.traces.maxLines',
}
