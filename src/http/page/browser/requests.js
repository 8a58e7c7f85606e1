import { make, row } from './elements.js'
import { quantile } from './quantile.js'
import { card, histogram, spark } from './spark.js'
import { duration, rate, share, whole } from './words.js'

/** @import { PageStatus, PageSeries } from '../status.ts' */
/** @import { Rates } from './rates.js' */

const requests = 'sluice_http_requests_total'
const durations = 'sluice_http_request_duration_seconds'

/** Requests by class of status, and how long they took. @param {PageStatus['metrics']} metrics @param {Rates} rates */
export function requestCards (metrics, rates) {
  const counted = metrics[requests]
  const timed = metrics[durations]
  return [...counted === undefined ? [] : [byStatus(counted, rates)], ...timed === undefined ? [] : [byDuration(timed, rates)]]
}

/** @param {readonly PageSeries[]} all @param {Rates} rates */
function byStatus (all, rates) {
  /** @type {Map<string, PageSeries[]>} */
  const groups = new Map()
  for (const series of all) {
    const { status = 'other' } = series.labels
    const name = /^[1-5]/.test(status) ? `${status[0]}xx` : 'other'
    groups.set(name, [...groups.get(name) ?? [], series])
  }
  const valueOf = (/** @type {PageSeries} */ series) => 'value' in series ? series.value : 0
  const sum = (/** @type {readonly PageSeries[]} */ those) => those.reduce((total, series) => total + valueOf(series), 0)
  const total = sum(all)
  const rows = [...groups].sort(([one], [other]) => one.localeCompare(other)).map(([name, those]) => {
    const perSecond = those.reduce((total, series) => total + rates.ofSeries(requests, series), 0)
    const element = row(`${name}${perSecond > 0 ? `, ${rate(perSecond)}` : ''}`, whole(sum(those)), `row ${colourOf(name)}`)
    element.append(make('span', 'number share', share(sum(those), total)))
    const statuses = Map.groupBy(those, ({ labels }) => labels['status'] ?? 'other')
    element.title = [...statuses].map(([status, series]) => `${status}: ${whole(sum(series))}`).sort().join(', ')
    return element
  })
  const lines = [
    { points: rates.line('requests'), className: '' },
    { points: rates.line('requests/5xx'), className: 'bad' },
  ]
  return card(`Requests: ${whole(total)}`, spark(lines, 'Requests a second, and in red those of 5xx'), ...rows)
}

/** @param {string} name */
function colourOf (name) {
  return name === '5xx' ? 'bad' : name === '4xx' ? 'amber' : ''
}

/** @param {readonly PageSeries[]} all @param {Rates} rates */
function byDuration (all, rates) {
  const timed = all.filter(series => 'counts' in series)
  const bounds = timed[0]?.bounds ?? []
  const recent = rates.recentDurations(bounds)
  const isRecent = (recent.at(-1) ?? 0) > 0
  const counts = isRecent ? recent : recent.map((_, index) => timed.reduce((sum, series) => sum + (series.counts[index] ?? 0), 0))
  const rows = /** @type {const} */ ([[0.5, 'half within'], [0.95, '95 % within'], [0.99, '99 % within']]).map(([part, words]) =>
    row(words, quantileWords(bounds, counts, part)))
  const bars = counts.map((count, index) => {
    const [from, to] = [bounds[index - 1] ?? 0, bounds[index]]
    const range = to === undefined ? `over ${duration(from)}` : `up to ${duration(to)}`
    const own = count - (counts[index - 1] ?? 0)
    return { words: `${range}: ${whole(own)}`, count: own }
  })
  const [first, last] = [bounds[0] ?? 0, bounds.at(-1) ?? 0]
  const scale = make('p', 'scale', make('span', '', `up to ${duration(first)}`), make('span', '', `over ${duration(last)}`))
  const lines = [{ points: rates.quantiles(bounds, 0.5), className: '' }, { points: rates.quantiles(bounds, 0.95), className: 'soft' }]
  return card(`Duration of requests, ${isRecent ? 'last minute' : 'since the start'}`,
    spark(lines, 'Median and 95th percentile of the duration'), histogram(bars, 'Requests by duration'), scale, ...rows)
}

/** @param {readonly number[]} bounds @param {readonly number[]} counts @param {number} part */
function quantileWords (bounds, counts, part) {
  const seconds = quantile(bounds, counts, part)
  if (seconds === undefined) return 'none'
  return seconds === Infinity ? `over ${duration(bounds.at(-1) ?? 0)}` : `≈ ${duration(seconds)}`
}
