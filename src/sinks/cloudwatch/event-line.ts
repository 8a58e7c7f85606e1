import { ascii, hasBytes, hexAt, isDigit } from '../../bytes/ascii.ts'
import { isShortEscape } from '../../bytes/json-tokens.ts'

/**
 * What PutLogEvents takes.
 *
 * Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
 */
export const putLogEventsLimits = {
  /** Sum over a batch: each message as UTF-8, and `overheadBytes` for each event. */
  batchBytes: 1_048_576,
  overheadBytes: 26,
  eventCount: 10_000,
  /** Between the oldest and the newest event of a batch. */
  spanMs: 24 * 3_600_000,
} as const

/** Why a line is no event that could be sent. `too_old`: from before 1970, which no request can say. */
export type LineFault = 'malformed' | 'empty' | 'too_large' | 'too_old'

/** One line of a segment, `{"t":<ms>,"c":"<container>","m":"<message>",…}`, as offsets into its bytes. Reused. */
export class EventView {
  timeMs = 0
  /** The digits of the time are `[timeStart, timeEnd)`. */
  timeStart = 0
  timeEnd = 0
  /** The message as JSON text, without its quotes, is `[messageStart, messageEnd)`. */
  messageStart = 0
  messageEnd = 0
  /** Length of the message once it is text again, in UTF-8. */
  messageBytes = 0
  /** Just behind the newline. */
  lineEnd = 0
  /** undefined for an event; for any other line nothing but `lineEnd` is of use. */
  fault: LineFault | undefined
}

const { newline, quote, minus, zero, backslash, closeBrace } = ascii
const letterU = 0x75

const timeKey = Buffer.from('{"t":')
const containerKey = Buffer.from(',"c":"')
const messageKey = Buffer.from('","m":"')

/** 1 where a JSON string ends or is not what it looks like: a quote, a backslash, and control bytes. */
const special = new Uint8Array(256)
special.fill(1, 0, 0x20)
special[quote] = 1
special[backslash] = 1

/**
 * Reads the line that starts at `start` into `view`, by its bytes: a million lines make no object. Never throws: a line
 * that is no event has a `fault`. What stands behind the message is not judged, and not sent either.
 *
 * @returns false when `lines` end before the line does
 */
export function readEvent (lines: Buffer, start: number, view: EventView): boolean {
  const end = lines.indexOf(newline, readFields(lines, start, view))
  if (end < 0) return false
  view.lineEnd = end + 1
  if (view.fault === undefined && byteAt(lines, end - 1) !== closeBrace) view.fault = 'malformed'
  return true
}

/** Reads time and message; returns where it stopped, which is in the line. Sets `fault`. */
function readFields (lines: Buffer, start: number, view: EventView): number {
  view.fault = 'malformed'
  if (!hasBytes(lines, start, lines.length, timeKey)) return start
  view.timeStart = start + timeKey.length
  const isNegative = byteAt(lines, view.timeStart) === minus
  view.timeEnd = readTime(lines, isNegative ? view.timeStart + 1 : view.timeStart, view)
  if (view.timeEnd < 0 || !hasBytes(lines, view.timeEnd, lines.length, containerKey)) return start
  const containerEnd = stringEnd(lines, view.timeEnd + containerKey.length, view)
  if (containerEnd < 0 || !hasBytes(lines, containerEnd, lines.length, messageKey)) return start
  view.messageStart = containerEnd + messageKey.length
  view.messageEnd = stringEnd(lines, view.messageStart, view)
  if (view.messageEnd < 0) return start
  if (isNegative) view.fault = 'too_old'
  else if (view.messageBytes === 0) view.fault = 'empty'
  else if (view.messageBytes > putLogEventsLimits.batchBytes - putLogEventsLimits.overheadBytes) view.fault = 'too_large'
  else view.fault = undefined
  return view.messageEnd + 1
}

/** A whole number as JSON writes it; returns where it ends, or -1. */
function readTime (lines: Buffer, start: number, view: EventView): number {
  let at = start
  let value = 0
  while (at < lines.length) {
    const byte = byteAt(lines, at)
    if (!isDigit(byte)) break
    value = value * 10 + (byte - zero)
    at++
  }
  view.timeMs = value
  const hasLeadingZero = at - start > 1 && byteAt(lines, start) === zero
  return at === start || hasLeadingZero || value > Number.MAX_SAFE_INTEGER ? -1 : at
}

/**
 * Where the JSON string that begins at `start` ends (its closing quote), with its length as UTF-8 in `messageBytes`;
 * -1 when it is none, or does not end.
 */
function stringEnd (lines: Buffer, start: number, view: EventView): number {
  const end = lines.length
  // In the bundle what a module holds is a variable, which a loop would ask for at each byte.
  const isSpecial = special
  let escapedBytes = 0
  let at = start
  while (at < end) {
    const byte = byteAt(lines, at)
    if (isSpecial[byte] === 0) {
      at++
    } else if (byte === backslash) {
      const length = escapeLength(lines, at)
      if (length === 0) return -1
      escapedBytes += length - textBytes(lines, at, length)
      at += length
    } else {
      if (byte !== quote) return -1
      view.messageBytes = at - start - escapedBytes
      return at
    }
  }
  return -1
}

/** Bytes of the escape at `at`: 2, 6, or 12 for a pair of surrogates, which is one character; 0 when it is none. */
function escapeLength (lines: Buffer, at: number): number {
  if (at + 1 >= lines.length) return 0
  if (byteAt(lines, at + 1) !== letterU) return isShortEscape[byteAt(lines, at + 1)] === 1 ? 2 : 0
  const unit = codeUnit(lines, at)
  if (unit < 0) return 0
  if (unit < 0xd800 || unit > 0xdbff) return 6
  const next = codeUnit(lines, at + 6)
  return next >= 0xdc00 && next <= 0xdfff ? 12 : 6
}

/** What an escape of `length` bytes measures in UTF-8. Half a pair becomes U+FFFD, three bytes, as it does anywhere. */
function textBytes (lines: Buffer, at: number, length: number): number {
  if (length === 2) return 1
  if (length === 12) return 4
  const unit = codeUnit(lines, at)
  return unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3
}

/** The value of the `\uhhhh` at `at`, or -1. */
function codeUnit (lines: Buffer, at: number): number {
  if (at + 6 > lines.length || byteAt(lines, at) !== backslash || byteAt(lines, at + 1) !== letterU) return -1
  const high = hexAt(lines, at + 2, lines.length)
  const low = hexAt(lines, at + 4, lines.length)
  return high < 0 || low < 0 ? -1 : high * 256 + low
}

/** Callers stay within the buffer: a read beyond its end would slow down every later one. */
function byteAt (lines: Buffer, at: number): number {
  return lines[at] as number
}
