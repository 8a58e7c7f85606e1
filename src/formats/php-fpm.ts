import { known, type MessageFields } from './fields.ts'
import { levelOfName } from './level.ts'
import { phpClock } from './php-message.ts'
import { ascii } from '../bytes/ascii.ts'

/** php-fpm's own levels, of which it writes none but these. Source: sapi/fpm/fpm/zlog.c (level_names) */
export const fpmLevels: readonly string[] = ['ALERT', 'ERROR', 'WARNING', 'NOTICE', 'DEBUG']
const levels = fpmLevels.join('|')
/** With `log_level = debug` it says where in its source, and its children do so too. */
const atFunction = String.raw`\w{1,64}\(\), line \d{1,6}: `
const sourcePlace = `(?:pid \\d{1,10}, ${atFunction})?`
const pool = String.raw`\[pool ([^\]]{1,100})\]`

/** The decoration of what a child wrote, up to the quote that opens it: the pool, the child's pid, the stream. */
export const fpmSaid = new RegExp(
  `^\\[${phpClock}\\] [A-Z]{5,7}: ${sourcePlace}${pool} child (\\d{1,10}) said into (stderr|stdout): "`)
/** No such decoration is longer, bytes. */
const longestSaidBytes = 320
/** How a message of PHP begins, with or without that decoration before it. */
export const fpmMessage = new RegExp(`^(?:${levels}): (?:${atFunction})?PHP message: `)
/** No such mark is longer, bytes. */
export const longestMarkBytes = 112
/** php-fpm's `log_limit` is 1,024 by default and 8,192 in its official images. */
export const logLimitStepBytes = 1024
/** How a line of php-fpm itself begins, in its log or without its time: the level. */
export const fpmLine = new RegExp(`^(?:\\[${phpClock}\\] )?(${levels}): ${sourcePlace}`)
/** How a line of php-fpm's own log begins, or of its slow log, beyond doubt: a time without a zone. */
export const fpmLog = new RegExp(`^\\[${phpClock}\\] (?:(?:${levels}): | ${pool} pid \\d)`)
const fpmChild = new RegExp(`^(?:${pool} )?(?:child (\\d{1,10}))?`)
/** The first line of a record in the slow log: the pool, the child's pid. */
const slowHead = new RegExp(`^\\[${phpClock}\\] {2}${pool} pid (\\d{1,10})`)
const slowScript = /^\nscript_filename = ([^\n]*)/
const slowFrame = /\n\[0x[0-9a-f]{1,16}\] [^\n]* ([^\n ]+):(\d{1,10})(?:\n|$)/

/** What stands behind the last words of a child; behind all others it is one quote. */
const pipeClosed = Buffer.from('", pipe is closed')

/** Where what a child said ends, of a line that ends at `end`. */
export function endOfSaid (bytes: Buffer, start: number, end: number): number {
  if (end > start && bytes[end - 1] === ascii.quote) return end - 1
  const at = end - pipeClosed.length
  return at >= start && pipeClosed.compare(bytes, at, end) === 0 ? at : end
}

/** Whether a child said nothing but white space: nearly all other lines are told by their last byte. */
export function isBlankSaid (bytes: Buffer, start: number, end: number): boolean {
  let at = end - 1
  if (at <= start || bytes[at] !== ascii.quote) return false
  do at--
  while (at > start && (bytes[at] as number) <= ascii.space)
  if (bytes[at] !== ascii.quote || at - start > longestSaidBytes) return false
  const decoration = bytes.toString('latin1', start, at + 1)
  return fpmSaid.exec(decoration)?.[0].length === decoration.length
}

/** Whether a line is the first of a record in the slow log. */
export function isSlowHead (line: string): boolean {
  return slowHead.exec(line)?.[0].length === line.length
}

/** Reads what php-fpm writes on its own account: its log, and records of its slow log. */
export function readFpm (text: string): MessageFields | undefined {
  const slow = readSlow(text)
  if (slow !== undefined) return slow
  const found = fpmLine.exec(text)
  if (found === null) return undefined
  const message = text.slice(found[0].length)
  const [, name, pid] = fpmChild.exec(message) ?? []
  return { origin: 'php-fpm', ...known({ level: levelOfName(found[1] ?? ''), pool: name, pid }), message }
}

function readSlow (text: string): MessageFields | undefined {
  const head = slowHead.exec(text)
  if (head === null) return undefined
  const [prefix, name = '', pid = ''] = head
  const script = slowScript.exec(text.slice(prefix.length))?.[1] ?? ''
  const frame = slowFrame.exec(text)
  return {
    origin: 'php-fpm',
    level: 'warn',
    pool: name,
    pid,
    message: `slow request of ${script}`,
    ...(frame === null ? {} : { file: frame[1] ?? '', line: Number(frame[2]) }),
    trace: text,
  }
}

const xdebugLine = /^PHP (?:Stack trace:$| {1,2}\d{1,6}\. )/
/** What mod_proxy_fcgi writes before what php-fpm said, behind its code AH01071. */
export const reportStart = "Got error '"

/**
 * `Got error 'PHP message: A; PHP message: B'` as A and B; none where the error is not PHP's. Older versions write
 * nothing between them: `PHP message: APHP message: B`.
 */
export function reportedMessages (message: string): readonly string[] {
  if (!message.startsWith(reportStart)) return []
  const inside = message.slice(reportStart.length, message.endsWith("'") ? -1 : undefined)
  const [before = '', ...messages] = inside.split(/(?:; |\n)?PHP message: /).map(each => each.replace(/\n$/, ''))
  // What stands before the first is the rest of the line before, where Apache cut it.
  return withFrames(messages.length === 0 || before.trim() === '' ? messages : [before, ...messages])
}

/** The frames of Xdebug are messages of their own, and belong to the error before them. */
function withFrames (messages: readonly string[]): readonly string[] {
  if (!messages.some(message => xdebugLine.test(message))) return messages
  const found: string[] = []
  for (const message of messages) {
    const last = found.at(-1)
    if (last !== undefined && xdebugLine.test(message)) found.splice(-1, 1, `${last}\n${message}`)
    else found.push(message)
  }
  return found
}
