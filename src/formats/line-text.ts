import { apacheStart, headBytes, isDatedByApache, undoEscapes } from './apache-error.ts'
import { endOfSaid, fpmMessage, fpmSaid } from './php-fpm.ts'
import { ascii } from '../bytes/ascii.ts'
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

const { backslash } = ascii

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
      // Most lines are Apache's own, and most of those hold no escape: they are told without making a string.
      if (isDatedByApache(bytes, start, end)) {
        text.writer = 'apache'
      } else {
        const head = bytes.toString('latin1', start, Math.min(end, start + headBytes))
        if (readFpm(head, bytes)) return
        if (apacheStart.test(head)) text.writer = 'apache'
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
    const decoration = fpmSaid.exec(head)
    let rest = head
    if (decoration !== null) {
      text.writer = 'fpm'
      text.pool = decoration[1] ?? ''
      text.pid = decoration[2] ?? ''
      text.start += decoration[0].length
      text.end = endOfSaid(bytes, text.start, text.end)
      rest = head.slice(decoration[0].length)
    }
    const message = fpmMessage.exec(rest)
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
