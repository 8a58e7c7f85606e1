import { apacheLog, isDatedByApache, readApacheHead } from './apache-error.ts'
import { headOf } from './error-line-ends.ts'
import { fpmLog, fpmSaid } from './php-fpm.ts'
import { isOfOpcache } from './php-message.ts'
import { ascii, createShape, hasShape, isDigit } from '../bytes/ascii.ts'

const { space, openBracket, closeBracket, openParenthesis } = ascii

const fpmTime = createShape('[00-Aaa-0000 00:00:00')
const bareTime = createShape('Aaa Aaa _0 00:00:00')
const code = createShape('AH00000: ')
const longestTimeBytes = 40

/** An object that an application had PHP write by `error_log()`. */
const objectByPhp = /^(?:\[(?:pid|client|remote) [^\]]{0,100}\] )*\{/

/**
 * Whether a line is beyond doubt one that Apache, php-fpm or the opcache writes in its own log, whatever its level, so
 * an error line, also by standard output. What a child of php-fpm said is not, nor an object that PHP in Apache wrote:
 * those are the application's.
 *
 * Nearly all lines of an application are told by a byte or two; no other than a server's makes a string.
 */
export function isServerLine (bytes: Buffer, start: number, end: number): boolean {
  switch (bytes[start] as number) {
    case openBracket:
      if (isDatedByApache(bytes, start, end)) return isOfApache(headOf(bytes, start, end))
      if (hasShape(bytes, start, end, fpmTime)) return isOfFpm(headOf(bytes, start, end))
      return isBeforeField(bytes, start, end) && hasCode(headOf(bytes, start, end))
    case openParenthesis:
      return start + 1 < end && isDigit(bytes[start + 1] as number) && hasCode(headOf(bytes, start, end))
    case 0x41: if (hasShape(bytes, start, end, code)) return true
  }
  if (!hasShape(bytes, start, end, bareTime)) return false
  const head = headOf(bytes, start, end)
  return isOfOpcache(head) || hasCode(head)
}

function isOfApache (head: string): boolean {
  const found = apacheLog.exec(head)
  if (found === null) return hasCode(head)
  return found[1]?.startsWith('php') !== true || !objectByPhp.test(head.slice(found[0].length))
}

function isOfFpm (head: string): boolean {
  return fpmLog.test(head) && !fpmSaid.test(head)
}

/** Whether Apache names the statement in its source that wrote the line, behind fields as it writes them. */
function hasCode (head: string): boolean {
  return readApacheHead(head)?.code !== undefined
}

/** Whether a date in brackets stands here, and another bracket behind it: loggers have a channel there. */
function isBeforeField (bytes: Uint8Array, start: number, end: number): boolean {
  if (start + 1 >= end || !isDigit(bytes[start + 1] as number)) return false
  const last = Math.min(end - 2, start + longestTimeBytes)
  for (let at = start + 2; at < last; at++) {
    if (bytes[at] === closeBracket) return bytes[at + 1] === space && bytes[at + 2] === openBracket
  }
  return false
}
