import { isPattern, unicodeMark } from '../pattern.ts'
import { oniguruma } from './oniguruma.ts'

/** Translating takes time that grows with the square of the length: this takes 40 ms. */
const maxLength = 2048
/** A call of a group (`\g<name>`) puts in a copy of it, so that a chain of calls doubles with each. */
const maxCalls = 4

/** In Ruby's syntax these three are ASCII alone. Source: https://github.com/k-takata/Onigmo/blob/master/doc/RE */
const asciiFlags = 'DSW'

/**
 * A pattern of Fluent Bit (Onigmo, in Ruby's syntax) as one of ours, which matches the same records; undefined where
 * there is none: what is no pattern there either, conditionals, `\G`, options that only Onigmo has.
 */
export function patternOfRuby (ruby: string): string | undefined {
  const [, text = ruby, options = ''] = /^\/(.*)\/([imxo]*)$/s.exec(ruby) ?? []
  if (text.length > maxLength || text.split('\\g').length - 1 > maxCalls) return undefined
  try {
    const pattern = translated(text, options.replaceAll('o', ''))
    return isPattern(pattern) ? pattern : undefined
  } catch {
    // Every error of the library is about the pattern; the caller says that there is none.
    return undefined
  }
}

function translated (text: string, options: string): string {
  // Ruby's `^` and `$` are those of any line, as ours are; with `\A` or `\z` beside them both have to be spelled out.
  const isOfLines = !/\\[AzZ]/.test(text)
  const { pattern, flags } = oniguruma().toRegExpDetails(text, {
    // What would need more than a RegExp is an error.
    avoidSubclass: true, flags: `${asciiFlags}${options}`, rules: { singleline: isOfLines }, target: 'ES2025',
  })
  if (flags.includes('y')) throw new TypeError('a place in the text where the search begins is not known here')
  const whole = isOfLines ? pattern.replaceAll('(?=\\n?$)', '$') : pattern
  const modifiers = `${flags.replaceAll('v', '')}${isOfLines ? '' : '-m'}`
  const grouped = modifiers === '' ? whole : `(?${modifiers}:${whole})`
  return needsUnicode(whole) ? `${unicodeMark}${grouped}` : grouped
}

/**
 * Whether the pattern means something else without the flag `v`: properties, sets in classes, characters of two UTF-16
 * units. Where it does not, it is better off without: V8 has its linear engine for patterns without that flag alone.
 */
function needsUnicode (pattern: string): boolean {
  return /\\[pPq]|[\u{10000}-\u{10ffff}]|\[(?:[^\]\\]|\\.)*(?:\[|&&|--)/su.test(pattern)
}
