import { excerpt } from '../mistake.ts'
import { entryOf, fillIn, type Command, type Entry, type ParsedFile, type Section, type Variables } from './sections.ts'

/**
 * Reads a configuration of Fluent Bit in its classic format. Never throws: a line that it does not know becomes a part
 * of kind `unknown`.
 *
 * Source: https://docs.fluentbit.io/manual/administration/configuring-fluent-bit/classic-mode/format-schema
 */
export function parseClassic (file: string, text: string, variables: Variables): ParsedFile {
  const parts: (Section | Command)[] = []
  const own = new Map(variables)
  let entries: Entry[] | undefined
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim()
    const where = `${file}:${index + 1}`
    if (line === '' || line.startsWith('#')) continue
    const header = /^\[([^\]]+)\]$/.exec(line)
    const [, key = '', value = ''] = /^(\S+)\s*(.*)$/.exec(line) ?? []
    if (header !== null) {
      entries = []
      parts.push({ name: (header[1] ?? '').trim().toUpperCase(), where, entries })
    } else if (key.toUpperCase() === '@INCLUDE') {
      parts.push({ kind: 'include', path: fillIn(value, own).text, where })
    } else if (key.toUpperCase() === '@SET') {
      const [, name = '', setValue = ''] = /^([^=\s]+)\s*=\s*(.*)$/.exec(value) ?? []
      own.set(name, { value: fillIn(setValue, own).text, isOwn: true })
    } else if (entries === undefined) {
      parts.push({ kind: 'unknown', text: excerpt(key), where })
    } else {
      entries.push(entryOf(key, value, where, own))
    }
  }
  return { parts, variables: own }
}
