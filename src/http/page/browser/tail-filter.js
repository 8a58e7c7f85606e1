/** @import { TailLine } from '../../../contracts/tail.ts' */

const levels = ['emerg', 'alert', 'crit', 'error', 'warn', 'notice', 'info', 'debug']

/** @typedef {{ readonly isNot: boolean, readonly key: string, readonly value: string }} Term */

/** The words of a filter. @param {string} text @returns {readonly Term[]} */
export function termsOf (text) {
  return text.split(/\s+/).filter(word => word !== '' && word !== '-').map(word => {
    const isNot = word.startsWith('-')
    const rest = isNot ? word.slice(1) : word
    const [, key, value] = /^([A-Za-z_][\w.-]*):(.*)$/.exec(rest) ?? []
    return { isNot, key: key ?? '', value: (value ?? rest).toLowerCase() }
  })
}

/**
 * What this side asks for already, so that few of many lines are looked at: no more than the filter shows.
 *
 * @param {readonly Term[]} terms
 */
export function queryOf (terms) {
  const query = new URLSearchParams()
  const classTerm = terms.find(({ isNot, key, value }) => !isNot && key === 'class' && /^(access|error|app|invalid)$/.test(value))
  const level = terms.find(({ isNot, key, value }) => !isNot && key === 'level' && levels.includes(value))
  const text = terms.find(({ isNot, key }) => !isNot && key === '')
  if (classTerm !== undefined) query.set('class', classTerm.value)
  if (level !== undefined) query.set('level', level.value)
  if (text !== undefined) query.set('text', text.value)
  return query.toString()
}

/** Fields of a line: those of an error, or the members of a line that is JSON. @param {TailLine} line @returns {Readonly<Record<string, unknown>>} */
export function fieldsOf (line) {
  if (line.fields !== undefined) return line.fields
  for (const text of [...line.delivered, line.line]) {
    try {
      const value = JSON.parse(text)
      if (typeof value === 'object' && value !== null) return value
    } catch {
      // No JSON, or cut: it has no fields.
    }
  }
  return {}
}

/** @param {readonly Term[]} terms @param {TailLine} line */
export function isShown (terms, line) {
  return terms.every(term => term.isNot !== matches(term, line))
}

/** @param {Term} term @param {TailLine} line */
function matches ({ key, value }, line) {
  if (key === '') return line.line.toLowerCase().includes(value)
  if (key === 'level') {
    return line.level !== undefined && (levels.includes(value) ? levels.indexOf(line.level) <= levels.indexOf(value) : line.level.startsWith(value))
  }
  const own = key === 'repairs' ? line.repairs.join(' ') : /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (line))[key]
  const fields = fieldsOf(line)
  const found = own ?? fields[key] ?? (key === 'path' ? fields['request_path'] ?? fields['uri'] ?? fields['request'] : undefined)
  if (found === undefined || found === null) return false
  const text = String(found).toLowerCase()
  return key === 'status' ? text.startsWith(value) : text.includes(value)
}
