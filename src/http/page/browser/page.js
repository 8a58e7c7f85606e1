import { byId, keepLinks, make, part, setText } from './elements.js'
import { Flow } from './flow.js'
import { drawLedger } from './ledger.js'
import { Rates } from './rates.js'
import { drawSaid } from './said.js'
import { TailView } from './tail.js'
import { duration, printable } from './words.js'

/** @import { PageStatus } from '../status.ts' */

const intervalMs = 1_000
const timeoutMs = 5_000

const rates = new Rates()
const flow = new Flow()
/** @type {PageStatus | undefined} */
let last
const tail = new TailView(route => {
  const report = last?.health.routes[route]
  return report === undefined ? '' : `${report.sink} ${report.destination}`.trimEnd()
})
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer
let answeredMs = performance.now()

/** Asks and draws, again and again while somebody looks. */
async function look () {
  clearTimeout(timer)
  if (document.hidden) return
  try {
    if (rates.hasGap(performance.now())) rates.begin(await ask('/page/history'), performance.now())
    draw(await ask('/page/status'))
  } catch {
    // Sluice is away, or too busy to answer: the page says since when, and asks again.
    const away = byId('away')
    away.hidden = false
    speak('Sluice does not answer.')
    document.body.classList.add('is-away')
    setText(away, `No answer for ${duration((performance.now() - answeredMs) / 1_000)}. What is shown is of ${last?.at ?? 'before'}.`)
  }
  timer = setTimeout(look, intervalMs)
}

/** @param {string} path */
async function ask (path) {
  const answer = await fetch(path, { signal: AbortSignal.timeout(timeoutMs) })
  if (!answer.ok) throw new Error(`answered ${answer.status}`)
  return await answer.json()
}

/** @param {PageStatus} status */
function draw (status) {
  last = status
  answeredMs = performance.now()
  byId('away').hidden = true
  document.body.classList.remove('is-away')
  byId('live').hidden = false
  rates.add(status, answeredMs)
  drawSentence(status)
  byId('empty').hidden = status.health.ledger.received.total + status.health.ledger.recovered.total > 0
  flow.draw(status, rates)
  drawSaid(status, rates)
  drawLedger(byId('ledger'), status)
  byId('tail').hidden = false
  byId('tail-off').hidden = status.tail !== 'off'
  setText(byId('tail-off'), status.noLines)
  byId('login').hidden = status.tail !== 'login'
  byId('tail-open').hidden = status.tail !== 'open'
  if (status.tail === 'open') tail.open()
  else tail.close()
}

/** @param {PageStatus} status */
function drawSentence ({ health, sentence, task, metrics }) {
  const { state, condition, version, uptimeSeconds, startedAt, reasons, warnings, routes, ledger } = health
  const element = byId('sentence')
  const isLosing = condition === 'degraded' && reasons.some(words => /dropped|rejected|lost|does not balance|cannot be written/.test(words))
  const isIdle = state !== 'running' || ledger.received.total + ledger.recovered.total === 0
  const isWaiting = condition === 'degraded' || ledger.dropped.total + ledger.rejected.total > 0 ||
    Object.values(routes).some(route => (route.state === 'paused' || route.state === 'blocked') && route.pendingRecords > 0)
  element.className = `sentence ${isLosing ? 'loses' : isWaiting ? 'waits' : isIdle ? 'idle' : ''}`
  setText(element, sentence)
  speak(sentence)
  drawAbout(byId('about'), [`${version}, ${state} for ${duration(uptimeSeconds)}`, task.words, containersIn(metrics)], task.links)
  byId('about').title = `since ${startedAt}`
  const list = byId('reasons')
  // The sentence may have been too short for what is to do.
  const all = [unsaid(sentence, reasons[0] ?? ''), ...reasons.slice(1), ...warnings].filter(words => words !== '')
  list.hidden = all.length === 0
  if (list.textContent !== all.join('')) list.replaceChildren(...all.map(words => make('li', '', words)))
}

/** Has it read aloud when it says something else, not when its numbers grow. @param {string} sentence */
function speak (sentence) {
  const spoken = byId('spoken')
  const about = sentence.replace(/[\d,.]+/g, '')
  if (spoken.dataset['about'] === about) return
  spoken.dataset['about'] = about
  setText(spoken, sentence)
}

/** What a sentence that begins as a reason does leaves out of it. @param {string} sentence @param {string} reason */
function unsaid (sentence, reason) {
  let end = 0
  while (end < reason.length && reason[end]?.toLowerCase() === sentence[end]?.toLowerCase()) end++
  // Of another one, a few letters may be the same.
  return end < 20 ? reason : reason.slice(end).replace(/^[:;.\s]+/, '')
}

/** @param {HTMLElement} element @param {readonly string[]} words @param {PageStatus['task']['links']} links */
function drawAbout (element, words, links) {
  setText(part(element, '.words'), words.filter(each => each !== '').join(' · '))
  keepLinks(part(element, '.links'), links)
}

/** Whose lines were counted, as far as the page draws it. @param {PageStatus['metrics']} metrics */
function containersIn (metrics) {
  const names = new Set(Object.values(metrics).flatMap(all => all.map(({ labels }) => labels['container'] ?? '')))
  names.delete('')
  if (names.size === 0) return ''
  return `${names.size === 1 ? 'container' : 'containers'} ${[...names].sort().map(printable).join(', ')}`
}

document.addEventListener('visibilitychange', () => {
  if (document.hidden) tail.close()
  else void look()
})

const help = /** @type {HTMLDialogElement} */ (byId('help'))
byId('keys').addEventListener('click', () => help.showModal())

document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey || help.open) return
  const target = /** @type {HTMLElement} */ (event.target)
  if (event.key === 'Escape') {
    if (!tail.closeDetails()) target.blur()
    return
  }
  if (target instanceof HTMLInputElement) return
  const isControl = target.closest('button, a, summary') !== null
  switch (event.key) {
    case '/': byId('filter').focus(); break
    case ' ':
      if (isControl) return
      tail.togglePause()
      break
    case 'j': tail.move(1); break
    case 'k': tail.move(-1); break
    case '?': help.showModal(); break
    default: return
  }
  event.preventDefault()
})

byId('not-the-token').hidden = location.hash !== '#not-the-token'
void look()
