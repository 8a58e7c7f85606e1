import type { TailLine } from '../../contracts/tail.ts'
import { printable } from '../text.ts'
import type { Paint } from '../paint.ts'

/** One record as one line for a terminal, as on the page: what a client sent is text there, and nothing else. */
export function tailText ({ time = '', container, class: name, level, filter, route, line, joined }: TailLine, paint: Paint): string {
  const status = name === 'access' ? /"status"\s*:\s*"?(\d{3})\b/.exec(line)?.[1] : undefined
  const word = level ?? status ?? ''
  const what = filter === undefined ? name ?? '' : `left out by ${filter}`
  const about = [time.slice(11, 23), printable(container), what, route === undefined || route === name ? '' : route]
  const more = joined > 0 ? paint('dim', ` (${joined + 1} lines)`) : ''
  const head = paint('dim', about.filter(text => text !== '').join(' '))
  const text = line === '' && filter !== undefined ? '(its text is not shown)' : line.split('\n').map(printable).join(' ⏎ ')
  return `${head} ${word === '' ? '' : `${colour(word, paint)} `}${text}${more}\n`
}

function colour (word: string, paint: Paint): string {
  if (/^(?:emerg|alert|crit|error|5\d\d)$/.test(word)) return paint('red', word)
  return /^(?:warn|4\d\d)$/.test(word) ? paint('yellow', word) : paint('cyan', word)
}

/** JSON in which nothing acts on a terminal: characters that JSON leaves as they are become `\uhhhh`. */
export function harmlessJson (json: string): string {
  return json.replace(/[\x7f-\x9f]|[\p{Cf}\p{Co}\u2028\u2029]/gu, character =>
    Array.from({ length: character.length }, (_none, index) =>
      `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`).join(''))
}

// Tested in test/cli/tail.test.ts
