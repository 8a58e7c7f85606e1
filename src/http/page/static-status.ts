import type { HealthReport } from '../health.ts'
import { countOf } from '../../telemetry/words.ts'

const terms = ['received', 'recovered', 'made'] as const
const ends = ['delivered', 'filtered', 'rejected', 'dropped', 'joined', 'pending'] as const

/** The status in HTML, for a browser without JavaScript: the sentence, the routes, the ledger. */
export function staticStatus (health: HealthReport): string {
  const rows = Object.entries(health.routes).map(([name, { state, summary }]) =>
    `<tr><th scope="row">${escaped(name)}</th><td>${escaped(state)}</td><td>${escaped(summary)}</td></tr>`)
  const reasons = [...health.reasons, ...health.warnings].map(words => `<li>${escaped(words)}</li>`)
  const side = (names: readonly (keyof HealthReport['ledger'])[]) => names
    .map(name => `${name} ${(health.ledger[name] as { total: number }).total.toLocaleString('en-US')}`).join(' + ')
  return [
    `<p>${escaped(health.summary)}</p>`,
    reasons.length === 0 ? '' : `<ul>${reasons.join('')}</ul>`,
    `<table><thead><tr><th scope="col">route</th><th scope="col">state</th><th scope="col">what happens</th></tr></thead><tbody>${rows.join('')}</tbody></table>`,
    `<p>${side(terms)} ${health.ledger.isBalanced ? '=' : '≠'} ${side(ends)}</p>`,
    '<p>Numbers that move, and the live tail, need JavaScript. The same without a browser: <a href="/health">/health</a>, <a href="/metrics">/metrics</a>.</p>',
  ].join('\n')
}

/** One sentence for the top: what is wrong first, else that nothing is. */
export function sentenceOf ({ state, reasons, routes, ledger }: HealthReport): string {
  const [first, ...others] = reasons
  if (first !== undefined) {
    const waiting = Object.values(routes).filter(route => route.state === 'paused' || route.state === 'blocked')
      .reduce((sum, { pendingRecords }) => sum + pendingRecords, 0)
    const short = shortened(first)
    return [`${short.charAt(0).toUpperCase()}${short.slice(1)}.`, waiting === 0 ? '' : `${countOf(waiting, 'record')} ${waiting === 1 ? 'waits' : 'wait'}.`,
      others.length === 0 ? '' : `And ${others.length} more.`].filter(part => part !== '').join(' ')
  }
  if (state !== 'running') return state === 'starting' ? 'Sluice is starting.' : 'Sluice is stopping and delivers what it has.'
  return ledger.received.total + ledger.recovered.total === 0
    ? 'Nothing received yet.'
    : 'All lines are where they belong.'
}

/** What is wrong without the rest, which is what to do, where both are too much for one look. */
function shortened (words: string): string {
  return words.length <= 100 ? words : /^.{20,120}(?=[:;] )/.exec(words)?.[0] ?? words
}

/** Text that is text in HTML, also within an attribute. */
export function escaped (text: string): string {
  return text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`)
}

// Tested in test/http/page/routes.test.ts
