/** Numbers and times as people read them. */

/** @param {number} value */
export const whole = value => Math.round(value).toLocaleString('en-US')

/** A rate that is read at a glance: `0`, `0.3`, `12`, `1,200`. @param {number} perSecond */
export function rate (perSecond) {
  if (perSecond <= 0) return '0/s'
  return `${perSecond < 10 ? Math.max(perSecond, 0.1).toFixed(1) : whole(perSecond)}/s`
}

/** @param {number} count */
export function bytes (count) {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB']
  const index = Math.min(units.length - 1, count < 1 ? 0 : Math.floor(Math.log(count) / Math.log(1024)))
  const value = count / 1024 ** index
  return `${index === 0 || value >= 10 ? whole(value) : value.toFixed(1)} ${units[index]}`
}

/** @param {number} seconds */
export function duration (seconds) {
  if (seconds < 1) return `${Math.round(seconds * 1_000)} ms`
  if (seconds < 60) return `${Math.floor(seconds)} s`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h ${Math.floor(seconds % 3_600 / 60)} min`
  return `${Math.floor(seconds / 86_400)} d ${Math.floor(seconds % 86_400 / 3_600)} h`
}

/** One line of text in which nothing is hidden or turned around: what a client sent must not change what is read. @param {string} text */
export function printable (text) {
  return text.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029]/gu, character => {
    const code = character.codePointAt(0) ?? 0
    if (character === '\t') return '  '
    if (character === '\n') return ' ⏎ '
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
  })
}

/** The same, with its lines as lines. @param {string} text */
export function readable (text) {
  return text.split('\n').map(printable).join('\n')
}

/** How long ago a time was, by the clock that said both. @param {string} at @param {number} nowMs */
export function ago (at, nowMs) {
  const seconds = Math.max(0, (nowMs - Date.parse(at)) / 1_000)
  return seconds < 1 ? 'now' : `${duration(seconds)} ago`
}

/** @param {number} count @param {number} total */
export function share (count, total) {
  const percent = total === 0 ? 0 : 100 * count / total
  return percent > 0 && percent < 1 ? '< 1 %' : `${Math.round(percent)} %`
}
