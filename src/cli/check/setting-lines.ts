import type { EffectiveLine } from '../../config/effective-settings.ts'
import { wrap } from '../wrap.ts'

/** The column of the origins starts here at the latest, so that it stays visible. */
const maxColumn = 60
const gap = '  # '

/** A line of YAML, and what `check` says of it behind a `#`. */
export interface SettingLine {
  readonly text: string
  readonly comment: string
  readonly isDefault: boolean
}

/**
 * The settings with their origins in a column, no wider than a terminal has room for. YAML reads them the same: a list
 * goes on in the next line, and what is no list has its origin there.
 */
export function settingLines (lines: readonly EffectiveLine[], columns: number): SettingLine[] {
  const widest = (texts: readonly string[]) => Math.max(...texts.map(({ length }) => length))
  const roomForText = columns - gap.length - widest(lines.map(({ origin = '' }) => origin))
  const column = Math.max(0, Math.min(maxColumn, roomForText, widest(lines.map(({ text }) => text))))
  return lines.flatMap(({ text, origin, isDefault }) => {
    if (origin === undefined) return [{ text, comment: '', isDefault }]
    const comment = (length: number) => `${' '.repeat(Math.max(0, column - length))}${gap}${origin}`
    const fits = (line: string) => line.length + comment(line.length).length <= columns
    if (fits(text)) return [{ text, comment: comment(text.length), isDefault }]
    const indent = ' '.repeat(text.search(/\S/))
    const own = { text: '', comment: `${indent}${gap}${origin}`, isDefault }
    // Of two spaces, a line that ends between them would keep one.
    if (!text.endsWith(']') || text.trimStart().includes('  ')) return [{ text, comment: '', isDefault }, own]
    const [first = '', ...more] = wrap(text.trimStart(), columns - indent.length - gap.length)
    const all = [`${indent}${first}`, ...more.map(each => `${indent}    ${each}`)]
    const last = all.pop() ?? ''
    const before = all.map(each => ({ text: each, comment: '', isDefault }))
    return fits(last)
      ? [...before, { text: last, comment: comment(last.length), isDefault }]
      : [...before, { text: last, comment: '', isDefault }, own]
  })
}

// Tested in test/cli/check.test.ts
