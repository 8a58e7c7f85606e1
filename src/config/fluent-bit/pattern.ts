import { isPattern } from '../pattern.ts'

/** Shorthands of Ruby's syntax that JavaScript does not have, or has with another meaning. */
const shorthands: Readonly<Record<string, string>> = {
  A: '(?<![\\s\\S])',
  z: '(?![\\s\\S])',
  Z: '(?=\\n?(?![\\s\\S]))',
  h: '[0-9a-fA-F]',
  H: '[^0-9a-fA-F]',
}

/** What a class in brackets may hold in Ruby's syntax. Source: https://github.com/k-takata/Onigmo/blob/master/doc/RE */
const posixClasses: Readonly<Record<string, string>> = {
  alnum: 'A-Za-z0-9',
  alpha: 'A-Za-z',
  blank: ' \\t',
  cntrl: '\\x00-\\x1f\\x7f',
  digit: '0-9',
  graph: '\\x21-\\x7e',
  lower: 'a-z',
  print: '\\x20-\\x7e',
  punct: '!-\\/:-@\\[-`{-~',
  space: '\\s',
  upper: 'A-Z',
  word: '\\w',
  xdigit: '0-9A-Fa-f',
}

/**
 * A pattern of Fluent Bit (Onigmo, in Ruby's syntax) as one of ours (JavaScript, with `patternFlags`), with the same
 * meaning on a line; undefined where there is none: atomic groups, possessive quantifiers, `x`, Unicode properties.
 *
 * Ruby's `^` and `$` are those of any line, which our patterns' are too, and its dot matches no newline.
 */
export function patternOfRuby (ruby: string): string | undefined {
  const slashed = /^\/(.*)\/([imxo]*)$/s.exec(ruby)
  const [text, options] = slashed === null ? [ruby, ''] : [slashed[1] ?? '', slashed[2] ?? '']
  const inline = /^\(\?([im]+)\)/.exec(text)
  const rest = inline === null ? text : text.slice(inline[0].length)
  const flags = new Set(`${options}${inline?.[1] ?? ''}`)
  if (flags.has('x') || hasNoCounterpart(rest)) return undefined
  const translated = translate(rest)
  // Ruby's m is JavaScript's s. A group gives flags to what it holds.
  // Source: https://tc39.es/ecma262/2025/ (modifiers of regular expressions)
  const given = `${flags.has('i') ? 'i' : ''}${flags.has('m') ? 's' : ''}`
  const pattern = given === '' ? translated : `(?${given}:${translated})`
  return isPattern(pattern) ? pattern : undefined
}

function hasNoCounterpart (text: string): boolean {
  // Escapes and classes are put aside: what is left of them means nothing here.
  const bare = text.replace(/\\[^pPGKRXg]/gs, '').replace(/\[(?:[^\]\\]|\\.)*\]/gs, '[]')
  // Within a class these would be classes of their own, or mean a place.
  if (/\[(?:[^\]\\]|\\.)*(?:\\[AzZhH]|&&)/s.test(text)) return true
  return /\(\?>|\(\?[a-z]*x|\(\?[imx]+\)|[*+?}]\+|\\[pPGKRXg]|\(\?#|\(\?~/.test(bare)
}

function translate (text: string): string {
  return text
    .replace(/\[:(\^?)(\w+):\]/g, (whole, negated: string, name: string) =>
      negated === '' ? posixClasses[name] ?? whole : whole)
    .replace(/\\(.)/gs, (whole, letter: string) => shorthands[letter] ?? whole)
}
