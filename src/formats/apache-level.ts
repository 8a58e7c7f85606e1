import { fieldNames } from './apache-error.ts'
import { moreSevere, type ErrorLevel } from './level.ts'
import { apacheLevel, bracketEnd, levelOfMessage, unsure, type LevelFound } from './message-level.ts'
import { reportStart } from './php-fpm.ts'
import { ascii, createByteSet, createShape, digitsEnd, hasBytes, hasShape, isDigit, isSmall, runEnd } from '../bytes/ascii.ts'
import { createKeyTable } from '../bytes/key-table.ts'

const {
  newline, space, quote, apostrophe, openParenthesis, closeParenthesis, comma, minus, dot, colon, semicolon,
  openBracket, closeBracket,
  backslash,
} = ascii

const wordBytes = createByteSet(/\w/)
const smallLetters = createByteSet(/[a-z]/)
const pathBytes = createByteSet(/[\w./-]/)
// Printable, and as they stand once Apache's escapes are undone.
const addressBytes = createByteSet(/[!-[^-~]/)
const errnoBytes = createByteSet(/[ -Z^-~]/)

const microTime = createShape('[Aaa Aaa _0 00:00:00.000000 0000] ')
const time = createShape('[Aaa Aaa _0 00:00:00')
const year = createShape(' 0000] ')
const codeNumber = createShape('00000: ')

const pid = Buffer.from('[pid ')
const tid = Buffer.from(':tid ')
const client = Buffer.from('[client ')
const remote = Buffer.from('[remote ')
const reportCode = Buffer.from('AH01071: ')
const report = Buffer.from(reportStart)
const phpMessage = Buffer.from('PHP message: ')
const referer = Buffer.from(', referer')
const schemeEnd = Buffer.from('://')

const isSecurity = 1
const isField = 2
const known = createKeyTable([['security2'], fieldNames])
const knownStarts = createByteSet(new RegExp(`[s${fieldNames.map(name => name[0]).join('')}]`))

/**
 * The level of a line in Apache's default format, `[time] [module:level] [pid 1:tid 2] [client 10.0.0.1:5] message`:
 * its own, or that of the error of PHP in its message. Goes the way of `readApacheHead`, for what is usual.
 */
export function levelOfApache (bytes: Uint8Array, start: number, end: number): LevelFound {
  const at = timeEnd(bytes, start, end)
  if (at === start || at >= end || bytes[at] !== openBracket) return unsure
  const nameEnd = runEnd(bytes, at + 1, end, wordBytes)
  const hasModule = nameEnd < end && bytes[nameEnd] === colon
  const bits = hasModule && knownStarts[bytes[at + 1] as number] === 1 ? known.bitsOf(bytes, at + 1, nameEnd) : 0
  const levelStart = hasModule ? nameEnd + 1 : at + 1
  const levelEnd = hasModule ? runEnd(bytes, levelStart, end, wordBytes) : nameEnd
  const level = apacheLevel(bytes, levelStart, levelEnd)
  const behind = bracketEnd(bytes, levelEnd, end)
  if (level === undefined || behind === levelEnd || bits === isField) return unsure
  if (hasModule && !isModule(bytes, at + 1, nameEnd)) return unsure
  return levelBehind(bytes, behind, end, level, bits === isSecurity)
}

function timeEnd (bytes: Uint8Array, start: number, end: number): number {
  if (hasShape(bytes, start, end, microTime)) return start + microTime.length
  if (!hasShape(bytes, start, end, time)) return start
  let at = start + time.length
  if (at < end && bytes[at] === dot) {
    const fractionEnd = digitsEnd(bytes, at + 1, Math.min(end, at + 10))
    if (fractionEnd === at + 1) return start
    at = fractionEnd
  }
  return hasShape(bytes, at, end, year) ? at + year.length : start
}

function isModule (bytes: Uint8Array, start: number, end: number): boolean {
  return end > start && end - start <= 41 && isSmall(bytes[start] as number)
}

/** What stands behind the level: fields in the usual order, then the message. */
function levelBehind (
  bytes: Uint8Array, start: number, end: number, level: ErrorLevel, isOfSecurity: boolean
): LevelFound {
  const fieldsEnd = errnoEnd(bytes, pidEnd(bytes, start, end), end)
  const firstEnd = clientEnd(bytes, fieldsEnd, end)
  const hasClient = firstEnd > fieldsEnd
  // ModSecurity says it once more.
  const at = errnoEnd(bytes, hasClient ? clientEnd(bytes, firstEnd, end) : firstEnd, end)
  if (isCode(bytes, at, end)) {
    if (isOfSecurity || !hasBytes(bytes, at, end, reportCode)) return level
    const from = at + reportCode.length
    return levelOfReport(bytes, from, hasClient ? refererStart(bytes, from, end) : end, level)
  }
  const byte = at < end ? bytes[at] : 0
  if (byte === quote || byte === openParenthesis) return unsure
  // Without a client, more fields may follow.
  if (!hasClient && (byte === openBracket || mayBeSourceLine(bytes, at, end))) return unsure
  return isOfSecurity ? level : levelOfMessage(bytes, at, end, level)
}

/** Index behind `[pid 17:tid 140] ` at `start`, or `start`. */
function pidEnd (bytes: Uint8Array, start: number, end: number): number {
  if (!hasBytes(bytes, start, end, pid)) return start
  const digits = start + pid.length
  let at = digits
  while (at < end && isDigit(bytes[at] as number)) at++
  if (at === digits || at - digits > 10) return start
  if (at < end && bytes[at] === colon) {
    if (!hasBytes(bytes, at, end, tid)) return start
    at += tid.length
    const thread = at
    while (at < end && isDigit(bytes[at] as number)) at++
    if (at - thread > 20) return start
  }
  return at + 1 < end && bytes[at] === closeBracket && bytes[at + 1] === space ? at + 2 : start
}

/** Index behind `[client 10.0.0.1:51234] ` at `start`, or `start`. */
function clientEnd (bytes: Uint8Array, start: number, end: number): number {
  if (!hasBytes(bytes, start, end, client) && !hasBytes(bytes, start, end, remote)) return start
  const address = start + client.length
  const at = runEnd(bytes, address, Math.min(end, address + 100), addressBytes)
  const behind = bracketEnd(bytes, at, end)
  return at === address || behind === at ? start : behind
}

/** Index behind `(111)Connection refused: `, whose colon may lack before a code; `start` for other forms. */
function errnoEnd (bytes: Uint8Array, start: number, end: number): number {
  if (start >= end || bytes[start] !== openParenthesis) return start
  const digits = start + 1 < end && bytes[start + 1] === minus ? start + 2 : start + 1
  const digitEnd = digitsEnd(bytes, digits, Math.min(end, digits + 5))
  if (digitEnd === digits || digitEnd >= end || bytes[digitEnd] !== closeParenthesis) return start
  const last = Math.min(end - 1, digitEnd + 201)
  for (let at = digitEnd + 1; at <= last; at++) {
    const byte = bytes[at] as number
    const isFirst = at === digitEnd + 1
    if (!isFirst && byte === space && isCode(bytes, at + 1, end)) return at + 1
    if (byte === colon) return !isFirst && at < last && bytes[at + 1] === space ? at + 2 : start
    if (errnoBytes[byte] === 0) return start
  }
  return start
}

function isCode (bytes: Uint8Array, at: number, end: number): boolean {
  return at + 1 < end && bytes[at] === 0x41 && bytes[at + 1] === 0x48 && hasShape(bytes, at + 2, end, codeNumber)
}

/** Whether `mod_proxy.c(12): ` may stand here. */
function mayBeSourceLine (bytes: Uint8Array, start: number, end: number): boolean {
  const at = runEnd(bytes, start, end, pathBytes)
  return at < end && bytes[at] === openParenthesis
}

/** The most severe of the messages that php-fpm sent through mod_proxy_fcgi, told apart as by `reportedMessages`. */
function levelOfReport (bytes: Uint8Array, start: number, end: number, otherwise: ErrorLevel): LevelFound {
  if (!hasBytes(bytes, start, end, report)) return otherwise
  const first = start + report.length
  const last = end > first && bytes[end - 1] === apostrophe ? end - 1 : end
  const spaced = first < last && bytes[first] === space ? first + 1 : first
  let worst: ErrorLevel | undefined
  let message = hasBytes(bytes, spaced, last, phpMessage) ? spaced + phpMessage.length : first
  let isReported = message > first
  let at = message
  while (at < last) {
    const byte = bytes[at]
    const mayEnd = byte === semicolon || byte === backslash || byte === newline
    const separatorEnd = mayEnd ? endOfSeparator(bytes, at, last) : at
    if (separatorEnd === at) {
      at += byte === backslash ? 2 : 1
      continue
    }
    // What stands before the first is the rest of the line before, where Apache cut it.
    if (isReported || at > first) {
      const level = levelOfMessage(bytes, message, at, 'notice')
      if (level === unsure) return unsure
      worst = moreSevere(worst, level)
    }
    isReported = true
    message = at = separatorEnd
  }
  if (!isReported) return otherwise
  const level = levelOfMessage(bytes, message, last, 'notice')
  return level === unsure ? unsure : moreSevere(worst, level)
}

/** Index behind `; PHP message: `, or a newline instead of `; `, as Apache writes it too; `at` where there is none. */
function endOfSeparator (bytes: Uint8Array, at: number, end: number): number {
  const byte = bytes[at]
  const next = at + 1 < end ? bytes[at + 1] : 0
  const isLong = (byte === semicolon && next === space) || (byte === backslash && next === 0x6e)
  if (!isLong && byte !== newline) return at
  const behind = at + (isLong ? 2 : 1)
  return hasBytes(bytes, behind, end, phpMessage) ? behind + phpMessage.length : at
}

/** Where the last `, referer: ` begins, or the same without its colon before an address; else `end`. */
function refererStart (bytes: Uint8Array, start: number, end: number): number {
  for (let at = end - referer.length; at >= start; at--) {
    if (bytes[at] !== comma || !hasBytes(bytes, at, end, referer)) continue
    const behind = at + referer.length
    if (behind + 1 < end && bytes[behind] === colon && bytes[behind + 1] === space) return at
    if (behind < end && bytes[behind] === space && isAddress(bytes, behind + 1, end)) return at
  }
  return end
}

function isAddress (bytes: Uint8Array, start: number, end: number): boolean {
  const at = runEnd(bytes, start, Math.min(end, start + 20), smallLetters)
  return at > start && hasBytes(bytes, at, end, schemeEnd)
}
