import { isUtf8 } from 'node:buffer'
import { appendJsonText } from '../bytes/json-escape.ts'
import { Scratch } from '../bytes/scratch.ts'

/** Bytes as text: UTF-8 as it is, any other byte as the four characters `\xhh`, as delivered text has it. */
export function asText (bytes: Buffer, start: number, end: number): string {
  if (isUtf8(bytes.subarray(start, end))) return bytes.toString('utf8', start, end)
  const scratch = new Scratch()
  appendJsonText(scratch, bytes, start, end)
  return JSON.parse(`"${scratch.buffer.toString('utf8', 0, scratch.end)}"`) as string
}

/** One line of text for a terminal: what a client sent must not move the cursor or turn the text around. */
export function printable (text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029]/gu, character => {
    const code = character.codePointAt(0) ?? 0
    if (character === '\t') return '\\t'
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
  })
}

/** Characters that a terminal gives two columns. Source: https://www.unicode.org/reports/tr11/ */
const wide = /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u

/** Cuts a line to `columns`, and says how many characters it had. */
export function clip (text: string, columns: number): string {
  // Most lines are short, and a long one is not worth counting to its end.
  if (text.length * 2 <= columns) return text
  const tail = ` … ${text.length.toLocaleString('en-US')} characters`
  let used = 0
  let kept = 0
  for (let at = 0; at < text.length;) {
    const character = String.fromCodePoint(text.codePointAt(at) ?? 0)
    used += wide.test(character) ? 2 : 1
    if (used > columns) return `${text.slice(0, kept)}${tail}`
    at += character.length
    if (used <= columns - tail.length) kept = at
  }
  return text
}
