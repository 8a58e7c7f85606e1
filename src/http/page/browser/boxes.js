import { keepLinks, make, part, setText } from './elements.js'
import { ago, bytes, duration, rate, whole } from './words.js'

/** @import { PageStatus } from '../status.ts' */
/** @import { Rates } from './rates.js' */

/** A sender or a class. */
export function box () {
  return make('li', 'box', make('p', 'head', make('span', 'name'), make('span', 'number')), make('p', 'words'))
}

/** @param {HTMLElement} element @param {string} name @param {string} value @param {string} words @param {string} state */
export function fill (element, name, value, words, state) {
  element.className = `box ${state}`
  setText(part(element, '.name'), name)
  setText(part(element, '.number'), value)
  setText(part(element, '.words'), words)
}

/** A route, with its destination. */
export function routeBox () {
  return make('li', 'box',
    make('p', 'head', make('span', 'name'), make('span', 'number')),
    make('p', 'words where'), make('div', 'tank', make('i', '')), make('p', 'waiting'), make('p', 'words trouble'), make('p', 'words links'))
}

/** @param {HTMLElement} element @param {PageStatus['routes'][number]} route @param {PageStatus} status @param {Rates} rates */
export function drawRoute (element, { name, quotaBytes, links }, { health, at }, rates) {
  const report = health.routes[name]
  if (report === undefined) return
  const { state, sink, destination, pendingRecords, pendingBytes, oldestPendingSeconds, lastError, lastSuccessAt, nextTryAt } = report
  const lost = ['dropped', 'rejected'].reduce((sum, term) => sum + countOfRoute(term, name, health), 0)
  const delivered = countOfRoute('delivered', name, health)
  fill(element, `${name} → ${sink}`, rate(rates.of(`delivered/${name}`)), destination,
    lost > 0 || state === 'blocked' ? 'loses' : state === 'paused' ? 'waits' : '')
  const share = quotaBytes > 0 ? Math.min(1, pendingBytes / quotaBytes) : 0
  part(element, '.tank i').style.width = `${(share * 100).toFixed(2)}%`
  const inPerSecond = rates.of(`pending/${name}`)
  const bytesEach = pendingRecords === 0 ? 0 : pendingBytes / pendingRecords
  const fullSeconds = inPerSecond > 0 && bytesEach > 0 ? (quotaBytes - pendingBytes) / (inPerSecond * bytesEach) : Infinity
  const waiting = pendingRecords === 0
    ? delivered === 0 ? 'nothing yet' : `${whole(delivered)} delivered, nothing waits`
    : `${whole(delivered)} delivered; ${whole(pendingRecords)} waiting (${bytes(pendingBytes)}), the oldest for ${duration(oldestPendingSeconds)}` +
      (state === 'paused' && fullSeconds < 30 * 86_400 ? `; room for ${duration(fullSeconds)}` : '')
  setText(part(element, '.waiting'), waiting)
  const now = Date.parse(at)
  const trouble = [lost > 0 ? `${whole(lost)} lost.` : '']
  if (state === 'paused' || state === 'blocked') {
    // What its spool is blocked by is no error of its destination.
    trouble.push(state === 'paused' ? `It waits: ${lastError?.message ?? 'no answer'}.` : `It is ${report.summary.split('; ')[0]}.`)
    if (nextTryAt !== null) trouble.push(`Next try in ${duration(Math.max(0, Date.parse(nextTryAt) - now) / 1_000)}.`)
  } else {
    if (lastSuccessAt !== null) trouble.push(`Last delivered ${ago(lastSuccessAt, now)}.`)
    if (lastError !== null) trouble.push(`Last error ${ago(lastError.at, now)}: ${lastError.message}.`)
  }
  const words = part(element, '.trouble')
  words.classList.toggle('bad', lost > 0 || state === 'blocked')
  words.classList.toggle('amber', state === 'paused' && lost === 0)
  if (lastSuccessAt !== null) words.title = `last delivered ${lastSuccessAt}`
  setText(words, trouble.filter(text => text !== '').join(' '))
  keepLinks(part(element, '.links'), links)
}

/** @param {string} term @param {string} route @param {PageStatus['health']} health */
function keysOfRoute (term, route, { ledger }) {
  const { by } = /** @type {{ by: Record<string, number> }} */ (ledger[/** @type {keyof typeof ledger} */ (term)])
  return Object.keys(by).filter(key => key === route || key.startsWith(`${route}/`))
}

/** @param {string} term @param {string} route @param {PageStatus['health']} health */
function countOfRoute (term, route, health) {
  const { by } = /** @type {{ by: Record<string, number> }} */ (health.ledger[/** @type {keyof typeof health.ledger} */ (term)])
  return keysOfRoute(term, route, health).reduce((sum, key) => sum + (by[key] ?? 0), 0)
}

/** @param {Rates} rates @param {string} term @param {string} route @param {PageStatus['health']} health */
export function rateOfRoute (rates, term, route, health) {
  return keysOfRoute(term, route, health).reduce((sum, key) => sum + rates.of(`${term}/${key}`), 0)
}
