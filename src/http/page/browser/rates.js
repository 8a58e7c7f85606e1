/** What was counted, kept for 15 minutes in this browser: rates and sparklines are made of it. */

/** @import { PageStatus, PageSeries } from '../status.ts' */

const keptMs = 15 * 60_000
/** Older samples are thinned out to one in so many ms. */
const thinMs = 5_000
const recentMs = 10_000

/** @typedef {{ readonly atMs: number, readonly counts: ReadonlyMap<string, number> }} Sample */

/** @param {string} name @param {Readonly<Record<string, string>>} labels */
const keyOf = (name, labels) => `${name} ${JSON.stringify(labels)}`

/** Every number of an answer by a key of its own. @param {PageStatus} status @returns {Map<string, number>} */
function countsOf ({ health, metrics }) {
  const counts = new Map()
  const { isBalanced: _, ...terms } = health.ledger
  for (const [term, { total, by }] of Object.entries(terms)) {
    counts.set(term, total)
    for (const [label, value] of Object.entries(by)) counts.set(`${term}/${label}`, value)
  }
  for (const [name, all] of Object.entries(metrics)) {
    for (const series of all) {
      if ('value' in series) counts.set(keyOf(name, series.labels), series.value)
      else series.counts.forEach((count, index) => counts.set(`${keyOf(name, series.labels)} ${index}`, count))
    }
  }
  return counts
}

export class Rates {
  /** @type {Sample[]} */
  samples = []

  /** @param {PageStatus} status @param {number} atMs by the clock of this page */
  add (status, atMs) {
    const { samples } = this
    const counts = countsOf(status)
    // Counts begin anew with the process.
    if ((samples.at(-1)?.counts.get('received') ?? 0) > (counts.get('received') ?? 0)) samples.length = 0
    samples.push({ atMs, counts })
    while (samples[0] !== undefined && atMs - samples[0].atMs > keptMs) samples.shift()
    const at = samples.findLastIndex(sample => atMs - sample.atMs > recentMs)
    const [before, sample] = [samples[at - 1], samples[at]]
    if (before !== undefined && sample !== undefined && sample.atMs - before.atMs < thinMs) samples.splice(at, 1)
  }

  /** How much a count grew a second in the last seconds. @param {string} key */
  of (key) {
    const { samples } = this
    const last = samples.at(-1)
    const first = samples.find(sample => last !== undefined && last.atMs - sample.atMs <= 5_500)
    return last === undefined || first === undefined || last === first ? 0 : growth(first, last, key)
  }

  /** @param {string} name @param {PageSeries} series */
  ofSeries (name, series) { return this.of(keyOf(name, series.labels)) }

  /** The rates of the last 15 minutes of all keys together, oldest first. @param {readonly string[]} keys */
  line (keys) {
    const { samples } = this
    /** @type {[number, number][]} */
    const points = []
    for (let index = 1; index < samples.length; index++) {
      const [before, sample] = [samples[index - 1], samples[index]]
      if (before === undefined || sample === undefined) continue
      points.push([sample.atMs, keys.reduce((sum, key) => sum + growth(before, sample, key), 0)])
    }
    return points
  }

  /** @param {string} name @param {PageSeries} series */
  lineOf (name, series) { return this.line([keyOf(name, series.labels)]) }

  /**
   * What the share of the observations of the last minute was at most, or undefined where there are none.
   *
   * @param {string} name
   * @param {readonly PageSeries[]} all
   * @param {number} share
   */
  quantile (name, all, share) {
    const last = this.samples.at(-1)
    const first = this.samples.find(sample => last !== undefined && last.atMs - sample.atMs <= 60_000)
    if (last === undefined || first === undefined) return undefined
    /** @type {number[]} */
    const below = []
    /** @type {readonly number[]} */
    let bounds = []
    for (const series of all) {
      if (!('counts' in series)) continue
      bounds = series.bounds
      series.counts.forEach((_count, index) => {
        const key = `${keyOf(name, series.labels)} ${index}`
        below[index] = (below[index] ?? 0) + (last.counts.get(key) ?? 0) - (first.counts.get(key) ?? 0)
      })
    }
    const total = below.at(-1) ?? 0
    if (total === 0) return undefined
    const at = below.findIndex(count => count >= total * share)
    return bounds[at] ?? Infinity
  }
}

/** @param {Sample} from @param {Sample} to @param {string} key */
function growth (from, to, key) {
  const seconds = (to.atMs - from.atMs) / 1_000
  return seconds <= 0 ? 0 : Math.max(0, ((to.counts.get(key) ?? 0) - (from.counts.get(key) ?? 0)) / seconds)
}
