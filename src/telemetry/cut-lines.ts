import type { Logger } from 'pino'
import type { Metrics } from './metrics.ts'

/** How long nothing more is said of a limit, ms. */
const hourMs = 3_600_000

interface Told { readonly total: number, readonly atMs: number }

/** Tells which limit makes lines go on in parts, which nobody would see otherwise: at once, then once an hour. */
export class CutLines {
  readonly #metrics: Pick<Metrics, 'series'>
  readonly #log: Pick<Logger, 'warn'>
  /** By the name of the setting. */
  readonly #told = new Map<string, Told>()

  constructor (metrics: Pick<Metrics, 'series'>, log: Pick<Logger, 'warn'>) {
    this.#metrics = metrics
    this.#log = log
  }

  look (nowMs: number): void {
    for (const [setting, total] of this.#totals()) {
      const last = this.#told.get(setting)
      const cuts = total - (last?.total ?? 0)
      if (cuts === 0 || (last !== undefined && nowMs - last.atMs < hourMs)) continue
      this.#told.set(setting, { total, atMs: nowMs })
      const advice = `nothing of them is lost; have shorter lines written, or raise ${setting}: docs/formats.md says what parts look like`
      this.#log.warn({ setting, cuts, total, advice }, 'lines are too long for one record and go on in parts')
    }
  }

  /** How often each limit has cut, by its setting. */
  #totals (): Map<string, number> {
    const totals = new Map<string, number>()
    const count = (setting: string | undefined, value: number) => {
      if (setting !== undefined) totals.set(setting, (totals.get(setting) ?? 0) + value)
    }
    for (const series of this.#metrics.series('sluice_lines_cut_total')) {
      if ('value' in series) count(series.labels[0] === 'stdin' ? 'stdin.maxLineBytes' : 'forward.maxLineBytes', series.value)
    }
    for (const series of this.#metrics.series('sluice_joins_cut_total')) {
      if ('value' in series) count(joinSettings[series.labels.join(' ')], series.value)
    }
    return totals
  }
}

/** By kind and reason. Other reasons are no matter of length. */
const joinSettings: Readonly<Record<string, string | undefined>> = {
  'partial bytes': 'join.partials.maxBytes',
  'trace bytes': 'join.traces.maxBytes',
  'trace lines': 'join.traces.maxLines',
}
