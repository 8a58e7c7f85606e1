/** What was counted in the last 15 minutes: rates and sparklines are made of it. */

import { countsOf, keyOf, samplesOf } from './counts.js'
import { quantile } from './quantile.js'

/** @import { PageStatus, PageSeries } from '../status.ts' */
/** @import { HistoryReport } from '../../../telemetry/history.ts' */
/** @import { Sample } from './counts.js' */

/** With the time from one sample that Sluice keeps to the next, so that 15 minutes are whole. */
const keptMs = 15 * 60_000 + 10_000
/** Older samples are thinned out to one in so many ms, and no point of a curve is of less: it would jump. */
const thinMs = 5_000
const recentMs = 10_000
/** An answer that comes so long after the last one says nothing of what was between. */
const gapMs = 15_000

export class Rates {
  /** Of this page. @type {Sample[]} */
  #samples = []
  /** What Sluice kept of before: sums alone. @type {Sample[]} */
  #before = []

  /** Whether what Sluice kept says more than what is here. @param {number} nowMs */
  hasGap (nowMs) {
    const last = this.#samples.at(-1)
    return last === undefined || nowMs - last.atMs > gapMs
  }

  /** Begins anew, with what Sluice kept. @param {HistoryReport} report @param {number} nowMs by the clock of this page */
  begin (report, nowMs) {
    this.#samples = []
    // An answer may be half a second old, which would be a large part of less than this.
    this.#before = samplesOf(report, nowMs).filter(({ atMs }) => nowMs - atMs > thinMs)
  }

  /** @param {PageStatus} status @param {number} atMs by the clock of this page */
  add (status, atMs) {
    const counts = countsOf(status)
    // Counts begin anew with the process.
    if ((this.#all.at(-1)?.counts.get('received') ?? 0) > (counts.get('received') ?? 0)) this.#samples = this.#before = []
    const samples = this.#samples
    samples.push({ atMs, counts })
    for (const kept of [this.#before, samples]) while (kept[0] !== undefined && atMs - kept[0].atMs > keptMs) kept.shift()
    const at = samples.findLastIndex(sample => atMs - sample.atMs > recentMs)
    const [before, sample] = [samples[at - 1], samples[at]]
    if (before !== undefined && sample !== undefined && sample.atMs - before.atMs < thinMs) samples.splice(at, 1)
  }

  get #all () { return [...this.#before, ...this.#samples] }

  /** How much a count grew a second in the last seconds. @param {string} key */
  of (key) {
    const last = this.#samples.at(-1)
    const first = this.#samples.find(sample => last !== undefined && last.atMs - sample.atMs <= 5_500)
    return last === undefined || first === undefined || last === first ? 0 : growth(first, last, key)
  }

  /** @param {string} name @param {PageSeries} series */
  ofSeries (name, series) { return this.of(keyOf(name, series.labels)) }

  /** The rates of the last 15 minutes, oldest first. @param {string} key */
  line (key) {
    return this.#steps.map(([before, sample]) => /** @type {[number, number]} */ ([sample.atMs, growth(before, sample, key)]))
  }

  /** Each sample with the one that its point of a curve begins at. @returns {(readonly [Sample, Sample])[]} */
  get #steps () {
    const all = this.#all
    return all.flatMap((sample, index) => {
      let from = index - 1
      while (from > 0 && sample.atMs - (all[from]?.atMs ?? 0) < thinMs) from--
      const before = all[from]
      return before === undefined ? [] : /** @type {const} */ ([[before, sample]])
    })
  }

  /** For how long numbers are kept by now. */
  get seconds () {
    const all = this.#all
    return ((all.at(-1)?.atMs ?? 0) - (all[0]?.atMs ?? 0)) / 1_000
  }

  /** How long requests of the last minute took: not above each of `bounds`, then all. @param {readonly number[]} bounds */
  recentDurations (bounds) {
    const all = this.#all
    const last = all.at(-1)
    const first = all.find(sample => last !== undefined && last.atMs - sample.atMs <= 60_000)
    return durationsBetween(bounds, first, last)
  }

  /** A quantile of how long requests took, where some came, oldest first. @param {readonly number[]} bounds @param {number} part */
  quantiles (bounds, part) {
    return this.#steps.flatMap(([before, sample]) => {
      const seconds = quantile(bounds, durationsBetween(bounds, before, sample), part)
      return seconds === undefined ? [] : /** @type {[number, number][]} */ ([[sample.atMs, Math.min(seconds, bounds.at(-1) ?? 0)]])
    })
  }
}

/** @param {readonly number[]} bounds @param {Sample | undefined} from @param {Sample | undefined} to */
function durationsBetween (bounds, from, to) {
  return [...bounds, Infinity].map((_, index) => {
    const key = `durations/${index}`
    return (to?.counts.get(key) ?? 0) - (from?.counts.get(key) ?? 0)
  })
}

/** @param {Sample} from @param {Sample} to @param {string} key */
function growth (from, to, key) {
  const seconds = (to.atMs - from.atMs) / 1_000
  return seconds <= 0 ? 0 : Math.max(0, ((to.counts.get(key) ?? 0) - (from.counts.get(key) ?? 0)) / seconds)
}
