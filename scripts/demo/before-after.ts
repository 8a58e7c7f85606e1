import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

export interface BeforeAfter { readonly before: string, readonly after: string }
export interface JoinedTrace { readonly lines: readonly string[], readonly event: string }

/** Every line that was delivered below `directory` to objects or streams of a class. */
export function deliveredLines (directory: string, className: string): string[] {
  return globSync('**/*.{gz,ndjson}', { cwd: directory }).filter(name => name.includes(className)).sort().flatMap(name => {
    const content = readFileSync(join(directory, name))
    return (name.endsWith('.gz') ? gunzipSync(content) : content).toString().split('\n').slice(0, -1)
  })
}

/** The first line that was sent as no JSON and delivered as JSON: what tells it apart is the time of its request. */
export function repairedLine (sent: readonly string[], delivered: readonly string[]): BeforeAfter | undefined {
  for (const before of sent) {
    const time = /"time":"[^"]+"/.exec(before)?.[0]
    if (!before.startsWith('{') || time === undefined || isJson(before)) continue
    const after = delivered.find(line => line.includes(time))
    if (after !== undefined && isJson(after)) return { before, after }
  }
  return undefined
}

/** What was no JSON in `before` and what it became: `\\x01`, `\\u0001`; undefined where it was something else. */
export function repairedEscape ({ before, after }: BeforeAfter): readonly [string, string] | undefined {
  const [found, digits = ''] = /\\x([0-9a-f]{2})/i.exec(before) ?? []
  const became = `\\u00${digits}`
  return found !== undefined && after.includes(became) ? [found, became] : undefined
}

/** The lines of the first trace that came line by line, and the one event that was delivered of them. */
export function joinedTrace (events: readonly string[]): JoinedTrace | undefined {
  for (const event of events) {
    const { m, message } = JSON.parse(event) as { readonly m?: string, readonly message?: string }
    const lines = (m ?? message ?? '').split('\n')
    if (lines.some(line => line.startsWith('#0 ')) && lines.length > 3) return { lines, event }
  }
  return undefined
}

/** Each of the lines within the width of a terminal, the rest of it left out. */
export function within (lines: readonly string[], columns: number): string {
  return lines.map(line => `  ${line.length > columns - 2 ? `${line.slice(0, columns - 4)} …` : line}`).join('\n')
}

function isJson (text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
