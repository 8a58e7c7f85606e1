import { ascii } from '../bytes/ascii.ts'
import { jsonOf } from '../bytes/json-value.ts'
import { createErrorTime } from './time.ts'

/** Finds when a line was written by what stands in it, ms since the epoch; undefined for a line that does not say. */
export type LineTime = (bytes: Buffer, start: number, end: number) => number | undefined

/** A time stands near the beginning of a line, but for JSON. */
const headBytes = 1024
const maxJsonBytes = 256 * 1024
/** `ESC [ 38;2;255;255;255 m`, and some more. */
const maxColourBytes = 32
const { escape } = ascii
const letterM = 0x6d

const clock = String.raw`(\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?`
const month = '(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)'
/** Monolog, Laravel, Symfony, CakePHP, Yii, EC-CUBE, nginx; CodeIgniter with its level before. */
const isoForm = new RegExp(String.raw`^(?:[A-Z]{4,9} - )?\[?(\d{4})[-/](\d\d)[-/](\d\d)[T ]${clock}` +
  String.raw`(?: ?(Z|UTC|[+-]\d\d:?\d\d)(?![\d:]))?`)
/** PHP's own log, and php-fpm's. */
const phpForm = new RegExp(String.raw`^\[?(\d\d)-${month}-(\d{4}) ${clock}(?: ([A-Za-z][\w/+-]*))?\]`)
const apacheForm = new RegExp(String.raw`^\[?[A-Z][a-z]{2} ${month} {1,2}(\d{1,2}) ${clock} (\d{4})(?!\d)`)
/** Before the request in its quotes. A user's name may look like this, but Apache escapes the quote in it. */
const accessForm = new RegExp(String.raw`[\[ ](\d\d)/${month}/(\d{4}):${clock} ([+-]\d{4})\]? "`)
/** The same as the value of a key. */
const valueForm = new RegExp(String.raw`^\[?(\d\d)/${month}/(\d{4}):${clock} ([+-]\d{4})\]?$`)

/** Keys under which a time is looked for, the first that holds one. */
export const timeKeys = ['@timestamp', 'timestamp', 'time', 'datetime', 'ts', 'date', 'time_local', 'time_iso8601'] as const
/** In a line that is not JSON, because of Apache's escapes for instance. Quotes within values are escaped. */
const keyForms = timeKeys.map(key =>
  new RegExp(String.raw`[{,]\s*"${key}"\s*:\s*(?:"([^"]{1,80})"|(\d{1,19}(?:\.\d{1,9})?))`))
const months = month.slice(1, -1).split('|')

/**
 * Makes a reader of the times of lines: of access lines in Apache's formats and in JSON, of Apache's and PHP's error
 * lines, and those of loggers. A time without a zone is one of the zone of this process (`TZ`).
 */
export function createLineTime (): LineTime {
  const zones = createErrorTime()

  function ofText (text: string): number | undefined {
    const [, ...iso] = isoForm.exec(text) ?? []
    if (iso.length > 0) {
      const [year, monthNumber, day, hour, minute, second, fraction, zone] = iso
      return timeOf([year, Number(monthNumber) - 1, day, hour, minute, second, fraction], zone)
    }
    const [, ...apache] = apacheForm.exec(text) ?? []
    if (apache.length > 0) {
      const [name = '', day, hour, minute, second, fraction, year] = apache
      return timeOf([year, months.indexOf(name), day, hour, minute, second, fraction], undefined)
    }
    const [, day, name = '', year, hour, minute, second, fraction, zone] = phpForm.exec(text) ??
      accessForm.exec(text) ?? valueForm.exec(text) ?? []
    return day === undefined
      ? undefined
      : timeOf([year, months.indexOf(name), day, hour, minute, second, fraction], zone)
  }

  function timeOf (parts: readonly (string | number | undefined)[], zone: string | undefined): number | undefined {
    const [year = NaN, month = NaN, day = NaN, hour = NaN, minute = NaN, second = NaN] = parts.slice(0, 6).map(Number)
    const milliseconds = Number(String(parts[6] ?? '').slice(0, 3).padEnd(3, '0'))
    if (month > 11 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60) return undefined
    if (zone === undefined) return valid(new Date(year, month, day, hour, minute, second, milliseconds).getTime())
    const utc = Date.UTC(year, month, day, hour, minute, second)
    const offset = /^([+-])(\d\d):?(\d\d)$/.exec(zone)
    if (offset !== null) {
      const minutes = Number(offset[2]) * 60 + Number(offset[3])
      return valid(utc - (offset[1] === '-' ? -minutes : minutes) * 60_000 + milliseconds)
    }
    if (zone === 'Z' || zone === 'UTC') return valid(utc + milliseconds)
    const [date = '', time = ''] = new Date(utc).toISOString().split('T')
    const named = zones.ofPhp(`${date.slice(8)}-${months[month] ?? ''}-${date.slice(0, 4)}`, time.slice(0, 8), zone)
    return named === undefined ? undefined : valid(Date.parse(named) + milliseconds)
  }

  function ofValue (value: unknown): number | undefined {
    if (typeof value === 'number') return ofEpoch(value)
    if (typeof value === 'string') return /^\d+(?:\.\d+)?$/.test(value) ? ofEpoch(Number(value)) : ofText(value)
    // As an older Monolog writes it.
    const { date, timezone } = (value ?? {}) as { readonly date?: unknown, readonly timezone?: unknown }
    if (typeof date !== 'string') return undefined
    const [, ...parts] = isoForm.exec(date) ?? []
    const [year, monthNumber, ...rest] = parts
    return parts.length === 0
      ? undefined
      : timeOf([year, Number(monthNumber) - 1, ...rest.slice(0, 5)], typeof timezone === 'string' ? timezone : undefined)
  }

  function ofJson (text: string): number | undefined {
    const object = jsonOf(text) as Readonly<Record<string, unknown>> | undefined
    for (const [index, key] of timeKeys.entries()) {
      const [, quoted, plain] = object === undefined ? keyForms[index]?.exec(text) ?? [] : []
      const timeMs = ofValue(object === undefined ? quoted?.replaceAll('\\/', '/') ?? plain : object[key])
      if (timeMs !== undefined) return timeMs
    }
    return undefined
  }

  return (bytes, lineStart, end) => {
    const start = textStart(bytes, lineStart, end)
    const isJson = bytes[start] === ascii.openBrace
    const text = bytes.toString('latin1', start, Math.min(end, start + (isJson ? maxJsonBytes : headBytes)))
    return isJson ? ofJson(text) : ofText(text)
  }
}

/** Behind what an editor or a terminal has put before a line: a byte order mark, colours. */
function textStart (bytes: Buffer, start: number, end: number): number {
  let at = bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf ? start + 3 : start
  while (bytes[at] === escape && bytes[at + 1] === ascii.openBracket) {
    const close = bytes.indexOf(letterM, at)
    if (close < 0 || close >= end || close > at + maxColourBytes) break
    at = close + 1
  }
  return at
}

/** Seconds, milli-, micro- or nanoseconds since 1970, told by their size; undefined for what would be before 2001. */
function ofEpoch (value: number): number | undefined {
  for (const [least, perMs] of [[1e18, 1e6], [1e15, 1e3], [1e12, 1], [1e9, 1e-3]] as const) {
    if (value >= least) return value < least * 10 ? Math.floor(value / perMs + 0.001) : undefined
  }
  return undefined
}

/** Within the years that ISO 8601 has a common form for. */
function valid (timeMs: number): number | undefined {
  return timeMs >= 0 && timeMs < Date.UTC(10_000, 0) ? timeMs : undefined
}
