import { byId, keep, make, part, setText } from './elements.js'
import { ago, printable, whole } from './words.js'

/** @import { PageStatus } from '../status.ts' */

/** What is up now as cards: what it means and what to look at; below them, what was seen before. @param {PageStatus} status */
export function drawSignals ({ health: { signals }, metrics, at }) {
  const nowMs = Date.parse(at)
  const known = new Set(signals.map(({ signal, container }) => `${signal} ${container}`))
  const over = (metrics['sluice_signals_total'] ?? []).flatMap(series => {
    const { signal = '', container = '' } = series.labels
    if (!('value' in series) || known.has(`${signal} ${container}`)) return []
    return [`${words(signal)} (${printable(container)}, ${whole(series.value)})`]
  })
  byId('signals').hidden = signals.length + over.length === 0
  keep(byId('signal-cards'), signals, ({ signal, container }) => `signal ${signal} ${container}`, signalCard, (element, each) => {
    setText(part(element, '.name'), words(each.signal))
    setText(part(element, '.number'), `${whole(each.count)} ${each.count === 1 ? 'line' : 'lines'}`)
    setText(part(element, '.means'), each.means)
    setText(part(element, '.look'), each.lookAt)
    const times = part(element, '.times')
    setText(times, `${printable(each.container)}, since ${ago(each.since, nowMs)}, last ${ago(each.lastAt, nowMs)}`)
    times.title = `${each.since} to ${each.lastAt}`
  })
  const list = byId('signals-over')
  list.hidden = over.length === 0
  setText(list, `Over now, counted since the start: ${over.join(', ')}.`)
}

function signalCard () {
  return make('li', 'box loses signal',
    make('p', 'head', make('span', 'name'), make('span', 'number')),
    make('p', 'means'), make('p', 'look'), make('p', 'words times'))
}

/** `workers_exhausted` as words. @param {string} signal */
function words (signal) {
  return signal.replaceAll('_', ' ')
}
