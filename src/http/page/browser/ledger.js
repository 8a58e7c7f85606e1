import { make, row } from './elements.js'
import { whole } from './words.js'

/** @import { PageStatus } from '../status.ts' */

const terms = /** @type {const} */ ([['received', 'received'], ['recovered', 'found on disk at the start'], ['made', 'made here: parts, copies, summaries']])
const ends = /** @type {const} */ ([
  ['delivered', 'delivered'], ['filtered', 'left out by a rule'], ['joined', 'joined to another line'],
  ['rejected', 'refused by the destination'], ['dropped', 'dropped'], ['pending', 'waiting'],
])

/** The equation with both sums. @param {HTMLElement} parent @param {PageStatus} status */
export function drawLedger (parent, { health: { ledger } }) {
  const side = (/** @type {readonly (readonly [keyof typeof ledger, string])[]} */ names) => {
    const values = names.map(([name]) => /** @type {{ total: number }} */ (ledger[name]).total)
    const rows = names.map(([name, words], index) => row(words, whole(values[index] ?? 0),
      (name === 'dropped' || name === 'rejected') && (values[index] ?? 0) > 0 ? 'row bad' : 'row'))
    return { rows, sum: values.reduce((sum, value) => sum + value, 0) }
  }
  const [left, right] = [side(terms), side(ends)]
  const isEqual = left.sum === right.sum
  parent.replaceChildren(
    make('ul', '', ...left.rows),
    make('p', isEqual ? 'equals' : 'equals bad', isEqual ? '=' : '≠'),
    make('ul', '', ...right.rows),
    make('ul', isEqual ? 'sum' : 'sum bad', row('in', whole(left.sum))),
    make('p', isEqual ? 'quiet' : 'bad', isEqual ? 'balanced' : 'unequal: a bug'),
    make('ul', isEqual ? 'sum' : 'sum bad', row('out, or waiting', whole(right.sum)))
  )
}
