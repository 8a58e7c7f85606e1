import { fieldNames } from './apache-error.ts'
import type { ErrorLevel } from '../contracts/levels.ts'
import { moreSevere } from './level.ts'
import { bracketEnd, levelOfMessage, plainLevels, unsure, type LevelFound } from './message-level.ts'
import { reportStart } from './php-fpm.ts'
import {
  ascii, createByteSet, createShape, digitsEnd, hasBytes, hasShape, isSmall, runEnd, wordAt,
} from '../bytes/ascii.ts'
import { createKeyTable } from '../bytes/key-table.ts'

const {
  newline, space, quote, openParenthesis, closeParenthesis, minus, dot, colon, semicolon, openBracket, backslash,
} = ascii

const wordBytes = createByteSet(/\w/)
const smallLetters = createByteSet(/[a-z]/)
const pathBytes = createByteSet(/[\w./-]/)
// Printable, and as they stand once Apache's escapes are undone.
const addressBytes = createByteSet(/[!-[^-~]/)
const errnoBytes = createByteSet(/[ -Z^-~]/)
/** Where a message of a report may end. */
const stops = createByteSet(/[;,P\\\n]/)

const microTime = createShape('[Aaa Aaa _0 00:00:00.000000 0000] ')
const time = createShape('[Aaa Aaa _0 00:00:00')
const year = createShape(' 0000] ')
const codeNumber = createShape('00000: ')

const wordOf = (text: string) => wordAt(Buffer.from(text), 0)
const pid = wordOf('[pid')
const tid = wordOf(':tid')
const client = [wordOf('[cli'), wordOf('ent ')] as const
const remote = [wordOf('[rem'), wordOf('ote ')] as const
const fieldBytes = '[client '.length
/** Of AH01071, but for its last digit. */
const reportNumber = wordOf('0107')
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
  const name = at + 1
  const nameEnd = runEnd(bytes, name, Math.min(end, name + 42), wordBytes)
  const hasModule = nameEnd < end && bytes[nameEnd] === colon
  const word = plainLevels(bytes, hasModule ? nameEnd + 1 : name, end)
  if (word === undefined) return unsure
  if (!hasModule) return levelBehind(bytes, name + word.lengthBytes, end, word.level, false)
  const first = bytes[name] as number
  const bits = knownStarts[first] === 1 ? known.bitsOf(bytes, name, nameEnd) : 0
  if (!isSmall(first) || nameEnd - name > 41 || bits === isField) return unsure
  return levelBehind(bytes, nameEnd + 1 + word.lengthBytes, end, word.level, bits === isSecurity)
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
    if (isOfSecurity || !isReportCode(bytes, at)) return level
    return levelOfReport(bytes, at + 'AH01071: '.length, end, level, hasClient)
  }
  const byte = at < end ? bytes[at] : 0
  if (byte === quote || byte === openParenthesis) return unsure
  // Without a client, more fields may follow.
  if (!hasClient && (byte === openBracket || byte === minus || mayBeSourceLine(bytes, at, end))) return unsure
  return isOfSecurity ? level : levelOfMessage(bytes, at, end, level)
}

/** Index behind `[pid 17:tid 140] ` at `start`, or `start`. */
function pidEnd (bytes: Uint8Array, start: number, end: number): number {
  if (start + 5 > end || wordAt(bytes, start) !== pid || bytes[start + 4] !== space) return start
  const digits = start + 5
  let at = digitsEnd(bytes, digits, Math.min(end, digits + 10))
  if (at === digits) return start
  if (at + 5 <= end && wordAt(bytes, at) === tid && bytes[at + 4] === space) {
    at = digitsEnd(bytes, at + 5, Math.min(end, at + 25))
  }
  const behind = bracketEnd(bytes, at, end)
  return behind === at ? start : behind
}

/** Index behind `[client 10.0.0.1:51234] ` at `start`, or `start`. */
function clientEnd (bytes: Uint8Array, start: number, end: number): number {
  if (start + fieldBytes > end) return start
  const word = wordAt(bytes, start)
  if (word !== client[0] && word !== remote[0]) return start
  if (wordAt(bytes, start + 4) !== (word === client[0] ? client[1] : remote[1])) return start
  const address = start + fieldBytes
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

function isReportCode (bytes: Uint8Array, at: number): boolean {
  return wordAt(bytes, at + 2) === reportNumber && bytes[at + 6] === 0x31
}

/** Whether `mod_proxy.c(12): ` may stand here. */
function mayBeSourceLine (bytes: Uint8Array, start: number, end: number): boolean {
  const at = runEnd(bytes, start, end, pathBytes)
  return at < end && bytes[at] === openParenthesis
}

/**
 * The most severe of the messages that php-fpm sent through mod_proxy_fcgi, told apart as by `reportedMessages`, up to
 * the last of what may be a referer.
 */
function levelOfReport (
  bytes: Uint8Array, start: number, end: number, otherwise: ErrorLevel, hasClient: boolean
): LevelFound {
  if (!hasBytes(bytes, start, end, report)) return otherwise
  const first = start + report.length
  const spaced = first < end && bytes[first] === space ? first + 1 : first
  let at = hasBytes(bytes, spaced, end, phpMessage) ? spaced + phpMessage.length : first
  let found: LevelFound = at > first ? levelOfMessage(bytes, at, end, 'notice') : undefined
  let foundBeforeReferer: LevelFound
  let hasReferer = false
  for (at = nextStop(bytes, at, end); at < end; at = nextStop(bytes, at, end)) {
    const behind = separatorEnd(bytes, at, end)
    if (behind > at) {
      // What stands before the first is the rest of the line before, where Apache cut it.
      if (found === undefined && at > first) found = levelOfMessage(bytes, first, end, 'notice')
      found = worse(found, levelOfMessage(bytes, behind, end, 'notice'))
      at = behind
      continue
    }
    if (hasClient && isReferer(bytes, at, end)) {
      foundBeforeReferer = found
      hasReferer = true
    }
    at += bytes[at] === backslash && at + 1 < end && bytes[at + 1] === backslash ? 2 : 1
  }
  return (hasReferer ? foundBeforeReferer : found) ?? otherwise
}

function nextStop (bytes: Uint8Array, from: number, end: number): number {
  let at = from
  while (at + 4 <= end && ((stops[bytes[at] as number] as number) | (stops[bytes[at + 1] as number] as number) |
    (stops[bytes[at + 2] as number] as number) | (stops[bytes[at + 3] as number] as number)) === 0) at += 4
  while (at < end && stops[bytes[at] as number] === 0) at++
  return at
}

function worse (level: LevelFound, other: LevelFound): LevelFound {
  return level === unsure || other === unsure ? unsure : moreSevere(level, other)
}

/**
 * Index behind `; PHP message: `, or a newline instead of `; `, as Apache writes it too, or nothing; `at` where there
 * is none.
 */
function separatorEnd (bytes: Uint8Array, at: number, end: number): number {
  const byte = bytes[at]
  if (byte === 0x50) return hasBytes(bytes, at, end, phpMessage) ? at + phpMessage.length : at
  const next = at + 1 < end ? bytes[at + 1] : 0
  const isLong = (byte === semicolon && next === space) || (byte === backslash && next === 0x6e)
  if (!isLong && byte !== newline) return at
  const behind = at + (isLong ? 2 : 1)
  return hasBytes(bytes, behind, end, phpMessage) ? behind + phpMessage.length : at
}

/** Whether `, referer: ` stands here, or the same without its colon before an address. */
function isReferer (bytes: Uint8Array, at: number, end: number): boolean {
  if (!hasBytes(bytes, at, end, referer)) return false
  const behind = at + referer.length
  if (behind + 1 < end && bytes[behind] === colon && bytes[behind + 1] === space) return true
  const scheme = behind + 1
  const nameEnd = runEnd(bytes, scheme, Math.min(end, scheme + 20), smallLetters)
  return behind < end && bytes[behind] === space && nameEnd > scheme && hasBytes(bytes, nameEnd, end, schemeEnd)
}

// Tested in test/formats/line-level.test.ts
