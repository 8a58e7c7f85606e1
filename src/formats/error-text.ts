import { Scratch } from '../bytes/scratch.ts'

/** Who wrote a line, as far as its text has to be undone for it. */
export type ErrorWriter = 'apache' | 'fpm' | 'other'

/** What a line says once the escapes of Apache and the decoration of php-fpm are off. */
export interface ErrorText {
  /** The text is `buffer[start, end)` until the next `read`: the record's own memory where nothing had to be undone. */
  readonly buffer: Buffer
  readonly start: number
  readonly end: number
  readonly writer: ErrorWriter
  /** Of php-fpm's decoration: the pool and the child; empty where the line has none. */
  readonly pool: string
  readonly pid: string
  /** php-fpm marks it as a message of PHP; else a child wrote the stream itself. */
  readonly isPhpMessage: boolean
  /** php-fpm's decoration holds nothing: the text is the line as it came. */
  readonly isEmpty: boolean
  read (bytes: Buffer, start: number, end: number): void
}

const headBytes = 300
const bracket = 0x5b
const backslash = 0x5c

const said = /^\[\d\d-[A-Z][a-z]{2}-\d{4} \d\d:\d\d:\d\d(?:\.\d{1,6})?\] [A-Z]{5,7}: (?:pid \d{1,10}, \w{1,64}\(\), line \d{1,6}: )?\[pool ([^\]]{1,100})\] child (\d{1,10}) said into std(?:err|out): "/
const phpMessage = /^(?:NOTICE|WARNING|ERROR|ALERT|DEBUG): PHP message: /
const levels = '(?:emerg|alert|crit|error|warn|notice|info|debug|trace[1-8])'
/** Symfony's own logger has the colon that strftime's `%z` lacks. */
const symfonyTime = '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d{1,9})?(?:Z|[+-]\\d\\d:\\d\\d)'
const apacheHead = new RegExp([
  '^AH\\d{5}: ',
  '^\\(-?\\d{1,5}\\)[^:]{1,200}: ',
  '^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d(?:\\.\\d{1,9})? \\d{4} ',
  '^\\[[\\d:., TZ+-]{10,40}\\] \\[[RC]:',
  `^(?!${symfonyTime} \\[)(?:[\\d:.,TZ+-]{1,40} ){0,3}(?:[\\w.:-]{1,100} (?=\\[))?(?:\\[[^[\\]]{0,80}\\]? ){0,6}\\[(?:(?:[a-z]\\w{0,40}:)?${levels}|(?:client|remote) [\\da-fA-F.:]{2,50})\\]`,
  `^(?:\\[?[\\d:.,TZ+-]{1,40}\\]? ){1,3}[a-z]\\w{0,40}:${levels} `,
].join('|'))
const bareTrace = /^(?:PHP )?[A-Z][A-Za-z ]{2,30}: {1,2}/
const literalTrace = Buffer.from('\\nStack trace:\\n#')

/** Reads one line after another, using its memory again. */
export function createErrorText (): ErrorText {
  const scratch = new Scratch()
  const text = {
    buffer: scratch.buffer,
    start: 0,
    end: 0,
    writer: 'other' as ErrorWriter,
    pool: '',
    pid: '',
    isPhpMessage: false,
    isEmpty: false,
    read (bytes: Buffer, start: number, end: number): void {
      text.buffer = bytes
      text.start = start
      text.end = end
      text.writer = 'other'
      text.pool = ''
      text.pid = ''
      text.isPhpMessage = false
      text.isEmpty = false
      const first = start < end ? bytes[start] as number : 0
      // Most lines are Apache's own, and most of those hold no escape: they are told without making a string.
      if (first === bracket && isDay(bytes, start, end)) {
        text.writer = 'apache'
      } else {
        const head = bytes.toString('latin1', start, Math.min(end, start + headBytes))
        if (readFpm(head, bytes)) return
        if (apacheHead.test(head)) text.writer = 'apache'
        else if (!bareTrace.test(head) || !hasLiteralTrace(bytes, start, end)) return
      }
      if (!hasEscape(bytes, start, end)) return
      scratch.reset()
      undoEscapes(scratch, bytes, start, end)
      text.buffer = scratch.buffer
      text.start = 0
      text.end = scratch.end
    },
  }

  function readFpm (head: string, bytes: Buffer): boolean {
    const { start, end } = text
    const decoration = said.exec(head)
    let rest = head
    if (decoration !== null) {
      text.writer = 'fpm'
      text.pool = decoration[1] ?? ''
      text.pid = decoration[2] ?? ''
      text.start += decoration[0].length
      text.end = endOfSaid(bytes, text.start, text.end)
      rest = head.slice(decoration[0].length)
    }
    const message = phpMessage.exec(rest)
    if (message !== null) {
      text.writer = 'fpm'
      text.isPhpMessage = true
      text.start = Math.min(text.start + message[0].length, text.end)
    }
    if (text.writer !== 'fpm') return false
    // An empty message is still a line: without its decoration nothing would be left of it.
    if (isBlank(bytes, text.start, text.end)) {
      text.isEmpty = true
      text.start = start
      text.end = end
    }
    return true
  }
  return text
}

/** The quote that php-fpm puts after what a child said; after its last words it adds a remark. */
function endOfSaid (bytes: Buffer, start: number, end: number): number {
  for (const closing of closings) {
    const at = end - closing.length
    if (at >= start && closing.compare(bytes, at, end) === 0) return at
  }
  return end
}

const closings = [Buffer.from('"'), Buffer.from('", pipe is closed')]

/** `[Mon Nov 23 19:36:29.437756 2026]` */
function isDay (bytes: Buffer, start: number, end: number): boolean {
  return end - start > 20 && bytes[start + 4] === 0x20 && bytes[start + 8] === 0x20 && bytes[start + 14] === 0x3a
}

function hasEscape (bytes: Buffer, start: number, end: number): boolean {
  for (let index = start; index < end; index++) if (bytes[index] === backslash) return true
  return false
}

function isBlank (bytes: Buffer, start: number, end: number): boolean {
  for (let index = start; index < end; index++) if (bytes[index] as number > 0x20) return false
  return true
}

function hasLiteralTrace (bytes: Buffer, start: number, end: number): boolean {
  return bytes.subarray(start, end).includes(literalTrace)
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
    } else if (letter === 0x78 && index + 3 < end) {
      const high = hexValue[bytes[index + 2] as number] as number
      const value = high * 16 + (hexValue[bytes[index + 3] as number] as number)
      if (value >= 0x80 && value < 0x100) {
        buffer[position++] = value
        index += 3
      } else {
        buffer[position++] = byte
      }
    } else {
      buffer[position++] = byte
    }
  }
  target.end = position
}

const plainOf = new Uint8Array(256)
plainOf[backslash] = backslash
plainOf[0x6e] = 0x0a
plainOf[0x72] = 0x0d
plainOf[0x74] = 0x09

/** 0 to 15, or so much that no pair with it is a byte. */
const hexValue = new Uint16Array(256).fill(0x1000)
for (const [value, digit] of [...'0123456789abcdef'].entries()) hexValue[digit.charCodeAt(0)] = value
