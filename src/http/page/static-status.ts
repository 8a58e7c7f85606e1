import type { HealthReport } from '../health.ts'
import { incomingTerms, outgoingTerms } from '../../telemetry/ledger.ts'
import { countOf, numeral } from '../../telemetry/words.ts'

/** The status in HTML, for a browser without JavaScript: the sentence, the routes, the ledger. */
export function staticStatus (health: HealthReport): string {
  const rows = Object.entries(health.routes).map(([name, { state, summary }]) =>
    `<tr><th scope="row">${escaped(name)}</th><td>${escaped(state)}</td><td>${escaped(summary)}</td></tr>`)
  const reasons = [...health.reasons, ...health.warnings].map(words => `<li>${escaped(words)}</li>`)
  const side = (names: typeof incomingTerms | typeof outgoingTerms) =>
    names.map(name => `${name} ${numeral(health.ledger[name].total)}`).join(' + ')
  return [
    `<p>${escaped(health.summary)}</p>`,
    reasons.length === 0 ? '' : `<ul>${reasons.join('')}</ul>`,
    `<table><thead><tr><th scope="col">route</th><th scope="col">state</th><th scope="col">what happens</th></tr></thead><tbody>${rows.join('')}</tbody></table>`,
    `<p>${side(incomingTerms)} ${health.ledger.isBalanced ? '=' : '≠'} ${side(outgoingTerms)}</p>`,
    '<p>Numbers that move, and the live tail, need JavaScript. The same without a browser: <a href="/health">/health</a>, <a href="/metrics">/metrics</a>.</p>',
  ].join('\n')
}

/** One sentence for the top: what is wrong first, then what waits or was lost before, else that all is well. */
export function sentenceOf ({ state, reasons, routes, ledger, lostDeadLetters }: HealthReport): string {
  const [first, ...others] = reasons
  const held = Object.entries(routes).filter(([, route]) => route.state === 'paused' || route.state === 'blocked')
  const waiting = held.reduce((sum, [, { pendingRecords }]) => sum + pendingRecords, 0)
  if (first !== undefined) {
    const short = shortened(first)
    return [`${short.charAt(0).toUpperCase()}${short.slice(1)}.`, waiting === 0 ? '' : `${countOf(waiting, 'record')} ${waiting === 1 ? 'waits' : 'wait'}.`,
      others.length === 0 ? '' : `And ${others.length} more.`].filter(part => part !== '').join(' ')
  }
  if (state !== 'running') return state === 'starting' ? 'Sluice is starting.' : 'Sluice is stopping and delivers what it has.'
  if (waiting > 0) {
    const names = held.map(([name, { state, lastError }]) =>
      state === 'paused' && lastError !== null ? `${name} (${lastError.reason.replaceAll('_', ' ')})` : name).join(', ')
    return `${countOf(waiting, 'record')} ${waiting === 1 ? 'waits' : 'wait'}: ${names} ${held.length === 1 ? 'is' : 'are'} tried again.`
  }
  const lost = [['dropped', ledger.dropped.total], ['refused', ledger.rejected.total]] as const
  const words = lost.filter(([, count]) => count > 0).map(([word, count]) => `${countOf(count, 'record')} ${word}`)
  if (lostDeadLetters > 0) words.push(`${countOf(lostDeadLetters, 'dead letter')} lost`)
  if (words.length > 0) return `Nothing is wrong now. Since the start: ${words.join(', ')}; the log says why.`
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
