import { isIP } from 'node:net'
import { levelOfName, type ErrorLevel } from './error-level.ts'

/** What stands before the message of a line of Apache's error log. */
export interface ApacheHead {
  /** As it stands, only where it may have a zone. */
  time?: string
  level?: ErrorLevel
  module?: string
  pid?: string
  client?: string
  /** `AH00124`: names the statement in Apache's source that wrote the line. */
  code?: string
  referer?: string
  message: string
}

const levels = 'emerg|alert|crit|error|warn|notice|info|debug|trace[1-8]'
const zonelessTime = /\[[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d{1,9})? \d{4}\] ?/y
const isoTime = /\[?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?(?:Z|[+-]\d\d:?\d\d))?)\]? /y
const moduleLevel = new RegExp(`\\[(?:([a-z]\\w{0,40}):)?(${levels})\\] ?`, 'y')
const moduleOnly = /\[([a-z]\w{1,40})\] (?=\[)/y
const bareLevel = new RegExp(`(?:([a-z]\\w{0,40}):)?(${levels}) `, 'y')
// A field that is empty takes the literals beside it along: `[pid 26550:tid ` has lost its bracket.
const pid = /\[pid (\d{1,10})(?::tid ?\w{0,20})?\]? ?/y
const client = /\[(?:client|remote) ([^\]\s]{1,100})\] ?/y
const errno = /\(-?\d{1,5}\)[^:[\]]{1,200}: /y
const sourceLine = /[\w./-]{1,80}\.c\(\d{1,6}\): /y
const code = /(AH\d{5}): /y
const unknownField = /\[[^\]]{0,80}\] (?=[[(]|AH\d{5}: )/y

/**
 * Reads the default ErrorLogFormat and what people make of it: fields in any order, some missing, some unknown.
 *
 * @returns undefined when nothing in the line says that Apache wrote it
 * Source: https://httpd.apache.org/docs/2.4/mod/core.html#errorlogformat
 */
export function readApacheHead (text: string): ApacheHead | undefined {
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
  if (take(zonelessTime) !== null) {
    isApache = true
  } else {
    const time = take(isoTime)
    if (time?.[1] !== undefined) {
      head.time = time[1]
      const level = take(bareLevel)
      if (level !== null) setLevel(head, level)
      isApache = level?.[1] !== undefined
    }
  }
  // Bounded by the fields that a format can have; a message that looks like one more ends the loop at its client.
  for (let count = 0; count < 16; count++) {
    let found = take(client)
    if (found !== null) {
      head.client ??= withoutPort(found[1] ?? '')
      hasClient = isApache = true
      continue
    }
    if ((found = take(code)) !== null) {
      head.code = found[1] ?? ''
      isApache = true
      break
    }
    if (take(errno) !== null) continue
    if (hasClient) break
    if ((found = take(moduleLevel)) !== null) {
      setLevel(head, found)
      isApache = true
    } else if ((found = take(pid)) !== null) {
      head.pid = found[1] ?? ''
      isApache = true
    } else if (take(sourceLine) === null) {
      found = take(moduleOnly)
      if (found !== null) head.module ??= found[1] ?? ''
      else if (take(unknownField) === null) break
    }
  }
  if (!isApache) return undefined
  head.message = text.slice(at)
  const refererAt = head.client === undefined ? -1 : head.message.lastIndexOf(', referer: ')
  if (refererAt >= 0) {
    head.referer = head.message.slice(refererAt + ', referer: '.length)
    head.message = head.message.slice(0, refererAt)
  }
  return head
}

function setLevel (head: ApacheHead, [, module, name = '']: RegExpExecArray): void {
  const level = levelOfName(name)
  if (level !== undefined) head.level = level
  if (module !== undefined) head.module = module
}

/** `127.0.0.1:38462` and `::1:58619` without the port, which stands after the last colon. */
function withoutPort (address: string): string {
  const at = address.lastIndexOf(':')
  const host = address.slice(0, Math.max(at, 0))
  return isIP(host) !== 0 || (host.startsWith('[') && host.endsWith(']')) ? host : address
}
