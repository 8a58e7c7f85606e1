/** What a line of standard error is to the records around it. */
export const lineKind = {
  /** Complete by itself and not PHP's: passes by whatever is open. */
  other: 0,
  /** Complete by itself and a message of PHP: what its writer had open is over. */
  whole: 1,
  /** Begins a record that more lines may belong to; `ending` says how it ends. */
  header: 2,
  /** No mark of its own: belongs to a message that is open, else stands alone. */
  text: 3,
  indented: 4,
  blank: 5,
  /** `Stack trace:`, `[stacktrace]` */
  stack: 6,
  /** `#0 /app/x.php(3): f()` */
  frame: 7,
  /** `  thrown in /app/x.php on line 3`: the last line of an uncaught exception. */
  thrown: 8,
  /** `Next App\Error: …`, `[previous exception] …`: another message within the record. */
  next: 9,
  /** `"} []`, `","user":7} []`: what stands behind a trace that is the value of a context. */
  closing: 10,
  /** A line of php-fpm's slow log. */
  slow: 11,
  /** `PHP   1. {main}() …`: a frame that Xdebug writes, with a prefix of its own. */
  xdebug: 12,
  /** An object in JSON that is no record of a logger: the answer of an API in the message of an exception, say. */
  json: 13,
  /** A bracket alone, `(`: opens what the line before announced, or a dump. */
  opener: 14,
  /** Closing brackets alone: they belong to what was opened. */
  closer: 15,
  /** A line that a framework sets behind its message: `$_COOKIE = [`, `Request URL: /x`. */
  part: 16,
  /** Another program's: joins nothing of PHP's. */
  program: 17,
  /** A tag of what PHP writes as HTML. */
  html: 18,
} as const
export type LineKind = typeof lineKind[keyof typeof lineKind]

/** How a record that began with this header ends, besides by quiet and by the next header. */
export type Ending =
  /** Uncaught: at `  thrown in FILE on line N`. */
  | 'thrown'
  /** Any other PHP error: at the line that ends with ` on line N`. */
  | 'on-line'
  /** What may be an error that PHP shows as text, without `PHP `: only ` in FILE on line N` proves it. */
  | 'unproven'
  /** A whole fatal error, which PHP since 8.5 may follow with `Stack trace:` up to `{main}`. */
  | 'backtrace'
  /** Monolog: at the line that closes its context. */
  | 'context'
  /** Its text says nothing of its end: a plain `error_log()`. */
  | 'quiet'
  /** An exception as a string: frames follow its message. */
  | 'frames'
  /** A record of some logger, which is whole but for a trace, or lines that are set in. */
  | 'dated'
  | 'slow'
  /** Frames that Xdebug writes with a prefix of their own; also an error that they may follow. */
  | 'xdebug'
  /** A dump of a variable: at the bracket that closes it. */
  | 'dump'
  /** The block in which a console shows an exception: lines that are set in, and how the command is called. */
  | 'console'
  /** A block in which every line is set in: Collision's. */
  | 'block'
  /** A traceback of Python: lines that are set in, and the exception at the left margin. */
  | 'python'
  /** An error of PHP as HTML. */
  | 'html'
  /** Exactly one more line: Apache's `Syntax error on line N of FILE:`. */
  | 'one-more'
  /** A whole line of php-fpm of which only a piece is here. */
  | 'piece'

/** One line, read; the reader uses it again for the next. */
export class TraceLine {
  kind: LineKind = lineKind.other
  /** Of a header. */
  ending: Ending = 'quiet'
  /** php-fpm's `24504 stderr` where the line is decorated with it, else empty. */
  sender = ''
  /** What was written, without php-fpm's decoration: `[bodyStart, bodyEnd)`. */
  bodyStart = 0
  bodyEnd = 0
  /** As long as a line of php-fpm can be: the next one of the same sender may go on within a word. */
  isFull = false
  /** Begins with the mark of a new message, so it can't be the rest of one. */
  isMarked = false
  /** An error of PHP, whole or ended: frames of Xdebug may follow. */
  isPhpError = false
  /** Ends with an opening bracket, or with a word that announces one. */
  isOpened = false
  announcesBracket = false
  /** A dump of a variable comes next. */
  announcesDump = false
}

// Tested in test/formats/error-lines.test.ts
