import type { Ledger } from './ledger.ts'
import { metricTable, type Metrics } from './metrics.ts'

/** Counts of one moment, in the order of their names. */
export interface HistorySample {
  readonly ageMs: number
  readonly counts: readonly number[]
}

export interface HistoryReport {
  readonly names: readonly string[]
  /** Oldest first. */
  readonly samples: readonly HistorySample[]
}

const stepMs = 10_000
const keptMs = 15 * 60_000
/** It is looked at about once a second, now and then a moment early. */
const earlyMs = 500
const keptSamples = keptMs / stepMs + 1

const sums = ['received', 'delivered', 'lost', 'requests', 'requests/5xx', 'errors'] as const
const durations = 'sluice_http_request_duration_seconds'
const names = [...sums, ...Array.from({ length: metricTable[durations].buckets.length + 1 }, (_, index) => `durations/${index}`)]

/**
 * What was counted in the last 15 minutes, for the curves of a page that is opened only when something is wrong: sums
 * of what is counted anyway, taken every 10 s into 15 KB. Nothing of a line, and no name, is in it.
 */
export class History {
  readonly #ledger: Ledger
  readonly #metrics: Metrics
  readonly #atMs = new Float64Array(keptSamples)
  readonly #counts = new Float64Array(keptSamples * names.length)
  /** How many were ever taken; the oldest is written over. */
  #taken = 0
  #lastMs = -Infinity

  constructor ({ ledger, metrics }: { readonly ledger: Ledger, readonly metrics: Metrics }) {
    this.#ledger = ledger
    this.#metrics = metrics
  }

  /** Called about once a second; makes no object for a counter. */
  look (nowMs: number): void {
    if (nowMs - this.#lastMs < stepMs - earlyMs) return
    this.#lastMs = nowMs
    const counts = this.#counts
    const place = this.#taken++ % keptSamples
    const start = place * names.length
    this.#atMs[place] = nowMs
    counts[start] = this.#ledger.sum('received')
    counts[start + 1] = this.#ledger.sum('delivered')
    counts[start + 2] = this.#ledger.sum('dropped') + this.#ledger.sum('rejected')
    counts[start + 3] = this.#metrics.sum('sluice_http_requests_total')
    counts[start + 4] = this.#metrics.sum('sluice_http_requests_total', statusLabel, '5')
    counts[start + 5] = this.#metrics.sum('sluice_errors_total')
    counts.fill(0, start + sums.length, start + names.length)
    this.#metrics.addTo(durations, counts, start + sums.length)
  }

  report (nowMs: number): HistoryReport {
    const samples: HistorySample[] = []
    for (let index = Math.max(0, this.#taken - keptSamples); index < this.#taken; index++) {
      const place = index % keptSamples
      const start = place * names.length
      const counts = [...this.#counts.subarray(start, start + names.length)]
      samples.push({ ageMs: Math.round(nowMs - (this.#atMs[place] as number)), counts })
    }
    return { names, samples }
  }
}

const statusLabel = metricTable.sluice_http_requests_total.labels.indexOf('status')
