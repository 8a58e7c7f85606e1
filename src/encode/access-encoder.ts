import type { AccessField } from '../contracts/verdict.ts'
import { createWritingEncoder, type Encoder } from './encoder.ts'
import { repairString } from '../formats/apache-string.ts'
import { ascii, hasBytes, nextByte } from '../bytes/ascii.ts'
import { appendJsonText } from '../bytes/json-escape.ts'
import { appendRange, LineRewriter } from '../bytes/line-rewriter.ts'
import type { Scratch } from '../bytes/scratch.ts'

const { space, minus, zero, questionMark } = ascii
const nullWord = Buffer.from('null')
const quoteMark = Buffer.from('"')
const escapedQuote = Buffer.from('\\"')
const closing = Buffer.from('}')
const protocolPrefix = Buffer.from('HTTP/')
const requestParts = ['method', 'path', 'query', 'protocol'].map(name => Buffer.from(`,"${name}":`))
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const givenTimeBytes = '23/Nov/2026:19:41:55 +0900'.length

/**
 * Encodes access lines that are not JSON as a JSON object of one line: `{"time":"2026-11-23T19:41:55+00:00",
 * "remote_ip":"…","ident":null,"user":null,"request":"GET /a?b=c HTTP/1.1","method":"GET","path":"/a","query":"?b=c",
 * "protocol":"HTTP/1.1","status":200,"bytes":236,"referer":null,"user_agent":"…"}`.
 *
 * The values are what the client sent, with Apache's escapes undone; `-` is null. The path is as in the request line,
 * and the query has its question mark, like `%q`. A line whose verdict has no such fields is JSON and stays as it is.
 */
export function createAccessEncoder (): Encoder {
  const rewriter = new LineRewriter()
  const scratch = rewriter.scratch
  const givenTime = createGivenTime()
  // The keys of the reader whose line came last: there are two readers at most.
  let fieldsOfKeys: readonly AccessField[] = []
  let keys: readonly Buffer[] = []
  let isEscaped = false

  function appendText (bytes: Buffer, start: number, end: number): void {
    scratch.append(quoteMark)
    if (isEscaped) {
      rewriter.resume(bytes, start)
      let index = repairString(rewriter, bytes, start, end, false)
      while (index < end) {
        rewriter.replace(index, index + 1, 0).append(escapedQuote)
        index = repairString(rewriter, bytes, index + 1, end, false)
      }
      rewriter.finish(end)
    } else {
      appendJsonText(scratch, bytes, start, end)
    }
    scratch.append(quoteMark)
  }

  /** Without escapes, a field that is empty is one that is not there. */
  function appendTextOrNull (bytes: Buffer, start: number, end: number): void {
    const isNull = isDash(bytes, start, end) || (start >= end && !isEscaped)
    if (isNull) scratch.append(nullWord)
    else appendText(bytes, start, end)
  }

  function appendRequest (bytes: Buffer, start: number, end: number): void {
    appendTextOrNull(bytes, start, end)
    const methodEnd = nextByte(bytes, start, end, space)
    const hasTarget = methodEnd > start && methodEnd + 1 < end
    const protocolStart = hasTarget ? protocolAt(bytes, methodEnd + 1, end) : end
    const targetEnd = protocolStart < end ? protocolStart - 1 : end
    const pathEnd = hasTarget ? nextByte(bytes, methodEnd + 1, targetEnd, questionMark) : end
    for (let part = 0; part < requestParts.length; part++) {
      scratch.append(requestParts[part] as Buffer)
      if (!hasTarget || (part === 3 && protocolStart === end)) scratch.append(nullWord)
      else if (part === 0) appendText(bytes, start, methodEnd)
      else if (part === 1) appendText(bytes, methodEnd + 1, pathEnd)
      else if (part === 2) appendText(bytes, pathEnd, targetEnd)
      else appendText(bytes, protocolStart, end)
    }
  }

  return createWritingEncoder((_, { bytes, start }, { access }) => {
    if (access === undefined) return false
    isEscaped = access.isEscaped
    rewriter.begin(bytes, start)
    if (access.fields !== fieldsOfKeys) {
      fieldsOfKeys = access.fields
      // The first is the time, which is always there.
      keys = fieldsOfKeys.map(({ name }, index) => Buffer.from(`${index === 0 ? '{' : ','}"${name}":`))
    }
    for (let index = 0; index < keys.length; index++) {
      const field = fieldsOfKeys[index] as AccessField
      if (field.start < 0) continue
      scratch.append(keys[index] as Buffer)
      if (field.kind === 'number') appendNumber(scratch, bytes, field.start, field.end)
      else if (field.kind === 'time') scratch.append(givenTime(bytes, field.start))
      else if (field.kind === 'request') appendRequest(bytes, field.start, field.end)
      else appendTextOrNull(bytes, field.start, field.end)
    }
    scratch.append(closing)
    return true
  }, scratch)
}

function isDash (bytes: Uint8Array, start: number, end: number): boolean {
  return end - start === 1 && bytes[start] === minus
}

/** Where the last word of the request starts, when it is a protocol, else `end`: a target may hold spaces. */
function protocolAt (bytes: Uint8Array, from: number, end: number): number {
  let start = end
  while (start > from && bytes[start - 1] !== space) start--
  return start !== from && hasBytes(bytes, start, end, protocolPrefix) ? start : end
}

/** Digits, or `-`. */
function appendNumber (target: Scratch, bytes: Buffer, start: number, end: number): void {
  if (isDash(bytes, start, end)) {
    target.append(nullWord)
    return
  }
  let significant = start
  while (significant < end - 1 && bytes[significant] === zero) significant++
  appendRange(target, bytes, significant, end)
}

/**
 * Gives `23/Nov/2026:19:41:55 +0900` as ISO 8601 in quotes, `"2026-11-23T19:41:55+09:00"`; as it is where the month is
 * none. The bytes are those of the last call when the time is the same, as it is for most lines.
 */
function createGivenTime (): (bytes: Buffer, start: number) => Buffer {
  const given = Buffer.alloc(givenTimeBytes)
  let formatted = Buffer.alloc(0)
  return (bytes, start) => {
    let same = 0
    while (same < givenTimeBytes && given[same] === bytes[start + same]) same++
    if (same < givenTimeBytes) {
      bytes.copy(given, 0, start, start + givenTimeBytes)
      formatted = Buffer.from(`"${isoOf(given.toString('latin1'))}"`)
    }
    return formatted
  }
}

function isoOf (given: string): string {
  const month = months.indexOf(given.slice(3, 6).toLowerCase()) + 1
  if (month === 0) return given
  return `${given.slice(7, 11)}-${String(month).padStart(2, '0')}-${given.slice(0, 2)}` +
    `T${given.slice(12, 20)}${given.slice(21, 24)}:${given.slice(24)}`
}
