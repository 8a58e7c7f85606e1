import { isPattern, unicodeMark } from '../pattern.ts'
import { oniguruma } from './oniguruma.ts'

/** The time to translate grows with the square of the length. This length takes 15 ms. */
const maxLength = 1024
/** Each call of a group (`\g<name>`) inserts a copy of it, so a chain of calls may double with each call. */
const maxCalls = 4

/** In Ruby's syntax `\d`, `\s` and `\w` are ASCII only. Source: https://github.com/k-takata/Onigmo/blob/master/doc/RE */
const asciiFlags = 'DSW'

/**
 * Translates a pattern of Fluent Bit (Onigmo, in Ruby's syntax) into one that matches the same records. undefined if
 * that is not possible: invalid patterns, conditionals, `\G`, options that only Onigmo has.
 */
export function patternOfRuby (ruby: string): string | undefined {
  const [, text = ruby, options = ''] = /^\/(.*)\/([imxo]*)$/s.exec(ruby) ?? []
  if (text.length > maxLength || text.split('\\g').length - 1 > maxCalls) return undefined
  try {
    const pattern = translated(text, options.replaceAll('o', ''))
    return pattern !== undefined && isPattern(pattern) ? pattern : undefined
  } catch {
    // The library throws for each pattern that it cannot translate. The caller reports it.
    return undefined
  }
}

function translated (text: string, options: string): string | undefined {
  // In Ruby `^` and `$` match at every line, as here. A pattern with `\A` or `\z` needs both kinds, spelled out.
  const isOfLines = !/\\[AzZ]/.test(text)
  const { pattern, flags } = oniguruma().toRegExpDetails(text, {
    // It then throws for what a plain RegExp cannot do.
    avoidSubclass: true, flags: `${asciiFlags}${options}`, rules: { singleline: isOfLines }, target: 'ES2025',
  })
  // `\G`: it matches only where the search begins.
  if (flags.includes('y')) return undefined
  const whole = isOfLines ? pattern.replaceAll('(?=\\n?$)', '$') : pattern
  const modifiers = `${flags.replaceAll('v', '')}${isOfLines ? '' : '-m'}`
  const grouped = modifiers === '' ? whole : `(?${modifiers}:${whole})`
  return needsUnicode(whole) ? `${unicodeMark}${grouped}` : grouped
}

/**
 * Whether the pattern needs the flag `v`: for properties, sets in classes, and characters of two UTF-16 units. Others
 * go without, since V8's linear engine cannot run patterns with that flag.
 */
function needsUnicode (pattern: string): boolean {
  return /\\[pPq]|[\u{10000}-\u{10ffff}]|\[(?:[^\]\\]|\\.)*(?:\[|&&|--)/su.test(pattern)
}
