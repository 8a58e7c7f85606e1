import { tryLinearPattern } from '../pattern.ts'
import { errorLevels, levelWords, type ErrorLevel } from '../../contracts/levels.ts'
import { parseNetwork, type Network } from '../network.ts'
import { suggest } from '../suggest.ts'
import { meantDuration, parseDuration } from '../units.ts'
import type { MatchField } from './fields.ts'

export type Sign = '<' | '<=' | '>' | '>='

/** One value that a field is compared with. */
export type Condition =
  | { readonly kind: 'equal', readonly text: string }
  /** What stands between its `*`. */
  | { readonly kind: 'glob', readonly parts: readonly string[] }
  | { readonly kind: 'pattern', readonly pattern: RegExp }
  /** Of a duration: ms. Of a level: its place among all, the worst is 0. */
  | { readonly kind: 'compare', readonly sign: Sign, readonly number: number }
  | { readonly kind: 'network', readonly network: Network }

export interface NoCondition { readonly kind: 'mistake', readonly detail?: string, readonly meant?: string | undefined }

/** Reads one value of a condition as it is written. */
export function parseCondition (field: MatchField, text: string): Condition | NoCondition {
  const [, sign, rest = ''] = /^(<=|>=|<|>)\s*(.+)$/s.exec(text) ?? []
  if (sign !== undefined) return parseComparison(field, sign as Sign, rest)
  switch (field.kind) {
    case 'word': return field.words?.includes(text) === true ? { kind: 'equal', text } : mistake(suggest(text, field.words ?? []))
    case 'level': {
      const level = levelOf(text)
      return level === undefined ? mistake(suggest(text, errorLevels)) : { kind: 'equal', text: level }
    }
    case 'number': return /^[\d*.-]+$/.test(text) ? globOrEqual(text) : mistake(/^[1-5]xx$/i.test(text) ? `${text.charAt(0)}*` : undefined)
    case 'duration': return mistake(parseDuration(text) === undefined ? undefined : `>${text}`)
    case 'client': {
      const network = parseNetwork(text)
      if (network !== undefined && text.includes('/')) return { kind: 'network', network }
      return text.includes('/') && !text.startsWith('~') ? mistake() : parseText(text)
    }
    case 'text': return parseText(text)
  }
}

function parseText (text: string): Condition | NoCondition {
  if (!text.startsWith('~')) return globOrEqual(text)
  const source = text.slice(1).trimStart()
  const pattern = source === '' ? undefined : tryLinearPattern(source)
  if (pattern !== undefined) return { kind: 'pattern', pattern }
  return { kind: 'mistake', detail: 'it is no regular expression that runs in linear time (no look-ahead, no references back)' }
}

function globOrEqual (text: string): Condition {
  return text.includes('*') ? { kind: 'glob', parts: text.split('*') } : { kind: 'equal', text }
}

function parseComparison ({ kind }: MatchField, sign: Sign, text: string): Condition | NoCondition {
  if (kind === 'duration') {
    const number = parseDuration(text)
    const meant = meantDuration(text)
    return number === undefined ? mistake(meant === undefined ? undefined : `${sign}${meant}`) : { kind: 'compare', sign, number }
  }
  if (kind === 'level') {
    const level = levelOf(text)
    const near = suggest(text, errorLevels)
    if (level === undefined) return mistake(near === undefined ? undefined : `${sign}${near}`)
    // The worse, the lower its place.
    const turned = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const
    return { kind: 'compare', sign: turned[sign], number: errorLevels.indexOf(level) }
  }
  if (kind === 'word' || kind === 'client') return mistake()
  const number = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : NaN
  return Number.isNaN(number) ? mistake() : { kind: 'compare', sign, number }
}

/** The name of a level, by any of its names. */
export function levelOf (text: string): ErrorLevel | undefined {
  return levelWords.get(text.toLowerCase())
}

function mistake (meant?: string): NoCondition {
  return { kind: 'mistake', meant }
}

// Tested in test/config/rules/rules.test.ts
