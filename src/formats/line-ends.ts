/** How much of a line's end is looked at, bytes. */
export const tailBytes = 160

export const onLine = / on line \d{1,10}\s*$/
export const atLine = /:\d{1,10}\s*$/
export const contextEnd = /(?:\]|\})\s*$/
export const closedContext = /(?:\[\]|"\}|\} \[\])\s*$/

function tailOf (bytes: Buffer, start: number, end: number): string {
  return bytes.toString('latin1', Math.max(start, end - tailBytes), end)
}

/** Whether a line of a PHP error ends it. */
export function endsOnLine (bytes: Buffer, start: number, end: number): boolean {
  return onLine.test(tailOf(bytes, start, end))
}

/** Whether a line ends with a place, ` in /app/x.php:3`, as the message of an exception does. */
export function endsAtLine (bytes: Buffer, start: number, end: number): boolean {
  return atLine.test(tailOf(bytes, start, end))
}

/** Whether a line that begins like an object in JSON ends like a record of Monolog: its context stands behind that. */
export function endsBehindJson (bytes: Buffer, start: number, end: number): boolean {
  return /[}\]] (?:\[\]|\{.{0,140}\})?$/.test(tailOf(bytes, start, end))
}

/** Whether a line behind a trace is the last of a context: `"} []`, `","user":7} `, not `","previous":"[object] (E`. */
export function endsClosing (bytes: Buffer, start: number, end: number): boolean {
  return contextEnd.test(tailOf(bytes, start, end))
}

/** Whether a line closes the context of a Monolog record: `"} []`, ` [] []`. */
export function endsContext (bytes: Buffer, start: number, end: number): boolean {
  return closedContext.test(tailOf(bytes, start, end))
}

/** Whether a frame is the outermost one: `#3 {main}`. */
export function isMainFrame (bytes: Buffer, start: number, end: number): boolean {
  return end - start < 20 && bytes.toString('latin1', start, end).trimEnd().endsWith(' {main}')
}
