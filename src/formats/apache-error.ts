import { isIP } from 'node:net'
import { errorLevels } from '../contracts/levels.ts'
import type { ErrorFields } from './fields.ts'
import { levelOfName, phpKinds } from './level.ts'
import { symfonyTime, yiiHead } from './monolog.ts'
import { ascii, hexValues, isCapital } from '../bytes/ascii.ts'
import type { Scratch } from '../bytes/scratch.ts'

/** What stands before the message of a line of Apache's error log. */
export interface ApacheHead extends
  Pick<ErrorFields, 'level' | 'module' | 'pid' | 'client' | 'code' | 'referer' | 'message'> {
  /** As it stands, only where it may have a zone. */
  time?: string
}

export const apacheLevels: readonly string[] =
  [...errorLevels, ...Array.from({ length: 8 }, (_, index) => `trace${index + 1}`)]

// Sources of regular expressions.
const levels = `${errorLevels.join('|')}|trace[1-8]`
const clock = String.raw`[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d`
const fraction = String.raw`(?:\.\d{1,9})?`
const codeStart = String.raw`AH\d{5}: `
/** Also that of a resolver, and one that is no error of the system's. Source: server/log.c (do_errorlog_default) */
const errnoStart = String.raw`\((?:-?\d{1,6}|(?:EAI|OS) -?\d{1,6}|os 0x[\da-f]{1,8})\)`
const module = String.raw`[a-z]\w{0,40}`
/** Nothing or a dash stands for a module that is not known. */
const level = `(?:(?:${module}|-)?:)?(?:${levels})`
/** Where a message begins beyond doubt, behind whatever fields a format has. */
const marks = `(?:${codeStart}|PHP (?:${phpKinds.join('|')}): )`

const zonelessTime = new RegExp(`\\[?${clock}${fraction} \\d{4}\\]? ?`, 'y')
const isoTime = /\[?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?(?:Z|[+-]\d\d:?\d\d))?)\]? /y
const bracketedLevel = new RegExp(`\\[(?:(?:(${module})|-)?:)?(${levels})\\] ?`, 'y')
const moduleOnly = /\[([a-z]\w{1,40})\] (?=\[)/y
const bareLevel = new RegExp(`(?:(${module}):)?(${levels}) `, 'y')
// A field that is empty takes the literals beside it along, `[pid 26550:tid ` has lost its bracket; or it is a dash.
const pid = /\[pid (\d{1,10})(?::tid ?(?:-|\d{0,20}))?\]? ?/y
const client = /\[(?:client|remote) (?:-\] ?|([^\]\s]{1,100})\] ?|(?=\()|(?![\da-fA-F.:]{2,50} )(?=[^\]\s]{1,100}(?: |$)))/y
const bareModule = /([a-z]\w{1,40}) (?=\d{1,10} )/y
/** The name of a server before the time, as in `%v [%t] [%l] %M`. */
const hostBeforeTime = `[\\w.:-]{1,100} (?=\\[${clock}|\\[\\d{4}-\\d\\d-\\d\\d[T ]\\d)`
const leadingHost = new RegExp(hostBeforeTime, 'y')
const bareHost = new RegExp(`[\\w.:-]{1,100} (?=\\[${level}\\])`, 'y')
const knownModule = new RegExp(`\\[(${[
  'core', 'php\\d?', 'http2?', 'mpm_\\w{1,20}', 'proxy\\w{0,20}', 'auth\\w{1,20}', 'ssl', 'security2', 'rewrite', 'cgid?', 'fcgid', 'so',
  'dav\\w{0,20}', 'ldap', 'cache\\w{0,20}', 'socache\\w{0,20}', 'unixd', 'lua', 'deflate', 'negotiation', 'autoindex', 'dir', 'alias',
  'headers', 'setenvif', 'remoteip', 'status', 'md', 'reqtimeout', 'include', 'evasive20', 'log_config', 'mime', 'userdir', 'env', 'expires',
].join('|')})\\] `, 'y')
const bracketedPid = /\[(\d{1,10})\] /y
const bracketedClient = /\[((?:\d{1,3}\.){3}\d{1,3}:\d{1,5}|[\da-f:]{3,45}:\d{1,5})\] /y
/** Names with which people set a field before its value; one of them with a colon looks like a module. */
export const fieldNames: readonly string[] = ['host', 'vhost', 'server', 'servername', 'server_name', 'site', 'vh', 'uri',
  ...['', 'request', 'unique', 'trace', 'req'].flatMap(name => [`${name}id`, `${name}_id`])]
const namedField = new RegExp(`\\[(?:${fieldNames.join('|')})[ :=][^\\]\\s]{1,200}\\] `, 'y')
const requestField = /\[[RC]:[^\]\s]{0,60}\] /y
const fieldBeforeMark = new RegExp(`\\[[^\\]]{0,80}\\] (?=${marks})`, 'y')
const wordsBeforeMark = new RegExp(`(?:[^\\s"]{1,120} ){1,8}?(?=${marks})`, 'y')
const errno = new RegExp(`${errnoStart}[^:[\\]]{1,200}?(?:: | (?=${codeStart}))`, 'y')
const sourceLine = /(?:[\w./-]{1,80}\.c\(\d{1,6}\)|-): /y
const code = /(AH\d{5}): /y
const unknownField = new RegExp(`\\[[^\\]]{0,80}\\] (?=[[(]|${codeStart})`, 'y')

/** In so much of a line, bytes, stands what tells its writer. */
export const headBytes = 300

/** How a line begins that Apache wrote, in one of many formats. */
export const apacheStart = new RegExp([
  `^${codeStart}`,
  `^${errnoStart}[^:]{1,200}: `,
  `^${clock}${fraction} \\d{4} `,
  '^\\[[\\d:., TZ+-]{10,40}\\] \\[[RC]:',
  `^(?!${symfonyTime} \\[|\\d{4}/|${yiiHead}|\\[ddtrace\\] |OpenTelemetry: )(?:[\\d:.,TZ+-]{1,40} ){0,3}(?:[\\w.:-]{1,100} (?=\\[))?(?:\\[[^[\\]]{0,80}\\]? ){0,6}` +
    `\\[(?:${level}|(?:client|remote) [\\da-fA-F.:]{2,50})\\]`,
  `^(?:\\[?[\\d:.,TZ+-]{1,40}\\]? ){1,3}${module}:(?:${levels}) `,
].join('|'))
/** What tells a line that begins with a date as Apache's: fields in brackets of their own, a module with its level. */
export const apacheFields = new RegExp([
  '^\\[[^\\]]{10,40}\\] \\[',
  '^[^\\]]{0,80} \\[[a-z]{3,6}[1-8]?\\] \\[',
  `^[^\\]]{0,120}[ []${module}:(?:${levels})[\\] ]`,
  '\\[pid |\\[client ',
].join('|'))
/** How a line of Apache's log begins in most formats, beyond doubt: the time, and the level in brackets. */
export const apacheLog = new RegExp(`^\\[${clock}${fraction} \\d{4}\\] ` +
  `(?:\\[[^\\]]{0,80}\\] ){0,3}?\\[(?:(${module}|-)?:)?(?:${levels})\\] `)
/** How a line of Apache begins that is nothing but a message, or whose time stands without brackets or not first. */
export const apacheMessage = new RegExp(`^(?:(?:${errnoStart}[^:]{1,200}: )?${codeStart}|${clock}|${hostBeforeTime})`)
/** The first of the two lines about an error in Apache's configuration. */
export const apacheSyntax = new RegExp(`^${codeStart}Syntax error on line \\d{1,9} of `)

const { space, colon, openBracket, backslash } = ascii

/** As Apache has it, and as an example in its manual has it, without the colon. */
const withReferer = /^(.*), referer(?:: |(?= [a-z]{1,20}:\/\/) )(.*)$/s

/** A message in quotes may be a line of Apache again, and hold one in quotes: so many are read, the rest is message. */
const maxQuoteCount = 3

/**
 * Reads the default ErrorLogFormat and what people make of it: fields in any order, some missing, some unknown.
 *
 * @returns undefined when nothing in the line says that Apache wrote it
 * Source: https://httpd.apache.org/docs/2.4/mod/core.html#errorlogformat
 */
export function readApacheHead (text: string): ApacheHead | undefined {
  let head = readHead(text)
  for (let count = 1; head?.isQuoted === true && count < maxQuoteCount; count++) {
    const inner = readHead(head.message)
    const { isQuoted, ...outer } = head
    head = { ...outer, ...inner }
  }
  if (head === undefined) return undefined
  const { isQuoted, ...fields } = head
  return fields
}

/** `isQuoted`: the message stood in quotes, `"%M"` as somebody has it, and was not read further. */
function readHead (text: string): (ApacheHead & { isQuoted?: true }) | undefined {
  const head: ApacheHead = { message: '' }
  let at = 0
  let isApache = false
  let hasClient = false
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    const found = pattern.exec(text)
    if (found !== null) at = pattern.lastIndex
    return found
  }
  take(leadingHost)
  let isBare = false
  const isBracketed = text[at] === '['
  if (take(zonelessTime) !== null) {
    isApache = true
    isBare = !isBracketed
  } else {
    const time = take(isoTime)
    if (time?.[1] !== undefined) {
      head.time = time[1]
      const level = take(bareLevel)
      if (level !== null) setLevel(head, level)
      isApache = level?.[1] !== undefined
    }
  }
  if (isBare) {
    const level = take(bareLevel)
    if (level !== null) setLevel(head, level)
    head.module ??= take(bareModule)?.[1] ?? ''
    if (head.module === '') delete head.module
    const words = take(wordsBeforeMark)?.[0] ?? ''
    const address = words.split(' ').find(word => isIP(withoutPort(word)) !== 0)
    if (address !== undefined) head.client = withoutPort(address)
  } else {
    take(bareHost)
  }
  // Bounded by the fields that a format can have; a message that looks like one more ends the loop at its client.
  for (let count = 0; count < 16; count++) {
    let found = take(client)
    if (found !== null) {
      if (found[1] !== undefined) head.client ??= withoutPort(found[1])
      hasClient = isApache = true
      continue
    }
    if ((found = take(code)) !== null) {
      head.code = found[1] ?? ''
      isApache = true
      break
    }
    if (isInQuotes(text, at)) return { ...head, message: text.slice(at + 1, -1), isQuoted: true }
    if (take(errno) !== null || take(namedField) !== null) continue
    if (hasClient) {
      if (take(fieldBeforeMark) !== null) continue
      break
    }
    if ((found = take(bracketedLevel)) !== null) {
      setLevel(head, found)
      isApache = true
    } else if ((found = take(pid)) !== null) {
      head.pid = found[1] ?? ''
      isApache = true
    } else if (take(requestField) !== null) {
      isApache = true
    } else if (head.level !== undefined && head.module === undefined && (found = take(knownModule)) !== null) {
      head.module = found[1] ?? ''
    } else if (head.level !== undefined && (found = take(bracketedPid)) !== null) {
      head.pid ??= found[1] ?? ''
    } else if (head.level !== undefined && (found = take(bracketedClient)) !== null) {
      head.client ??= withoutPort(found[1] ?? '')
      hasClient = true
    } else if (take(sourceLine) === null) {
      found = take(moduleOnly)
      if (found !== null) head.module ??= found[1] ?? ''
      else if (take(unknownField) === null && take(fieldBeforeMark) === null) break
    }
  }
  if (!isApache) return undefined
  head.message = text.slice(at)
  const [, message, referer] = (head.client === undefined ? null : withReferer.exec(head.message)) ?? []
  if (message !== undefined && referer !== undefined) {
    head.message = message
    head.referer = referer
  }
  return head
}

function isInQuotes (text: string, at: number): boolean {
  return text[at] === '"' && at < text.length - 1 && text.endsWith('"')
}

function setLevel (head: ApacheHead, [, module, name = '']: RegExpExecArray): void {
  const level = levelOfName(name)
  if (level !== undefined) head.level = level
  if (module !== undefined) head.module = module
}

/**
 * Whether a line begins with `[Mon Nov 23 19:36:29.437756 2026]`. By far the most lines of Apache do, so it is told by
 * their bytes.
 */
export function isDatedByApache (bytes: Uint8Array, start: number, end: number): boolean {
  return end - start > 20 && bytes[start] === openBracket && bytes[start + 4] === space && bytes[start + 8] === space &&
    isCapital(bytes[start + 1] as number) && isCapital(bytes[start + 5] as number) && bytes[start + 14] === colon
}

/** Whether Apache wrote a line, in which it has escaped what an application said. */
export function isOfApache (bytes: Buffer, start: number, end: number): boolean {
  return isDatedByApache(bytes, start, end) ||
    apacheStart.test(bytes.toString('latin1', start, Math.min(end, start + headBytes)))
}

/** `127.0.0.1:38462` and `::1:58619` without the port, which stands after the last colon. */
export function withoutPort (address: string): string {
  const at = address.lastIndexOf(':')
  const host = address.slice(0, Math.max(at, 0))
  return isIP(host) !== 0 || (host.startsWith('[') && host.endsWith(']')) ? host : address
}

/**
 * Undoes what Apache escapes in its error log, once and from left to right: `\\`, `\n`, `\r`, `\t`, and `\xhh` of a
 * byte over 0x7f. Control characters stay as Apache wrote them, `\x1b` and the like: a terminal would obey them.
 *
 * Source: https://github.com/apache/httpd/blob/2.4.x/server/util.c (ap_escape_errorlog_item)
 */
export function undoEscapes (target: Scratch, bytes: Uint8Array, start: number, end: number): void {
  target.reserve(end - start)
  const { buffer } = target
  let position = target.end
  for (let index = start; index < end; index++) {
    const byte = bytes[index] as number
    if (byte !== backslash || index + 1 >= end) {
      buffer[position++] = byte
      continue
    }
    const letter = bytes[index + 1] as number
    const plain = plainOf[letter] as number
    if (plain !== 0) {
      buffer[position++] = plain
      index++
      continue
    }
    if (letter === 0x78 && index + 3 < end) {
      const high = smallHexValues[bytes[index + 2] as number] as number
      const low = smallHexValues[bytes[index + 3] as number] as number
      if (high >= 8 && high < 16 && low < 16) {
        buffer[position++] = high * 16 + low
        index += 3
        continue
      }
    }
    buffer[position++] = byte
  }
  target.end = position
}

/** Apache's digits are small; another writer's `\xE6` may mean anything. */
const smallHexValues = hexValues.map((value, byte) => isCapital(byte) ? 16 : value)
const plainOf = new Uint8Array(256)
plainOf[backslash] = backslash
plainOf[0x6e] = 0x0a
plainOf[0x72] = 0x0d
plainOf[0x74] = 0x09

// Tested in test/formats/line-text.test.ts
