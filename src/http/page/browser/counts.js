/** Every number of an answer by a key of its own. */

/** @import { PageStatus, PageSeries } from '../status.ts' */
/** @import { HistoryReport } from '../../../telemetry/history.ts' */

/** @typedef {{ readonly atMs: number, readonly counts: ReadonlyMap<string, number> }} Sample */

const requests = 'sluice_http_requests_total'
const durations = 'sluice_http_request_duration_seconds'
const errors = 'sluice_errors_total'

/** @param {string} name @param {Readonly<Record<string, string>>} labels */
export const keyOf = (name, labels) => `${name} ${JSON.stringify(labels)}`

/** Those of an answer, and the sums that Sluice keeps of before. @param {PageStatus} status @returns {Map<string, number>} */
export function countsOf ({ health, metrics }) {
  const counts = new Map()
  /** @param {string} key @param {number} value */
  const add = (key, value) => counts.set(key, (counts.get(key) ?? 0) + value)
  const { isBalanced: _, ...terms } = health.ledger
  for (const [term, { total, by }] of Object.entries(terms)) {
    add(term, total)
    if (term === 'dropped' || term === 'rejected') add('lost', total)
    for (const [label, value] of Object.entries(by)) add(`${term}/${label}`, value)
  }
  for (const [name, all] of Object.entries(metrics)) {
    for (const series of all) {
      if ('value' in series) {
        add(keyOf(name, series.labels), series.value)
        if (name === errors) add('errors', series.value)
        if (name === requests) add('requests', series.value)
        if (name === requests && series.labels['status']?.startsWith('5')) add('requests/5xx', series.value)
      } else if (name === durations) {
        series.counts.forEach((count, index) => add(`durations/${index}`, count))
      }
    }
  }
  return counts
}

/** What Sluice kept of before. @param {HistoryReport} report @param {number} nowMs @returns {Sample[]} */
export function samplesOf ({ names, samples }, nowMs) {
  return samples.map(({ ageMs, counts }) =>
    ({ atMs: nowMs - ageMs, counts: new Map(names.map((name, index) => [name, counts[index] ?? 0])) }))
}
