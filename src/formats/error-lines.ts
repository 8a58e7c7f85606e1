import { apacheFields, apacheMessage, apacheSyntax, isDatedByApache } from './apache-error.ts'
import { ascii } from '../bytes/ascii.ts'
import {
  announcesBracket, announcesDump, isCallStack, isCloser, isCollisionHead, isConsoleClass, isConsoleHead, isDrush,
  isDump, isDumpBehind, isHtmlEnd, isHtmlStart, isLaravelLine, isOddFrame, isOpened, isOpener, isPart, isProgram,
  isPythonHead,
} from './block-lines.ts'
import { atLine, closedContext, headOf, onLine, tailOf } from './error-line-ends.ts'
import { jsonStart, levelKeys } from './json-log.ts'
import { logfmtHead } from './logfmt.ts'
import { loggerStart, monologStart } from './monolog.ts'
import { endOfSaid, fpmLine, fpmMessage, fpmSaid, isSlowHead, logLimitStepBytes } from './php-fpm.ts'
import { phpDate, phpKind } from './php-message.ts'
import { lineKind, type Ending, type LineKind, type TraceLine } from './trace-line.ts'

/** Where Apache cuts a message. Source: server/log.c (MAX_STRING_LEN), for an ErrorLogFormat of nothing but `%M` */
const apacheCutBytes = 8190

const xdebugStart = /^PHP Stack trace:\s*$/
const xdebugFrame = /^PHP {1,3}\d{1,6}\. /
/** Symfony's console writes no day; at its most verbose, the context stands on lines of its own. */
const consoleRecord = /^\d\d:\d\d:\d\d (?:DEBUG|INFO|NOTICE|WARNING|ERROR|CRITICAL|ALERT|EMERGENCY) +\[/
const dated = /^\[?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d/
const eccubeScript = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[\/[^\]]{0,300}\] /
/** With the place of an error, or the client, its message ends. */
const eccubeEnd = / on \[[^\]]{1,140}\(\d{1,10}\)\]| from (?:[\d.]{7,15}|[\da-f:]{2,45})?\s*$/
const statusKey = /"status(?:_?code)?" ?:/i
const requestKey = /"(?:method|request\w{0,20}|path|ur[il])" ?:/
const logKeys = new RegExp(`"(?:${levelKeys.map(key => key.replace('.', '\\.')).join('|')}|channel|module)" ?:`)
const accessTime = /\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d /
const tagged = /^\[[\w.: -]{1,40}\] (?!=>)\S/
const exceptionStart = /^[A-Za-z_][\w\\]{0,200}(?:: | in )/
const exceptionName = /^[\w\\]{0,200}\w(?:Exception|Error)(?:: | in )/
const next = /^(?:Next [A-Za-z_\\][\w\\]{0,300}(?:@anonymous|: | in |:$)|\[previous exception\] )/
/** A trace that Magento wrote for a page. */
const preFrame = /^<pre>#\d{1,6} /
const closing = /^"(?:\}|\]|,")/
const jsonEnd = /(?:\]|\})\s*,?\s*$/
/** Without context and extra fields, Monolog leaves a space for each. */
const contextEnd = /(?:\]|\}| {2})\s*$/
const fatalKind = /^(?:Fatal error|Recoverable fatal error|Catchable fatal error)$/

/**
 * Says what a line of bytes is, from its first 400 and its last 160: in linear time, and without keeping any of it.
 *
 * Source: https://github.com/php/php-src/blob/master/main/main.c (php_error_cb, php_log_err_with_severity),
 * https://github.com/php/php-src/blob/master/sapi/fpm/fpm/zlog.c (wrapping at log_limit)
 */
export function readTraceLine (bytes: Buffer, start: number, end: number, line: TraceLine): void {
  line.sender = ''
  line.bodyStart = start
  line.bodyEnd = end
  line.isFull = false
  line.isMarked = line.isPhpError = line.isOpened = line.announcesBracket = line.announcesDump = false
  if (isDatedByApache(bytes, start, end)) {
    line.kind = lineKind.other
    return
  }
  let head = headOf(bytes, start, end)
  line.isFull = (end - start + 1) % logLimitStepBytes === 0
  const said = head.charCodeAt(0) === ascii.openBracket ? fpmSaid.exec(head) : null
  if (said !== null) {
    line.sender = `${said[2] ?? ''} ${said[3] ?? ''}`
    line.bodyStart = start + said[0].length
    line.bodyEnd = endOfSaid(bytes, line.bodyStart, end)
    head = headOf(bytes, line.bodyStart, line.bodyEnd)
  }
  const tail = tailOf(bytes, line.bodyStart, line.bodyEnd)
  readBody(head, tail, line)
  // Apache writes a message on one line, so what it cut goes on nowhere.
  if (line.kind === lineKind.header && line.sender === '' && end - start === apacheCutBytes) whole(line)
  if (line.kind === lineKind.other || line.kind === lineKind.whole) return
  line.isOpened = isOpened(tail)
  line.announcesBracket = announcesBracket(tail) || (line.kind === lineKind.header && consoleRecord.test(head))
  line.announcesDump = line.kind === lineKind.part && announcesDump(head)
}

function readBody (head: string, tail: string, line: TraceLine): void {
  const prefix = fpmMessage.exec(head) ?? phpDate.exec(head)
  if (prefix !== null) {
    line.isMarked = true
    const content = head.slice(prefix[0].length)
    if (isPhpError(content, tail, line)) return
    if (content.trim() === '' || isJson(content, tail)) whole(line)
    else if (!isMonolog(content, tail, line)) header(line, 'quiet')
    return
  }
  line.kind = continuationKind(head)
  if (line.kind === lineKind.indented && isDrush(head)) marked(line, 'dated')
  else if (line.kind === lineKind.indented && isLaravelLine(head)) whole(line)
  else if (line.kind === lineKind.indented && isConsoleClass(head)) header(line, 'console')
  else if (line.kind === lineKind.indented && isCollisionHead(head)) marked(line, 'block')
  else if (line.kind === lineKind.indented && isPythonHead(head)) marked(line, 'python')
  if (line.kind !== lineKind.text) return
  if (isPhpError(head, tail, line) || isMonolog(head, tail, line)) {
    line.isMarked = true
    return
  }
  if (isJson(head, tail)) {
    // Monolog writes the level behind the context, which may be long.
    line.isMarked = logKeys.test(head) || logKeys.test(tail) || (statusKey.test(head) && requestKey.test(head))
    line.kind = line.isMarked ? lineKind.other : lineKind.json
    return
  }
  if (isSlowHead(head)) header(line, 'slow')
  else if (apacheSyntax.test(head) && tail.endsWith(':')) header(line, 'one-more')
  else if (loggerStart.test(head)) marked(line, 'quiet')
  else if (isUnfinished(head, tail)) marked(line, 'quiet')
  else if (isDated(head)) marked(line, 'dated')
  else if (head.charCodeAt(0) === 0x3c) html(head, tail, line)
  else if (isConsoleHead(head)) marked(line, 'console')
  else if (isPythonHead(head)) marked(line, 'python')
  else if (isOpener(head)) openerOf(head, line)
  else if (isCloser(head)) line.kind = lineKind.closer
  else if (isDump(head) || isDumpBehind(tail)) header(line, 'dump')
  else if (isPart(head)) line.kind = lineKind.part
  else if (isOddFrame(head)) line.kind = lineKind.frame
  else if (isOther(head)) line.kind = lineKind.other
  else if (isProgram(head)) line.kind = lineKind.program
  else if (phpKind.test(head)) header(line, 'unproven')
  else if (isException(head, tail)) header(line, 'frames')
}

/** What Apache dates has dashes, or fields of its own. */
function isDated (head: string): boolean {
  return (dated.test(head) && (head.charCodeAt(4) === 0x2f || !apacheFields.test(head))) || consoleRecord.test(head)
}

/** A message of EC-CUBE 2 whose end is still to come. */
function isUnfinished (head: string, tail: string): boolean {
  return eccubeScript.test(head) && !eccubeEnd.test(tail)
}

/** Only print_r writes a round one alone, and never first. */
function openerOf (head: string, line: TraceLine): void {
  line.kind = lineKind.opener
  line.ending = head.charCodeAt(0) === ascii.openParenthesis ? 'frames' : 'dump'
}

/** An error in HTML: whole on its line, or with more to come. */
function html (head: string, tail: string, line: TraceLine): void {
  if (!isHtmlStart(head)) line.kind = lineKind.html
  else if (isHtmlEnd(tail)) whole(line)
  else header(line, 'html')
}

/** Lines that only make sense after another. */
function continuationKind (head: string): LineKind {
  switch (head.charCodeAt(0)) {
    case ascii.space:
    case ascii.tab:
      if (head.startsWith('  thrown in ')) return lineKind.thrown
      if (isCallStack(head)) return lineKind.xdebug
      return head.trim() === '' ? lineKind.blank : lineKind.indented
    case ascii.quote: return closing.test(head) ? lineKind.closing : lineKind.text
    case 0x23: return /^#\d{1,6}(?: |$)/.test(head) ? lineKind.frame : lineKind.text
    case 0x4e: return next.test(head) ? lineKind.next : lineKind.text
    case 0x3c: return head.startsWith('</pre>') ? lineKind.closing : preFrame.test(head) ? lineKind.frame : lineKind.text
    case ascii.minus: return /^- (?:[\w./\\][^\s]{1,300}:\d{1,10}|\[\w{1,20}\]:?(?:\d{1,10}|\?\?)?)\s*$/.test(head) ? lineKind.frame : lineKind.text
    case 0x43: return isCallStack(head) ? lineKind.xdebug : lineKind.text
    case 0x53: return /^Stack [Tt]race:?\s*$/.test(head) ? lineKind.stack : lineKind.text
    case 0x73: return head.startsWith('script_filename = ') ? lineKind.slow : lineKind.text
    case ascii.openBracket:
      if (head.startsWith('[stacktrace]')) return lineKind.stack
      if (/^\[0x[0-9a-f]{1,16}\] /.test(head)) return lineKind.slow
      return next.test(head) ? lineKind.next : lineKind.text
    default: return head === '' || head === '\r' ? lineKind.blank : lineKind.text
  }
}

/** An error as PHP words it, after whatever prefix. */
function isPhpError (content: string, tail: string, line: TraceLine): boolean {
  if (xdebugStart.test(content)) {
    header(line, 'xdebug')
    return true
  }
  if (xdebugFrame.test(content)) {
    line.kind = lineKind.xdebug
    return true
  }
  const kind = phpKind.exec(content)
  if (kind === null) return false
  line.isPhpError = true
  const isEnded = onLine.test(tail)
  const isUncaught = content.startsWith('Uncaught ', kind[0].length)
  // Without `PHP ` in front only what ends like an error of PHP is one.
  if (kind[1] === undefined && !isEnded && !isUncaught) {
    line.isPhpError = false
    return false
  }
  // Behind the name of a class without one stands a zero byte, with which PHP ends what it says.
  if (isUncaught && isEnded && content.includes('@anonymous')) whole(line)
  else if (isUncaught && !isThrown(tail)) header(line, 'thrown')
  else if (!isUncaught && !isEnded) header(line, 'on-line')
  else if (!isUncaught && fatalKind.test(kind[2] ?? '')) header(line, 'backtrace')
  else whole(line)
  return true
}

/** The whole trace on one line, as Apache escapes it. */
function isThrown (tail: string): boolean {
  return tail.includes('  thrown in ') || (tail.includes('\\n') && onLine.test(tail))
}

function isJson (content: string, tail: string): boolean {
  return jsonStart.test(content) && jsonEnd.test(tail)
}

function isMonolog (content: string, tail: string, line: TraceLine): boolean {
  if (!monologStart.test(content)) return false
  // An exception within the context has lines of its own, which may end with any bracket.
  const hasException = content.includes('"[object] (') || tail.includes('"[object] (')
  if (hasException ? closedContext.test(tail) : contextEnd.test(tail)) whole(line)
  else header(line, 'context')
  return true
}

function isOther (head: string): boolean {
  return fpmLine.test(head) || dated.test(head) || apacheMessage.test(head) || tagged.test(head) ||
    accessTime.test(head) || logfmtHead.test(head)
}

function isException (head: string, tail: string): boolean {
  return exceptionStart.test(head) && ((atLine.test(tail) && head.includes(' in ')) || exceptionName.test(head))
}

function header (line: TraceLine, ending: Ending): void {
  line.kind = lineKind.header
  line.ending = ending
}

function marked (line: TraceLine, ending: Ending): void {
  header(line, ending)
  line.isMarked = true
}

function whole (line: TraceLine): void {
  line.kind = lineKind.whole
}
