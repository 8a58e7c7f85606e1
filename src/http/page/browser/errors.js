import { byId, keep, make, part, setText } from './elements.js'
import { ago, printable, whole } from './words.js'

/** @import { PageStatus } from '../status.ts' */

/** The most frequent errors; what one says is there for those only who may see lines. @param {PageStatus} status */
export function drawErrors ({ health: { errors }, examples, at, tail }) {
  const nowMs = Date.parse(at)
  byId('errors').hidden = errors.length === 0
  keep(byId('error-rows'), errors, ({ fingerprint }) => `error ${fingerprint}`, errorRow, (element, error) => {
    const { count, overcount, level, origin, container, fingerprint, firstAt, lastAt } = error
    setText(part(element, '.count'), `${overcount > 0 ? '≤ ' : ''}${whole(count)}`)
    const word = part(element, '.level')
    setText(word, level)
    word.className = `level ${/^(emerg|alert|crit|error)$/.test(level) ? 'bad' : level === 'warn' ? 'amber' : 'quiet'}`
    setTime(part(element, '.first'), firstAt, nowMs)
    setTime(part(element, '.last'), lastAt, nowMs)
    const example = examples[fingerprint]
    setText(part(element, '.says'), example === undefined ? `${origin} error ${fingerprint}` : printable(example))
    setText(part(element, '.where'), [printable(container), example === undefined ? '' : `${origin}, ${fingerprint}`].filter(each => each !== '').join(', '))
  })
  const note = byId('errors-note')
  note.hidden = tail === 'open'
  setText(note, 'What they say is shown with lines.')
}

/** @param {HTMLElement} element @param {string} at @param {number} nowMs */
function setTime (element, at, nowMs) {
  setText(element, at === '' ? '' : ago(at, nowMs))
  element.title = at
}

function errorRow () {
  return make('tr', '', make('td', 'number count'), make('td', 'level'), make('td', 'number first'), make('td', 'number last'),
    make('td', 'error', make('span', 'says'), ' ', make('span', 'quiet where')))
}
