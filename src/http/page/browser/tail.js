import { byId, make, setText } from './elements.js'
import { fieldsOf, isShown, queryOf, termsOf } from './tail-filter.js'
import { bytes, printable, readable, whole } from './words.js'

/** @import { TailLine } from '../../../contracts/tail.ts' */

/** Rows that are shown, and lines that are kept for another filter or while paused. */
const maxRows = 500
const maxKept = 2_000

/** The live tail: opened while somebody looks, and closed again. */
export class TailView {
  /** @type {EventSource | undefined} */
  #source
  /** @type {TailLine[]} */
  #kept = []
  /** @type {TailLine[]} */
  #fresh = []
  #terms = termsOf('')
  #query = ''
  #isPaused = false
  #isHovered = false
  #isRefused = false
  #missed = 0
  #missedBefore = 0
  #isScheduled = false
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #debounce
  #destinationOf

  /** @param {(route: string) => string} destinationOf */
  constructor (destinationOf) {
    this.#destinationOf = destinationOf
    const filter = /** @type {HTMLInputElement} */ (byId('filter'))
    filter.addEventListener('input', () => this.#filter(filter.value))
    byId('pause').addEventListener('click', () => this.togglePause())
    const lines = byId('lines')
    lines.addEventListener('mouseenter', () => { this.#isHovered = true; this.#tell() })
    lines.addEventListener('mouseleave', () => { this.#isHovered = false; this.#schedule() })
    lines.addEventListener('focusout', () => this.#schedule())
  }

  open () {
    if (this.#source !== undefined) return
    const source = new EventSource(`/page/tail?${this.#query}`)
    this.#source = source
    source.addEventListener('line', event => {
      this.#fresh.push(JSON.parse(event.data))
      if (this.#fresh.length > maxKept) {
        this.#missedBefore += this.#fresh.length - maxKept
        this.#fresh.splice(0, this.#fresh.length - maxKept)
      }
      this.#schedule()
    })
    source.addEventListener('missed', event => {
      this.#missed = Number(event.data)
      this.#tell()
    })
    source.addEventListener('open', () => {
      this.#isRefused = false
      this.#startCount()
    })
    source.addEventListener('error', () => {
      // Refused, it asks no more by itself: the next look of the page does.
      if (source.readyState === EventSource.CLOSED) {
        this.#isRefused = true
        this.#source = undefined
      }
      this.#tell()
    })
  }

  close () {
    this.#source?.close()
    this.#source = undefined
  }

  togglePause () {
    this.#isPaused = !this.#isPaused
    const button = byId('pause')
    button.setAttribute('aria-pressed', String(this.#isPaused))
    setText(button, this.#isPaused ? 'Go on' : 'Pause')
    this.#schedule()
  }

  /** @param {1 | -1} step */
  move (step) {
    const rows = /** @type {HTMLElement[]} */ ([...byId('rows').querySelectorAll('.line')])
    const at = rows.findIndex(row => row === document.activeElement)
    const next = rows[at === -1 ? (step === 1 ? 0 : rows.length - 1) : at + step]
    next?.focus()
  }

  /** Whether one was open. */
  closeDetails () {
    const open = byId('rows').querySelectorAll('.line[aria-expanded=true]')
    for (const row of open) this.#toggle(/** @type {HTMLElement} */ (row))
    return open.length > 0
  }

  #startCount () {
    this.#missedBefore += this.#missed
    this.#missed = 0
    this.#tell()
  }

  /** @param {string} text */
  #filter (text) {
    this.#terms = termsOf(text)
    const rows = byId('rows')
    rows.replaceChildren(...this.#kept.filter(line => isShown(this.#terms, line)).slice(-maxRows).map(line => this.#row(line)))
    this.#scroll()
    this.#tell()
    clearTimeout(this.#debounce)
    this.#debounce = setTimeout(() => {
      const query = queryOf(this.#terms)
      if (query === this.#query) return
      this.#query = query
      if (this.#source === undefined) return
      this.close()
      this.open()
    }, 400)
  }

  /** Draws what came since the last frame at once. */
  #schedule () {
    if (this.#isScheduled) return
    this.#isScheduled = true
    requestAnimationFrame(() => {
      this.#isScheduled = false
      if (!this.#isHeld) this.#show()
      this.#tell()
    })
  }

  #show () {
    const rows = byId('rows')
    const fresh = this.#fresh.splice(0)
    this.#kept.push(...fresh)
    this.#kept.splice(0, Math.max(0, this.#kept.length - maxKept))
    rows.append(...fresh.filter(line => isShown(this.#terms, line)).slice(-maxRows).map(line => this.#row(line)))
    while (rows.childElementCount > maxRows) rows.firstElementChild?.remove()
    this.#scroll()
  }

  /** Whoever reads a line, or has gone to one by key, keeps it: the oldest rows go when others come. */
  get #isHeld () {
    return this.#isPaused || this.#isHovered || byId('rows').querySelector('[aria-expanded=true], .line:focus-visible') !== null
  }

  #scroll () {
    const lines = byId('lines')
    lines.scrollTop = lines.scrollHeight
  }

  #tell () {
    const parts = []
    if (this.#isRefused) parts.push('not given the tail, trying again: eight may read it at a time')
    else if (this.#source?.readyState === EventSource.CONNECTING) parts.push('connecting')
    if (this.#isHeld) parts.push(`paused, ${whole(this.#fresh.length)} new`)
    const missed = this.#missed + this.#missedBefore
    if (missed > 0) parts.push(`${whole(missed)} more, too many to show; none of them is lost for that`)
    if (this.#kept.length === 0 && parts.length === 0) parts.push('waiting for the next line')
    setText(byId('tail-state'), parts.join(' · '))
  }

  /** @param {TailLine} line */
  #row (line) {
    const { time = '', container, level } = line
    const status = fieldsOf(line)['status']
    const word = level ?? (line.class === 'access' && status !== undefined ? String(status) : '')
    const button = make('button', line.filter === undefined ? 'line' : 'line left-out',
      make('span', '', time.slice(11, 23)),
      make('span', 'container', printable(container)),
      make('span', 'class', line.filter === undefined ? line.class ?? '' : 'left out'),
      make('span', colourOf(word), printable(word).slice(0, 8)),
      make('span', '', ...digestOf(line), ...marked(line.line === '' && line.route === undefined ? `(its text is not shown: ${line.filter ?? ''})` : printable(line.line))))
    button.title = time
    button.setAttribute('type', 'button')
    button.setAttribute('aria-expanded', 'false')
    button.addEventListener('click', () => this.#toggle(button, line))
    return make('li', '', button)
  }

  /** @param {HTMLElement} button @param {TailLine} [line] */
  #toggle (button, line) {
    const isOpen = button.getAttribute('aria-expanded') === 'true'
    button.setAttribute('aria-expanded', String(!isOpen))
    if (isOpen) button.nextElementSibling?.remove()
    else if (line !== undefined) button.after(this.#why(line))
    this.#schedule()
  }

  /** What became of it, as `sluice explain` says it. @param {TailLine} line */
  #why (line) {
    const { route, filter, reason, repairs, joined, delivered, deliveredBytes, failed } = line
    /** @type {[string, string][]} */
    const rows = [
      ['read', `${readable(line.line)}\n${bytes(line.bytes)}${joined > 0 ? `, ${whole(joined + 1)} lines joined` : ''}`],
      ['from', [line.container, line.stream, line.time ?? ''].filter(word => word !== '').map(readable).join(', ')],
      ['class', `${line.class ?? 'none'}, by rule ${line.rule ?? '(none)'}`],
    ]
    if (filter !== undefined) rows.push(['left out', `by ${filter}: it is counted, and goes nowhere`])
    if (failed !== undefined) rows.push(['failed', `the stage ${failed}: it went on as it came`])
    if (line.redactions.length > 0) rows.push(['redacted', line.redactions.join(', ')])
    if (repairs.length > 0) rows.push(['repaired', repairs.join(', ')])
    if (reason !== undefined) rows.push(['invalid', reason])
    for (const [name, value] of Object.entries(line.fields ?? {})) rows.push([name, readable(String(value))])
    if (route !== undefined) rows.push(['route', `${route} → ${this.#destinationOf(route)}`])
    if (!line.isAccepted) rows.push(['dropped', 'it, or a part of it, found no room'])
    if (delivered.length === 1 && delivered[0] === line.line) rows.push(['delivered', `as read, ${bytes(deliveredBytes)}`])
    else if (delivered.length > 0) rows.push(['delivered', `${delivered.map(readable).join('\n')}\n${bytes(deliveredBytes)} in the spool`])
    return make('dl', 'why', ...rows.flatMap(([name, value]) => [make('dt', '', name), make('dd', '', ...marked(value))]))
  }
}

/** What was asked for, before a line that is JSON. @param {TailLine} line */
function digestOf (line) {
  const { method, path, request } = fieldsOf(line)
  const words = [method, path ?? request].filter(word => typeof word === 'string').join(' ')
  return line.class !== 'access' || words === '' || line.line === '' ? [] : [make('b', '', printable(words).slice(0, 64)), ' ']
}

/** What was redacted, shown as such. @param {string} text */
function marked (text) {
  return text.split(/(\[redacted[^\]]{0,40}\])/i).map((part, index) => index % 2 === 1 ? make('mark', '', part) : part)
}

/** @param {string} word */
function colourOf (word) {
  if (/^(emerg|alert|crit|error)$|^5/.test(word)) return 'bad'
  return /^warn$|^4/.test(word) ? 'amber' : 'quiet'
}
