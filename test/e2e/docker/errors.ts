import { latin1Lines } from '../../support/lines.ts'
import type { Witness } from './containers.ts'
import { compared, jsonOf, textOf } from './text.ts'

/** php-fpm's access line: `- -  23/Nov/2026:23:23:41 +0000 "GET /index.php" 200`. */
const fpmAccess = /^- - {1,2}(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(\d\d:\d\d:\d\d) \+0000 "(.*)" (\d{3})$/
/** Apache's own, one line each: it escapes what is not printable. */
const apacheLine = /^(?:\[[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d |AH\d{5}: )/
/** It stays where there is no message but white space: a record must say something. */
const fpmMark = /^NOTICE: PHP message: (?=.*\S)/
/** Xdebug, where a machine has it, writes each frame as a message: within a record they keep php-fpm's mark. */
const xdebugMark = /^NOTICE: PHP message: (?=PHP {1,3}\d+\. )/
/** php-fpm cuts at its `log_limit` of 8,192, newline included; what it cuts is one line again, without a newline. */
const fullLength = 8_191

const traceStart = /^NOTICE: PHP message: PHP Fatal error: {2}Uncaught |^\[\d{4}-\d\d-\d\dT[^\]]*\] app\.ERROR: .*\{"exception":/
const traceMiddle = /^(?:Stack trace:|\[stacktrace\]|#\d+ .*|Next .*| {2}.*)?$/
const traceEnd = /^(?: {2}thrown in .* on line \d+|"\} \[\])$/
/** What no record begins with unless its trace was cut into pieces. */
const traceInside = /^(?:Stack trace:|\[stacktrace\]|#\d+ |Next [A-Z]| {2}thrown in |"\} \[\])/

export interface ErrorReport {
  /** A sentence for each thing that is wrong. */
  readonly found: readonly string[]
  /** Traces of several lines that had to be one record, and traces that another came between. */
  readonly traceCount: number
  readonly interleavedCount: number
  /** Lines of stderr absorbed into the line before, and blank ones among them. */
  readonly joinedCount: number
  readonly blankCount: number
}

export function isFpmAccess (line: string): boolean {
  return fpmAccess.test(line)
}

/** What an access line of php-fpm says: time, request and status. */
export function fpmAccessText (line: string): string {
  const [, day = '', month = '', year = '', clock = '', request = '', status = ''] = fpmAccess.exec(line) ?? []
  const time = new Date(`${day} ${month} ${year} ${clock} UTC`).toISOString().slice(0, 'YYYY-MM-DDTHH:MM:SS'.length)
  return `${time}+00:00 ${textOf(request)} ${status}`
}

/**
 * Compares error records with what the containers wrote to stderr: every line is in one record once, as it reads, and
 * every trace is one record. `delivered` are events, of all containers.
 */
export function errorDifferences (witnesses: readonly Witness[], delivered: readonly string[]): ErrorReport {
  const events = delivered.map(line => jsonOf(line) as { readonly c: string, readonly m: string })
  const reports = witnesses.map(({ container, stderr }) => {
    const own = events.filter(({ c }) => c === container)
    return containerDifferences(container, latin1Lines(stderr), own.map(({ m }) => m))
  })
  const sum = (name: 'traceCount' | 'interleavedCount' | 'joinedCount' | 'blankCount') => {
    return reports.reduce((total, report) => total + report[name], 0)
  }
  const known = new Set(witnesses.map(({ container }) => container))
  const strange = events.filter(({ c }) => !known.has(c)).map(({ c }) => `errors of an unknown container '${c}'`)
  return {
    found: [...reports.flatMap(({ found }) => found), ...strange],
    traceCount: sum('traceCount'),
    interleavedCount: sum('interleavedCount'),
    joinedCount: sum('joinedCount'),
    blankCount: sum('blankCount'),
  }
}

function containerDifferences (container: string, all: readonly string[], records: readonly string[]): ErrorReport {
  const lines = all.filter(line => !isFpmAccess(line))
  const ofApache = lines.filter(line => apacheLine.test(line))
  const others = lines.filter(line => !apacheLine.test(line))
  const [apacheRecords, otherRecords] = [records.filter(isApache), records.filter(record => !isApache(record))]
  const full = others.filter(line => line.length === fullLength).map(readAs)
  const parts = otherRecords.map(record => record.split('\n')
    .flatMap(part => unglued(part.replace(xdebugMark, ''), full)))

  const { whole, interleavedCount } = tracesOf(others)
  const found = [
    ...compared(`${container}: error lines of Apache`, ofApache.map(readAsApache), apacheRecords),
    ...compared(`${container}: error lines`, others.map(readAs).filter(isText), parts.flat().filter(isText)),
    ...compared(`${container}: traces`, whole, otherRecords.filter(record => whole.includes(record))),
  ]
  const pieces = otherRecords.filter(record => traceInside.test(record))
  if (interleavedCount === 0 && pieces.length > 0) {
    found.push(`${container}: ${pieces.length} records begin within a trace: ${JSON.stringify(pieces[0]?.slice(0, 200))}`)
  }
  return {
    found,
    traceCount: whole.length,
    interleavedCount,
    joinedCount: parts.reduce((sum, { length }) => sum + length - 1, 0),
    blankCount: parts.reduce((sum, each) => sum + (each.length > 1 ? each.filter(part => part === '').length : 0), 0),
  }
}

/** Traces whose lines stand together, as the records that they have to be; and how many do not. */
function tracesOf (lines: readonly string[]): { readonly whole: readonly string[], readonly interleavedCount: number } {
  const whole: string[] = []
  let interleavedCount = 0
  for (const [start, line] of lines.entries()) {
    if (!traceStart.test(line)) continue
    const end = lines.findIndex((each, index) => index > start && (traceEnd.test(each) || !traceMiddle.test(each)))
    if (traceEnd.test(lines[end] ?? '')) whole.push(lines.slice(start, end + 1).map(readAs).join('\n'))
    else interleavedCount++
  }
  return { whole, interleavedCount }
}

function isApache (record: string): boolean {
  return apacheLine.test(record)
}

function isText (line: string): boolean {
  return line !== ''
}

/** A line of anybody but Apache: as it is, without php-fpm's mark. */
function readAs (line: string): string {
  return textOf(line.replace(fpmMark, ''))
}

const letters: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '\\': '\\' }

/**
 * A line of Apache with its escapes undone, left to right; other control bytes stay escaped, for they could drive a
 * terminal. Source: ap_escape_errorlog_item in server/util.c
 */
function readAsApache (line: string): string {
  return textOf(line.replace(/\\(?:x([89a-f][\da-f])|([nrt\\]))/g, (_, hex: string | undefined, letter: string) => {
    return hex === undefined ? letters[letter] ?? '' : String.fromCharCode(Number.parseInt(hex, 16))
  }))
}

/** A line that php-fpm cut and that was put together again, in its two pieces. */
function unglued (part: string, full: readonly string[]): readonly string[] {
  const first = full.find(each => part.length > each.length && part.startsWith(each))
  return first === undefined ? [part] : [first, part.slice(first.length)]
}
