import { isUtf8 } from 'node:buffer'
import { latin1Lines, readable } from '../../support/lines.ts'
import type { Witness } from './containers.ts'

/** Docker reads a container's stream into a buffer of this size; a longer line is sent in pieces. */
const pieceBytes = 16_384
/** A whole line of Apache, in both formats. */
const wholeAccess = /^\{"time":"[^"]*","type":"access",(?:(?!\{"time":").)*"pid":\d+\}$/
const partOfAccess = /"type":"access",|"trace_id":"/

/**
 * What Sluice is expected to understand of the lines. Each is turned on with the part that does it: until then, lines
 * are expected as they were written.
 */
export const understands = {
  /** Access lines come out as valid JSON with what the client sent. */
  repair: false,
  /** Traces of several lines are one record: lines of stderr are no longer compared one by one. */
  traces: false,
  /** php-fpm's access lines on stderr are of class `access`. */
  fpmAccess: false,
} as const

/** Lines of bytes, one character a byte. */
export type Delivered = Readonly<Partial<Record<'access' | 'health' | 'invalid' | 'app' | 'error', readonly string[]>>>

export interface Expected {
  readonly access: readonly string[]
  /** Parts of access lines, of which one came between another: the class is whatever they look like. */
  readonly torn: readonly string[]
  /** Container and text, so that a line of the wrong container is not found. */
  readonly app: readonly string[]
  readonly error: readonly string[]
  readonly counts: readonly StreamCounts[]
  /** Frames that Docker's driver sends for all of it. */
  readonly frameCount: number
  readonly emptyCount: number
  /** Pieces that are absorbed into their line. */
  readonly joinedCount: number
}

export interface StreamCounts {
  readonly container: string
  readonly stream: 'stdout' | 'stderr'
  readonly lines: number
  readonly bytes: number
  readonly empty: number
  readonly cut: number
  readonly invalidJson: number
  readonly access: number
  readonly torn: number
  readonly app: number
  readonly error: number
}

/** Whether Apache wrote this, whole. */
export function isAccessLine (line: string): boolean {
  return wholeAccess.test(line)
}

/** What must have been delivered, said from what the containers wrote, by rules of this file alone. */
export function expectedOf (witnesses: readonly Witness[]): Expected {
  const counts: StreamCounts[] = []
  const all = { access: [] as string[], torn: [] as string[], app: [] as string[], error: [] as string[] }
  let frameCount = 0
  let joinedCount = 0
  for (const { container, ...streams } of witnesses) {
    for (const stream of ['stdout', 'stderr'] as const) {
      const own = { access: [] as string[], torn: [] as string[], app: [] as string[], error: [] as string[] }
      const lines = latin1Lines(streams[stream])
      for (const line of lines) {
        const pieceCount = Math.floor(line.length / pieceBytes) + 1
        frameCount += pieceCount
        joinedCount += pieceCount - 1
        if (line === '') continue
        if (stream === 'stderr') own.error.push(`${container} ${textOf(line)}`)
        else if (isAccessLine(line)) own.access.push(line)
        else if (partOfAccess.test(line)) own.torn.push(line)
        // A JSON line of the application is delivered as it is, and does not say of which container.
        else own.app.push(jsonOf(line) === undefined ? `${container} ${textOf(line)}` : line)
      }
      all.access.push(...own.access)
      all.torn.push(...own.torn)
      all.app.push(...own.app)
      all.error.push(...own.error)
      counts.push({
        container,
        stream,
        lines: lines.length,
        bytes: streams[stream].length,
        empty: lines.filter(line => line === '').length,
        cut: lines.filter(line => line.length >= pieceBytes).length,
        access: own.access.length,
        invalidJson: own.access.filter(line => jsonOf(line) === undefined).length,
        torn: own.torn.length,
        app: own.app.length,
        error: own.error.length,
      })
    }
  }
  const emptyCount = counts.reduce((sum, each) => sum + each.empty, 0)
  return { ...all, counts, frameCount, emptyCount, joinedCount }
}

/** @returns a sentence for each thing that is wrong, with the first few lines of it */
export function differences (expected: Expected, delivered: Delivered): string[] {
  const access = [...delivered.access ?? [], ...delivered.health ?? []]
  const app = (delivered.app ?? []).map(appLine)
  const invalid = (delivered.invalid ?? []).map(rawLine)
  const found: string[] = []
  for (const line of expected.torn) {
    // In whatever class, but there.
    const isThere = taken(access, line) || taken(invalid, textOf(line)) ||
      app.some((each, index) => each.endsWith(` ${textOf(line)}`) && app.splice(index, 1).length > 0)
    if (!isThere) found.push(`torn line missing: ${line.slice(0, 200)}`)
  }
  if (understands.repair) {
    const known = new Set(expected.access)
    const valid = expected.access.filter(line => jsonOf(line) !== undefined)
    found.push(...compared('valid access lines', valid, access.filter(line => known.has(line))))
    if (access.length !== expected.access.length) {
      found.push(`access lines: expected ${expected.access.length}, found ${access.length}`)
    }
    const broken = access.filter(line => jsonOf(line) === undefined)
    found.push(...broken.map(line => `access line is no JSON: ${line.slice(0, 200)}`))
  } else {
    found.push(...compared('access lines', expected.access, access))
  }
  found.push(...compared('app lines', expected.app, app), ...compared('invalid lines', [], invalid))
  if (!understands.traces) found.push(...compared('error lines', expected.error, (delivered.error ?? []).map(errorLine)))
  return found
}

function taken (lines: string[], line: string): boolean {
  const index = lines.indexOf(line)
  if (index >= 0) lines.splice(index, 1)
  return index >= 0
}

function appLine (line: string): string {
  const { container = '', log } = jsonOf(line) as { readonly container?: string, readonly log?: string }
  return log === undefined ? line : `${container} ${log}`
}

function errorLine (line: string): string {
  const { c = '', m = '' } = jsonOf(line) as { readonly c?: string, readonly m?: string }
  return `${c} ${m}`
}

function rawLine (line: string): string {
  return (jsonOf(line) as { readonly raw?: string }).raw ?? ''
}

/** What bytes read as; quick where they are UTF-8. */
function textOf (line: string): string {
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

function compared (what: string, expected: readonly string[], found: readonly string[]): string[] {
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
