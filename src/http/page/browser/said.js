import { byId, row, setText } from './elements.js'
import { drawErrors } from './errors.js'
import { requestCards } from './requests.js'
import { drawSignals } from './signals.js'
import { card, spark } from './spark.js'
import { duration, rate, whole } from './words.js'

/** @import { PageStatus, PageSeries } from '../status.ts' */
/** @import { Rates } from './rates.js' */

const errors = 'sluice_errors_total'

/** What the application says: requests, errors, signals. @param {PageStatus} status @param {Rates} rates */
export function drawSaid (status, rates) {
  const { metrics, health } = status
  const received = { points: rates.line(['received']), className: '' }
  const delivered = { points: rates.line(Object.keys(health.ledger.delivered.by).map(route => `delivered/${route}`)), className: 'soft' }
  const cards = [
    ...requestCards(metrics, rates),
    ...metrics[errors] === undefined ? [] : [byLevel(metrics[errors], rates)],
    card('Lines', spark([received, delivered], 'Lines received and delivered a second'),
      row('received', rate(rates.of('received'))), row('delivered', rate(rates.of('delivered')))),
  ]
  byId('said-cards').replaceChildren(...cards)
  setText(byId('since'), `Curves begin ${duration(rates.seconds)} ago, when this page was opened: nothing is collected when nobody looks.`)
  drawSignals(status)
  drawErrors(status)
}

const levels = ['emerg', 'alert', 'crit', 'error', 'warn', 'notice', 'info', 'debug', 'none']

/** @param {readonly PageSeries[]} all @param {Rates} rates */
function byLevel (all, rates) {
  const byName = [...Map.groupBy(all, ({ labels }) => labels['level'] ?? 'none')]
    .sort(([one], [other]) => levels.indexOf(one) - levels.indexOf(other))
  const rows = byName.map(([level, those]) => {
    const count = those.reduce((sum, series) => sum + ('value' in series ? series.value : 0), 0)
    const perSecond = those.reduce((sum, series) => sum + rates.ofSeries(errors, series), 0)
    return row(`${level}${perSecond > 0 ? `, ${rate(perSecond)}` : ''}`, whole(count))
  })
  const points = rates.line(all.map(series => rates.keyOf(errors, series)))
  return card('Errors by level', spark([{ points, className: '' }], 'Errors a second'), ...rows)
}
