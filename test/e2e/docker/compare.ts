import { latin1Lines } from '../../support/lines.ts'
import { repairOracle } from '../../support/repair-oracle.ts'
import type { Witness } from './containers.ts'
import { fpmAccessText, isFpmAccess } from './errors.ts'
import { compared, jsonOf, textOf } from './text.ts'

/** Docker reads a container's stream into a buffer of this size; a longer line is sent in pieces. */
const pieceBytes = 16_384
/** A whole line of Apache, in both formats. */
const wholeAccess = /^\{"time":"[^"]*","type":"access",(?:(?!\{"time":").)*"pid":\d+\}$/
const partOfAccess = /"type":"access",|"trace_id":"/
/** Another line begins within this one: no value holds an unescaped quote. */
const tornHead = /^\{"time":".*\{"time":"/

/** Lines of bytes, one character a byte. */
export type Delivered = Readonly<Record<'access' | 'invalid' | 'app' | 'error', readonly string[]>>

export interface Expected {
  readonly access: readonly string[]
  /** Parts of access lines, of which one came between another. */
  readonly torn: readonly string[]
  /** Access lines of php-fpm, as `fpmAccessText` has them. */
  readonly fpmAccess: readonly string[]
  /** Container and text, so that a line of the wrong container is not found. */
  readonly app: readonly string[]
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
  readonly fpmAccess: number
  readonly error: number
}

/** Whether Apache wrote this, whole. */
export function isAccessLine (line: string): boolean {
  return wholeAccess.test(line)
}

/** What must have been delivered, said from what the containers wrote, by rules of this file alone. */
export function expectedOf (witnesses: readonly Witness[]): Expected {
  const counts: StreamCounts[] = []
  const all = { access: [] as string[], torn: [] as string[], fpmAccess: [] as string[], app: [] as string[] }
  let frameCount = 0
  let joinedCount = 0
  for (const { container, ...streams } of witnesses) {
    for (const stream of ['stdout', 'stderr'] as const) {
      const own = { access: [] as string[], torn: [] as string[], fpmAccess: [] as string[], app: [] as string[] }
      let errorCount = 0
      const lines = latin1Lines(streams[stream])
      for (const line of lines) {
        const pieceCount = Math.floor(line.length / pieceBytes) + 1
        frameCount += pieceCount
        joinedCount += pieceCount - 1
        if (line === '') continue
        if (stream === 'stderr' && isFpmAccess(line)) own.fpmAccess.push(fpmAccessText(line))
        else if (stream === 'stderr') errorCount++
        else if (isAccessLine(line)) own.access.push(line)
        else if (partOfAccess.test(line)) own.torn.push(line)
        // A JSON line of the application is delivered as it is, and does not say of which container.
        else own.app.push(jsonOf(line) === undefined ? `${container} ${textOf(line)}` : line)
      }
      all.access.push(...own.access)
      all.torn.push(...own.torn)
      all.fpmAccess.push(...own.fpmAccess)
      all.app.push(...own.app)
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
        fpmAccess: own.fpmAccess.length,
        error: errorCount,
      })
    }
  }
  const emptyCount = counts.reduce((sum, each) => sum + each.empty, 0)
  return { ...all, counts, frameCount, emptyCount, joinedCount }
}

/** @returns a sentence for each thing that is wrong with what is not error, with the first few lines of it */
export function differences (expected: Expected, delivered: Delivered): string[] {
  const app = delivered.app.map(appLine)
  const torn = delivered.invalid.map(line => jsonOf(line) as { readonly raw: string, readonly reason: string })
    .map(({ raw, reason }) => `${reason}: ${raw}`)
  const heads = expected.torn.filter(line => tornHead.test(line))
  // The end of a line that another came into begins anywhere: a line of its own, whatever it looks like, but there.
  for (const line of expected.torn.filter(line => !tornHead.test(line))) {
    const isThere = app.some((each, index) => each.endsWith(` ${textOf(line)}`) && app.splice(index, 1).length > 0)
    if (!isThere) heads.push(line)
  }
  const valid = expected.access.filter(line => jsonOf(line) !== undefined)
  const broken = expected.access.filter(line => jsonOf(line) === undefined)
  const known = new Set(valid)
  const others = delivered.access.filter(line => !known.has(line)).map(line => jsonOf(line))
  const isFpm = (value: object | undefined) => value !== undefined && !('type' in value)
  return [
    ...compared('torn lines', heads.map(line => `torn: ${textOf(line)}`), torn),
    ...compared('valid access lines', valid, delivered.access.filter(line => known.has(line))),
    ...compared('repaired access lines', broken.map(repaired), others.filter(value => !isFpm(value)).map(value => JSON.stringify(value))),
    ...compared('access lines of php-fpm', expected.fpmAccess, others.filter(isFpm).map(fpmText)),
    ...compared('app lines', expected.app, app),
  ]
}

/** A broken line as it has to come out, by the slow and independent way. */
function repaired (line: string): string {
  const result = repairOracle(Buffer.from(line, 'latin1'))
  return 'value' in result ? JSON.stringify(result.value) : `${result.reason}: ${line}`
}

function fpmText (value: object | undefined): string {
  const { time = '', request = '', status = '' } = value as Readonly<Record<string, unknown>>
  return `${String(time)} ${String(request)} ${String(status)}`
}

function appLine (line: string): string {
  const { container = '', log } = jsonOf(line) as { readonly container?: string, readonly log?: string }
  return log === undefined ? line : `${container} ${log}`
}
