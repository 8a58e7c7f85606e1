import type { AccessField, AccessFields } from '../contracts/verdict.ts'
import { ascii, createShape, digitsEnd, hasShape, isDigit, isLetter, nextByte, quotedEnd } from '../bytes/ascii.ts'

/** `auto` knows all of them. `php_fpm` is php-fpm's own `access.format`, which it writes to stderr. */
export type PlainAccessFormat = 'auto' | 'common' | 'combined' | 'vhost_combined' | 'php_fpm'

type PlainField = { -readonly [Key in keyof AccessField]: AccessField[Key] }

/**
 * Recognises access lines that are not JSON, by their bytes, and says where their fields are. Allocates nothing; takes
 * time in proportion to the line at most.
 *
 * What a format of one's own has behind the usual fields is the field `extra`; a column before the address is `vhost`
 * where it looks like a name, else `forwarded_for`, as behind a load balancer.
 * Source: https://httpd.apache.org/docs/2.4/logs.html#accesslog and
 * https://www.php.net/manual/en/install.fpm.configuration.php#access-format
 */
export interface PlainAccessReader extends AccessFields {
  /** Always the same fields. Their places are those of the last line, and mean nothing unless `read` said true. */
  readonly fields: AccessFields['fields']
  /** Whether `bytes[start, end)` is an access line. Reads nothing outside of them. */
  read (bytes: Uint8Array, start: number, end: number): boolean
  /** Whether `read` found a line that another was written into: a quote that it opens has no end. */
  readonly isTorn: boolean
}

const { space, quote, comma, minus, dot, colon, openBracket, backslash, closeBracket, underscore } = ascii

/** Of `23/Nov/2026:19:41:55 +0000`. */
const timeShape = createShape('00/xxx/0000:00:00:00 ±0000')
const timeBytes = timeShape.length

export function createPlainAccess (format: PlainAccessFormat): PlainAccessReader {
  const time = field('time', 'time')
  const vhost = field('vhost', 'text')
  const port = field('port', 'number')
  const forwarded = field('forwarded_for', 'text')
  const remote = field('remote_ip', 'text')
  const ident = field('ident', 'text')
  const user = field('user', 'text')
  const request = field('request', 'request')
  const status = field('status', 'number')
  const size = field('bytes', 'number')
  const referer = field('referer', 'text')
  const agent = field('user_agent', 'text')
  const extra = field('extra', 'text')
  const fields = [time, vhost, port, forwarded, remote, ident, user, request, status, size, referer, agent, extra]
  const allowsApache = format !== 'php_fpm'
  const allowsFpm = format === 'php_fpm' || format === 'auto'
  const needsAgent = format === 'combined' || format === 'vhost_combined'

  function readApache (bytes: Uint8Array, start: number, timeStart: number, end: number): boolean {
    const requestStart = timeStart + timeBytes + 3
    if (requestStart >= end || bytes[requestStart - 1] !== quote || bytes[requestStart - 2] !== space ||
      bytes[requestStart - 3] !== closeBracket) return false
    if (!readClient(bytes, start, timeStart - 2)) return false
    const requestEnd = quotedEnd(bytes, requestStart, end)
    if (requestEnd + 2 >= end || bytes[requestEnd + 1] !== space) return false
    const statusEnd = numberEnd(bytes, requestEnd + 2, end)
    if (statusEnd + 1 >= end || bytes[statusEnd] !== space || !isStatus(requestEnd + 2, statusEnd, bytes)) return false
    const sizeEnd = numberEnd(bytes, statusEnd + 1, end)
    if (sizeEnd === statusEnd + 1 || (sizeEnd < end && bytes[sizeEnd] !== space)) return false
    set(time, timeStart, timeStart + timeBytes)
    set(request, requestStart, requestEnd)
    set(status, requestEnd + 2, statusEnd)
    set(size, statusEnd + 1, sizeEnd)
    const agentEnd = readAgent(bytes, sizeEnd, end)
    if (reader.isTorn || (agentEnd < 0 && needsAgent)) return false
    const knownEnd = agentEnd < 0 ? sizeEnd : agentEnd
    if (knownEnd === end) return true
    set(extra, knownEnd + 1, end)
    reader.isTorn = !hasClosedQuotes(bytes, knownEnd, end)
    return !reader.isTorn
  }

  /** The fields before the time, `[start, end)`: a user name may have spaces, the others have none. */
  function readClient (bytes: Uint8Array, start: number, end: number): boolean {
    let from = start
    let tokenEnd = nextByte(bytes, from, end, space)
    if (format === 'vhost_combined' || (format === 'auto' && isHostAndPort(bytes, start, tokenEnd) &&
      tokenCount(bytes, start, end) > 3)) {
      const portStart = portAt(bytes, from, tokenEnd)
      if (portStart < 0) return false
      set(vhost, from, portStart - 1)
      set(port, portStart, tokenEnd)
      from = tokenEnd + 1
      tokenEnd = nextByte(bytes, from, end, space)
    } else if (tokenEnd + 1 < end && bytes[tokenEnd + 1] !== minus) {
      const addressStart = addressAt(bytes, tokenEnd + 1, end)
      if (addressStart < end) {
        tokenEnd = nextByte(bytes, addressStart, end, space)
        // Behind a comma it is the last of a list of addresses, which is one value.
        if (bytes[addressStart - 2] !== comma) {
          from = addressStart
          set(isName(bytes, start, from - 1) ? vhost : forwarded, start, from - 1)
        }
      }
    }
    const identStart = tokenEnd + 1
    const identEnd = nextByte(bytes, identStart, end, space)
    if (tokenEnd === from || identEnd <= identStart || identEnd + 1 >= end) return false
    set(remote, from, tokenEnd)
    set(ident, identStart, identEnd)
    const isEmptyUser = end - identEnd === 3 && bytes[identEnd + 1] === quote && bytes[identEnd + 2] === quote
    set(user, identEnd + 1, isEmptyUser ? identEnd + 1 : end)
    return true
  }

  /** Index after ` "referer" "user agent"` at `from`; -1 when there is none. */
  function readAgent (bytes: Uint8Array, from: number, end: number): number {
    if (from + 1 >= end || bytes[from] !== space || bytes[from + 1] !== quote) return -1
    const refererEnd = quotedEnd(bytes, from + 2, end)
    if (refererEnd + 3 >= end || bytes[refererEnd + 1] !== space || bytes[refererEnd + 2] !== quote) return -1
    const agentEnd = quotedEnd(bytes, refererEnd + 3, end)
    // A quote with no space behind it opens something: it is the first of another line.
    reader.isTorn = agentEnd >= end || (agentEnd + 1 < end && bytes[agentEnd + 1] !== space)
    if (reader.isTorn) return -1
    set(referer, from + 2, refererEnd)
    set(agent, refererEnd + 3, agentEnd)
    return agentEnd + 1
  }

  function readFpm (bytes: Uint8Array, start: number, timeStart: number, end: number): boolean {
    const remoteEnd = nextByte(bytes, start, timeStart, space)
    const requestStart = timeStart + timeBytes + 2
    const userStart = remoteEnd + 3
    if (requestStart >= end || bytes[requestStart - 1] !== quote || bytes[requestStart - 2] !== space ||
      userStart >= timeStart || bytes[remoteEnd + 1] !== minus || bytes[remoteEnd + 2] !== space) return false
    for (let index = requestStart; index + 4 < end; index++) {
      const statusEnd = index + 5
      if (bytes[index] !== quote || bytes[index + 1] !== space || !isStatus(index + 2, statusEnd, bytes)) continue
      if (statusEnd < end && bytes[statusEnd] !== space) continue
      set(time, timeStart, timeStart + timeBytes)
      set(remote, start, remoteEnd)
      set(user, userStart, timeStart - 1)
      set(request, requestStart, index)
      set(status, index + 2, statusEnd)
      if (statusEnd < end) set(extra, statusEnd + 1, end)
      return true
    }
    return false
  }

  const reader = {
    fields,
    isEscaped: true,
    isTorn: false,
    read (bytes: Uint8Array, start: number, end: number): boolean {
      reader.isTorn = false
      if (start >= end || isNoClient[bytes[start] as number] === 1) return false
      for (let index = start + 1; index < end - timeBytes; index++) {
        if (bytes[index] !== space) continue
        const next = bytes[index + 1] as number
        const isApache = next === openBracket
        const timeStart = isApache ? index + 2 : index + 1
        if (!isDigit(bytes[timeStart] as number) || !(isApache ? allowsApache : allowsFpm) ||
          !hasShape(bytes, timeStart, end, timeShape)) continue
        for (const each of fields) each.start = -1
        reader.isEscaped = isApache
        if (isApache) return readApache(bytes, start, timeStart, end)
        return readFpm(bytes, start, timeStart, end)
      }
      return false
    },
  }
  return reader
}

/** Bytes with which nothing starts that Apache writes first: a header of the client may start with any other. */
const isNoClient = new Uint8Array(256).fill(1, 0, space + 1)
isNoClient[openBracket] = isNoClient[quote] = 1

function field (name: string, kind: PlainField['kind']): PlainField {
  return { name, kind, start: -1, end: -1 }
}

function set (target: PlainField, start: number, end: number): void {
  target.start = start
  target.end = end
}

function tokenCount (bytes: Uint8Array, from: number, end: number): number {
  let count = 1
  for (let index = from; index < end; index++) {
    if (bytes[index] === space) count++
  }
  return count
}

function hasClosedQuotes (bytes: Uint8Array, from: number, end: number): boolean {
  let index = from
  while (index < end) {
    if (bytes[index] === quote) index = quotedEnd(bytes, index + 1, end)
    if (index === end) return false
    index += bytes[index] === backslash ? 2 : 1
  }
  return true
}

/** Index after digits or after one `-`; `from` when there is neither. */
function numberEnd (bytes: Uint8Array, from: number, end: number): number {
  return from < end && bytes[from] === minus ? from + 1 : digitsEnd(bytes, from, end)
}

function isStatus (from: number, end: number, bytes: Uint8Array): boolean {
  if (end - from === 1) return bytes[from] === minus
  return end - from === 3 && isDigit(bytes[from] as number) && isDigit(bytes[from + 1] as number) &&
    isDigit(bytes[from + 2] as number)
}

/** Start of the first word that is an address with ` - ` behind it, as `%h %l` write, or `end`. */
function addressAt (bytes: Uint8Array, from: number, end: number): number {
  let start = from
  while (start < end) {
    const wordEnd = nextByte(bytes, start, end, space)
    if (wordEnd + 2 < end && bytes[wordEnd + 1] === minus && bytes[wordEnd + 2] === space &&
      isAddress(bytes, start, wordEnd)) return start
    start = wordEnd + 1
  }
  return end
}

function isAddress (bytes: Uint8Array, start: number, end: number): boolean {
  let hasMark = false
  for (let index = start; index < end; index++) {
    const byte = bytes[index] as number
    const isMark = byte === dot || byte === colon
    const letter = byte | 0x20
    if (!isMark && !isDigit(byte) && (letter < 0x61 || letter > 0x66)) return false
    hasMark ||= isMark
  }
  return hasMark
}

/** Whether a host's name may stand here, and neither an address nor a list of them. */
function isName (bytes: Uint8Array, start: number, end: number): boolean {
  let hasLetter = false
  for (let index = start; index < end; index++) {
    const byte = bytes[index] as number
    if (!isLetter(byte) && !isDigit(byte) && byte !== minus && byte !== dot && byte !== underscore) return false
    hasLetter ||= isLetter(byte)
  }
  return hasLetter
}

/** Index of the digits that end `[start, end)` after a colon; -1 when there are none. */
function portAt (bytes: Uint8Array, start: number, end: number): number {
  let index = end
  while (index > start && isDigit(bytes[index - 1] as number)) index--
  return index < end && index - 1 > start && bytes[index - 1] === colon ? index : -1
}

/** An IPv6 address may end like one, but has more colons. */
function isHostAndPort (bytes: Uint8Array, start: number, end: number): boolean {
  const portStart = portAt(bytes, start, end)
  if (portStart < 0) return false
  for (let index = start; index < portStart - 1; index++) {
    if (bytes[index] === colon) return false
  }
  return true
}
