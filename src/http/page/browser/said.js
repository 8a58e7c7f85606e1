import { byId, make, makeSvg, row } from './elements.js'
import { duration, rate, whole } from './words.js'

/** @import { PageStatus, PageSeries } from '../status.ts' */
/** @import { Rates } from './rates.js' */

const requests = 'sluice_http_requests_total'
const durations = 'sluice_http_request_duration_seconds'

/** What the application says, a card for each thing that is counted; the section is there only if one is. */
/** @param {PageStatus} status @param {Rates} rates */
export function drawSaid ({ metrics, health }, rates) {
  /** @type {HTMLElement[]} */
  const cards = []
  const received = rates.line(['received'])
  cards.push(card('Lines received', spark(received, 'Lines received, 15 minutes'), row('now', rate(rates.of('received')))))
  if (metrics[requests] !== undefined) cards.push(byLabel('Requests', requests, metrics[requests], rates))
  const timed = metrics[durations]
  if (timed !== undefined) {
    const words = (/** @type {number} */ share) => {
      const value = rates.quantile(durations, timed, share)
      return value === undefined ? 'none' : value === Infinity ? 'longer' : `≤ ${duration(value)}`
    }
    cards.push(card('Duration of requests, last minute', row('half of them', words(0.5)), row('95 of 100', words(0.95))))
  }
  if (metrics['sluice_errors_total'] !== undefined) cards.push(byLabel('Errors', 'sluice_errors_total', metrics['sluice_errors_total'], rates))
  if (metrics['sluice_signals_total'] !== undefined) cards.push(byLabel('Signals', 'sluice_signals_total', metrics['sluice_signals_total'], rates))
  const sent = rates.line(Object.keys(health.ledger.delivered.by).map(route => `delivered/${route}`))
  cards.push(card('Lines delivered', spark(sent, 'Lines delivered, 15 minutes'), row('now', rate(rates.of('delivered')))))
  byId('said-cards').replaceChildren(...cards)
}

/** @param {string} title @param {string} name @param {readonly PageSeries[]} all @param {Rates} rates */
function byLabel (title, name, all, rates) {
  /** @type {Map<string, { count: number, perSecond: number }>} */
  const sums = new Map()
  for (const series of all) {
    if (!('value' in series)) continue
    const label = series.labels['status'] ?? series.labels['level'] ?? series.labels['signal'] ?? Object.values(series.labels).join(' ')
    const sum = sums.get(label) ?? { count: 0, perSecond: 0 }
    sums.set(label, { count: sum.count + series.value, perSecond: sum.perSecond + rates.ofSeries(name, series) })
  }
  const rows = [...sums].sort(([a], [b]) => a.localeCompare(b)).map(([label, { count, perSecond }]) =>
    row(label, perSecond > 0 ? `${whole(count)}, ${rate(perSecond)}` : whole(count)))
  return card(title, ...rows)
}

/** @param {string} title @param {...(HTMLElement | SVGElement)} children */
function card (title, ...children) {
  const drawn = children.filter(child => child instanceof SVGElement)
  const rows = children.filter(child => !(child instanceof SVGElement))
  return make('div', 'card', make('h3', '', title), ...drawn, make('ul', '', ...rows))
}

/** @param {readonly [number, number][]} points @param {string} label */
function spark (points, label) {
  const svg = makeSvg('svg', { class: 'spark', viewBox: '0 0 900 32', preserveAspectRatio: 'none', role: 'img', 'aria-label': label })
  const endMs = points.at(-1)?.[0] ?? 0
  const most = Math.max(1, ...points.map(([, value]) => value))
  const d = points.map(([atMs, value], index) =>
    `${index === 0 ? 'M' : 'L'}${(900 - (endMs - atMs) / 1_000).toFixed(1)} ${(31 - 30 * value / most).toFixed(1)}`).join('')
  svg.append(makeSvg('path', { d: d === '' ? 'M0 31' : d }))
  return svg
}
