import { createJsonWalker, notAnObject, type JsonWalker } from '../../src/bytes/json-walker.ts'
import { createKeyTable } from '../../src/bytes/key-table.ts'
import { Redactor } from '../../src/redact/redactor.ts'
import { usualRedaction } from './usual-redaction.ts'

const usual = new Redactor(usualRedaction)
const walks = new Map<Redactor, JsonWalker>()

/**
 * The line after redaction. Of one of JSON it is checked that it still is one, and that the same becomes of it where
 * the walk over it has said what to look for.
 */
export function redactedLine (line: string, by = usual, isJson = isObject(line)): string {
  const bytes = Buffer.from(line)
  const redact = (hints?: number) => by.redact(bytes, 0, bytes.length, isJson, hints)
    ? by.buffer.toString('utf8', by.start, by.end)
    : line
  const result = redact()
  if (!isJson) return result
  JSON.parse(result)
  if (walkOf(by)(bytes, 0, bytes.length) === notAnObject) throw new Error(`no object: ${line}`)
  const hinted = redact(by.watch.hints)
  if (hinted !== result) throw new Error(`with hints ${by.watch.hints}: ${hinted}, without: ${result}`)
  return result
}

/** The walk that tells this redactor what to look for. */
export function walkOf (by: Redactor): JsonWalker {
  const walk = walks.get(by) ?? createJsonWalker({ keys: createKeyTable([]), watch: by.watch })
  walks.set(by, walk)
  return walk
}

function isObject (line: string): boolean {
  try {
    return line.startsWith('{') && typeof JSON.parse(line) === 'object'
  } catch {
    return false
  }
}
