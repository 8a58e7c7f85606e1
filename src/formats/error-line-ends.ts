import { isHtmlEnd, isPythonBridge, isPythonEnd, isSynopsis } from './block-lines.ts'

/** How much of a line's beginning and of its end is looked at, bytes. */
const headBytes = 400
const tailBytes = 160

const longestPlaceBytes = 1024

/** ` on line 3`, as an error of PHP ends. */
export const onLine = / on line \d{1,10}\s*$/
const inFile = / in (?:\/|[A-Z]:\\|phar:\/\/)/
/** `:3`, as the message of an exception ends. */
export const atLine = /:\d{1,10}\s*$/
/** `"} []`, as the context of a Monolog record ends. */
export const closedContext = /(?:\[\]|"\}|\} \[\])\s*$/

export function headOf (bytes: Buffer, start: number, end: number): string {
  return bytes.toString('latin1', start, Math.min(end, start + headBytes))
}

export function tailOf (bytes: Buffer, start: number, end: number): string {
  return bytes.toString('latin1', Math.max(start, end - tailBytes), end)
}

/** Something that the beginning or the end of a line shows. */
type LineTest = (bytes: Buffer, start: number, end: number) => boolean

/** Whether a line of a PHP error ends it. */
export const endsOnLine: LineTest = (bytes, start, end) => onLine.test(tailOf(bytes, start, end))
/** Whether a line ends with the place of an error as PHP has it, with a path that is absolute. */
export const endsInFile: LineTest = (bytes, start, end) =>
  endsOnLine(bytes, start, end) && inFile.test(bytes.toString('latin1', Math.max(start, end - longestPlaceBytes), end))
/** Whether a line says where it was, as CodeIgniter does behind its message: `in APPPATH/x.php on line 9.` */
export const endsInPlace: LineTest = (bytes, start, end) => / on line \d{1,10}\.?\s*$/.test(tailOf(bytes, start, end))
/** Whether a line ends with a place, ` in /app/x.php:3`, as the message of an exception does. */
export const endsAtLine: LineTest = (bytes, start, end) => atLine.test(tailOf(bytes, start, end))
/** Whether a line that begins like an object in JSON ends like a record of Monolog: its context stands behind that. */
export const endsBehindJson: LineTest = (bytes, start, end) => /[}\]] (?:\[\]|\{.{0,140}\})?$/.test(tailOf(bytes, start, end))
/** Whether a line behind a trace is the last of a context: `"} []`, `","user":7} `, not `","previous":"[object] (E`. */
export const endsClosing: LineTest = (bytes, start, end) => /[\]}]\s*$/.test(tailOf(bytes, start, end))
/** Whether a line closes the context of a Monolog record: `"} []`, ` [] []`. */
export const endsContext: LineTest = (bytes, start, end) => closedContext.test(tailOf(bytes, start, end))
/** Whether a line ends as a message of Monolog does: in a space for what it has not, a context or extra fields. */
export const endsMessage: LineTest = (bytes, start, end) => /(?:\S {2}|[}\]] )$/.test(tailOf(bytes, start, end))
/** Whether what ends a record of Monolog stands behind the outermost frame: `#3 {main} [] []`. */
export const endsBehindMain: LineTest = (bytes, start, end) => / \{main\} [[{].{0,140}[\]}]\s*$/.test(tailOf(bytes, start, end))
/** Whether a line ends an error in HTML. */
export const endsHtml: LineTest = (bytes, start, end) => isHtmlEnd(tailOf(bytes, start, end))
/** Whether a line says how a command is called. */
export const isSynopsisLine: LineTest = (bytes, start, end) => isSynopsis(headOf(bytes, start, end))
/** Whether a line says that the traceback to come follows from the one before it. */
export const isPythonBridgeLine: LineTest = (bytes, start, end) => isPythonBridge(headOf(bytes, start, end))
/** Whether a line names the exception of a traceback of Python. */
export const isPythonException: LineTest = (bytes, start, end) => isPythonEnd(headOf(bytes, start, end))

/**
 * Whether a trace may follow a line: it ends with the place of an exception, `:3`, ` at /app/x.php:3)`, ` on line 3`,
 * or with a colon, or holds a frame already.
 */
export const announcesTrace: LineTest = (bytes, start, end) =>
  /(?::|(?::| line )\d{1,10}[).]{0,2}|#\d{1,6} [^\n]*)\s*$/.test(tailOf(bytes, start, end))

/** Whether a frame is the outermost one: `#3 {main}`. */
export function isMainFrame (bytes: Buffer, start: number, end: number): boolean {
  return end - start < 20 && bytes.toString('latin1', start, end).trimEnd().endsWith(' {main}')
}

// Tested in test/formats/error-lines.test.ts
