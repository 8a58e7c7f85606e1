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
  const { metrics } = status
  const lost = rates.line('lost')
  const lines = [
    { points: rates.line('received'), className: '' },
    { points: rates.line('delivered'), className: 'soft' },
    // Red is for trouble only, and so not along the ground.
    { points: lost.some(([, perSecond]) => perSecond > 0) ? lost : [], className: 'bad' },
  ]
  const cards = [
    ...requestCards(metrics, rates),
    ...metrics[errors] === undefined ? [] : [byLevel(metrics[errors], rates)],
    card('Lines', spark(lines, 'Lines received and delivered a second, and in red those lost'),
      row('received', rate(rates.of('received'))), row('delivered', rate(rates.of('delivered')))),
  ]
  byId('said-cards').replaceChildren(...cards)
  setText(byId('since'), `Curves are of the last ${duration(rates.seconds)}.`)
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
  return card('Errors by level', spark([{ points: rates.line('errors'), className: '' }], 'Errors a second'), ...rows)
}
