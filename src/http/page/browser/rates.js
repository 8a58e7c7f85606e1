/** What was counted, kept for 15 minutes in this browser: rates and sparklines are made of it. */

import { quantile } from './quantile.js'

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
  keyOf (name, { labels }) { return keyOf(name, labels) }

  /** For how long numbers are kept by now. */
  get seconds () {
    const { samples } = this
    return ((samples.at(-1)?.atMs ?? 0) - (samples[0]?.atMs ?? 0)) / 1_000
  }

  /** Observations of all series together that came in the last minute. @param {string} name @param {readonly PageSeries[]} all */
  recentCounts (name, all) {
    const last = this.samples.at(-1)
    const first = this.samples.find(sample => last !== undefined && last.atMs - sample.atMs <= 60_000)
    return countsBetween(name, all, first, last)
  }

  /** Those since the start of the process. @param {readonly PageSeries[]} all */
  allCounts (all) {
    return countsBetween('', all, undefined, undefined)
  }

  /** A quantile of what came from each sample to the next, where something came, oldest first. @param {string} name @param {readonly PageSeries[]} all @param {number} part */
  quantiles (name, all, part) {
    const { samples } = this
    /** @type {[number, number][]} */
    const points = []
    for (let index = 1; index < samples.length; index++) {
      const { bounds, counts } = countsBetween(name, all, samples[index - 1], samples[index])
      const seconds = quantile(bounds, counts, part)
      if (seconds !== undefined) points.push([samples[index]?.atMs ?? 0, Math.min(seconds, bounds.at(-1) ?? 0)])
    }
    return points
  }
}

/**
 * @param {string} name
 * @param {readonly PageSeries[]} all
 * @param {Sample | undefined} from
 * @param {Sample | undefined} to undefined: what the series say themselves
 */
function countsBetween (name, all, from, to) {
  /** @type {number[]} */
  const counts = []
  /** @type {readonly number[]} */
  let bounds = []
  for (const series of all) {
    if (!('counts' in series)) continue
    bounds = series.bounds
    series.counts.forEach((count, index) => {
      const key = `${keyOf(name, series.labels)} ${index}`
      counts[index] = (counts[index] ?? 0) + (to === undefined ? count : (to.counts.get(key) ?? 0) - (from?.counts.get(key) ?? 0))
    })
  }
  return { bounds, counts }
}

/** @param {Sample} from @param {Sample} to @param {string} key */
function growth (from, to, key) {
  const seconds = (to.atMs - from.atMs) / 1_000
  return seconds <= 0 ? 0 : Math.max(0, ((to.counts.get(key) ?? 0) - (from.counts.get(key) ?? 0)) / seconds)
}
