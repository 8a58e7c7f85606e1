import { tryLinearPattern, unicodeMark } from '../pattern.ts'

/** The end of the text, not of a line in it. */
const atEnd = '(?-m:$)'

/**
 * The same pattern for the engine that rules run, which neither looks ahead nor ignores case, but looks behind: what a
 * line has to have, or not, is then asked at its end. Of a joined trace each line is asked. undefined: there is none.
 *
 * Source: https://v8.dev/blog/non-backtracking-regexp
 */
export function linearOf (pattern: string): string | undefined {
  if (tryLinearPattern(pattern) !== undefined) return pattern
  const tokens = withoutCaptures(pattern)
  const plain = tokens === undefined ? undefined : withoutCase(tokens)
  const found = plain === undefined ? undefined : withoutAheads(plain)
  return found !== undefined && tryLinearPattern(found) !== undefined ? found : undefined
}

/** A pattern for texts in which all of these match, in whatever order. */
export function allPatterns (patterns: readonly string[]): string | undefined {
  const parts = patterns.map(withoutCaptures)
  return parts.includes(undefined) ? undefined : parts.map(tokens => `(?<=(?:${(tokens ?? []).join('')})[^]*)`).join('')
}

const tokenPattern = /\\(?:u[\da-fA-F]{4}|x[\da-fA-F]{2}|c.|k<[^>]*>|\d+|.)|\[(?:\\.|[^\]\\])*\]|\(\?(?:<?[=!]|<[^>]*>|[a-z]*(?:-[a-z]+)?:)|./gs

/** Nothing is taken out of a match, and V8's engine has no such groups where it looks behind. */
function withoutCaptures (pattern: string): readonly string[] | undefined {
  const tokens = pattern.match(tokenPattern) ?? []
  if (pattern.startsWith(unicodeMark) || tokens.some(token => /^\\(?:[1-9]|k<)/.test(token))) return undefined
  return tokens.map(token => token === '(' || /^\(\?<[^=!]/.test(token) ? '(?:' : token)
}

/** `(?i:a)` becomes `(?:[aA])`. undefined: there are letters beyond ASCII, or the flag is taken away again. */
function withoutCase (tokens: readonly string[]): readonly string[] | undefined {
  const open: boolean[] = []
  const written: string[] = []
  for (const token of tokens) {
    const isIgnored = open.at(-1) ?? false
    const [, on = '', off = ''] = /^\(\?([a-z]*)(?:-([a-z]+))?:$/.exec(token) ?? []
    if (off.includes('i') || (isIgnored && /[^\0-\x7f]|\\[uxc]/.test(token))) return undefined
    if (token.startsWith('(')) open.push(isIgnored || on.includes('i'))
    else if (token === ')') open.pop()
    const both = isIgnored && token.startsWith('[') ? classInBothCases(token) : isIgnored && /^[a-z]$/i.test(token) ? `[${token.toLowerCase()}${token.toUpperCase()}]` : token
    if (both === undefined) return undefined
    written.push(on.includes('i') ? `(?${on.replace('i', '')}${off === '' ? '' : `-${off}`}:` : both)
  }
  return written
}

/** `[a-f_]` becomes `[a-f_A-F]`. undefined: a range goes over more than letters of one case, or digits. */
function classInBothCases (token: string): string | undefined {
  const items = token.slice(1, -1).replace(/\\./gs, '\0')
  const isPlain = [...items.matchAll(/(.)-(.)/gs)].every(([range]) => /[a-z]-[a-z]|[A-Z]-[A-Z]|\d-\d/.test(range))
  const letters = items.match(/[a-z]-[a-z]|[A-Z]-[A-Z]|[a-z]/gi) ?? []
  const others = letters.map(each => each === each.toLowerCase() ? each.toUpperCase() : each.toLowerCase())
  return isPlain ? `${token.slice(0, -1)}${others.join('')}]` : undefined
}

/** `^(?!.*DEBUG).*card`: at the end no `^.*DEBUG` lies behind, and `^.*card` does. undefined: it looks elsewhere. */
function withoutAheads (tokens: readonly string[]): string | undefined {
  if (!tokens.some(isAhead)) return tokens.join('')
  const alternatives = alternativesOf(tokens)
  if (alternatives.length > 1) {
    const found = alternatives.map(withoutAheads)
    return found.includes(undefined) ? undefined : found.map(each => `(?:${each ?? ''})`).join('|')
  }
  if (tokens[0] === '(?:' && closeOf(tokens, 0) === tokens.length - 1) return withoutAheads(tokens.slice(1, -1))
  const start = tokens[0] === '^' ? '^' : ''
  const behind: string[] = []
  let index = start.length
  while (isAhead(tokens[index] ?? '')) {
    if (start === '') return undefined
    const close = closeOf(tokens, index)
    behind.push(`(?<${tokens[index]?.at(-1) ?? ''}^(?:${tokens.slice(index + 1, close).join('')})[^]*)`)
    index = close + 1
  }
  const rest = withoutLast(tokens.slice(index))
  if (rest === undefined || rest.some(isAhead)) return undefined
  const text = rest.join('')
  if (behind.length === 0) return `${start}${text}`
  return `${behind.join('')}${/^(?:\[\^\\n\]\*\$?)?$/.test(text) ? '' : `(?<=^(?:${text})[^]*)`}${atEnd}`
}

function isAhead (token: string): boolean {
  return token === '(?=' || token === '(?!'
}

function alternativesOf (tokens: readonly string[]): readonly (readonly string[])[] {
  let depth = 0
  const found: string[][] = [[]]
  for (const token of tokens) {
    if (token.startsWith('(')) depth++
    else if (token === ')') depth--
    if (depth === 0 && token === '|') found.push([])
    else found.at(-1)?.push(token)
  }
  return found
}

/** Index of what closes the group that opens at `index`. */
function closeOf (tokens: readonly string[], index: number): number {
  let depth = 0
  for (let at = index; at < tokens.length; at++) {
    if (tokens[at]?.startsWith('(') === true) depth++
    else if (tokens[at] === ')' && --depth === 0) return at
  }
  return tokens.length
}

/** `timeout(?!s)` ends in what is no `s`, or with the text; `a(?=b)` is `ab`. */
function withoutLast (tokens: readonly string[]): readonly string[] | undefined {
  const open = tokens.findIndex((token, index) => isAhead(token) && closeOf(tokens, index) === tokens.length - 1)
  if (open < 0) return tokens
  const inner = tokens.slice(open + 1, -1)
  if (tokens[open] === '(?=') return [...tokens.slice(0, open), '(?:', ...inner, ')']
  const isSingle = (token: string) => /^(?:\[.*\]|\\[dDwWsS\W]|[^\\()[\]{}*+?|.^$])$/s.test(token)
  if (inner.length === 0 || !inner.every(isSingle)) return undefined
  return [...tokens.slice(0, open), inner.reduceRight((next, token) => `(?:${atEnd}|${otherThan(token)}${next === '' ? '' : `|${token}${next}`})`, '')]
}

/** What matches each character that the token does not. */
function otherThan (token: string): string {
  if (/^\\[a-z]$/i.test(token)) return token === token.toLowerCase() ? token.toUpperCase() : token.toLowerCase()
  if (token.startsWith('[^')) return `[${token.slice(2)}`
  return token.startsWith('[') ? `[^${token.slice(1)}` : `[^${token}]`
}

// Tested in test/config/fluent-bit/linear.test.ts
