import { isUtf8 } from 'node:buffer'
import { readable } from '../../support/lines.ts'

/** What bytes read as; quick where they are UTF-8. */
export function textOf (line: string): string {
  const bytes = Buffer.from(line, 'latin1')
  return isUtf8(bytes) ? bytes.toString() : readable(line)
}

/** The object in a line, or undefined. */
export function jsonOf (line: string): object | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    const value: unknown = JSON.parse(textOf(line))
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    // Not JSON, which is an answer.
    return undefined
  }
}

function countsOf (lines: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1)
  return counts
}

/** @returns a sentence for what is missing and one for what is too much, with the first few lines of each */
export function compared (what: string, expected: readonly string[], found: readonly string[]): string[] {
  const left = countsOf(expected)
  const surplus: string[] = []
  for (const line of found) {
    const count = left.get(line) ?? 0
    if (count === 0) surplus.push(line)
    else left.set(line, count - 1)
  }
  const missing = [...left].flatMap(([line, count]) => Array.from({ length: count }, () => line))
  const say = (kind: string, lines: readonly string[]) => lines.length === 0
    ? []
    : [`${what}: ${lines.length} ${kind}`, ...lines.slice(0, 3).map(line => `    ${JSON.stringify(line.slice(0, 300))}`)]
  return [...say('missing', missing), ...say('not expected', surplus)]
}
