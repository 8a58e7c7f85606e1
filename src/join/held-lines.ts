import { ascii } from '../bytes/ascii.ts'
import type { LogRecord } from '../contracts/record.ts'
import { fpmMessage, logLimitStepBytes, longestMarkBytes } from '../formats/php-fpm.ts'
import type { TraceLine } from '../formats/trace-line.ts'
import type { Copied } from './joiner.ts'

/** A line without bytes to show, held until it is known whether one of the record follows. */
interface BlankLine extends Copied {
  /** Without the decoration of php-fpm. */
  readonly body: Buffer
}

/** Copies of the lines of one record, which become one line in the decoration of the first. */
export class HeldLines {
  /** Time of the first line, as the sender says, ms since the epoch. */
  timeMs = 0
  /** Lines, without the blank ones behind them. */
  count = 0
  /** Bytes of lines without decoration, and of the newlines between them. */
  bytes = 0
  /** Of the lines, where the records have any. */
  numbers: readonly number[] | undefined
  /** Lines without a mark of belonging to it were joined. */
  hasUnmarked = false
  /** Blank lines behind the last line; they belong to the record if another one follows. */
  #blanks: BlankLine[] = []
  #blankBytes = 0
  /** The first line up to the end of its body, and the bodies behind it: `[0, #end)`. */
  #text = nothing
  #end = 0
  /** Where the message begins, behind php-fpm's decoration. */
  #messageFrom = 0
  /** What the first line has behind its body. */
  #tail = nothing

  get blankCount (): number { return this.#blanks.length }
  /** What a record of all that is held would have. */
  get wholeBytes (): number { return this.bytes + this.#blankBytes + this.#blanks.length }
  /** Of all lines that are held; besides, each takes no more than `lineOverheadBytes`. */
  get heldBytes (): number { return this.bytes + this.#blankBytes }

  /** @param isPiece it goes on within the line before */
  add (record: LogRecord, line: TraceLine, isPiece: boolean): void {
    if (this.count === 0) {
      this.#begin(record, line)
    } else {
      this.#addBlanks()
      this.#append(record.bytes, line.bodyStart, line.bodyEnd, isPiece)
    }
    this.count++
    this.#addNumbers(record.numbers)
  }

  addBlank ({ bytes, start, end, timeMs, numbers }: LogRecord, { bodyStart, bodyEnd }: TraceLine): void {
    const copy = Buffer.from(bytes.subarray(start, end))
    this.#blankBytes += copy.length
    this.#blanks.push({ bytes: copy, body: copy.subarray(bodyStart - start, bodyEnd - start), timeMs, numbers })
  }

  /** php-fpm marks messages of PHP, and cuts those too. */
  get isFpmMessage (): boolean {
    const from = this.#messageFrom
    return fpmMessage.test(this.#text.toString('latin1', from, Math.min(this.#end, from + longestMarkBytes)))
  }

  /**
   * Whether a child of php-fpm has cut its message at `log_limit`: nothing of it follows. php-fpm leaves out blank
   * lines, which counted.
   *
   * Source: sapi/fpm/fpm/zlog.c (zlog_truncate_buf)
   */
  get isCutMessage (): boolean {
    const missing = logLimitStepBytes - 1 - (this.#end - this.#messageFrom) % logLimitStepBytes
    if (missing >= mostBlankLines) return false
    return cutMark.equals(this.#text.subarray(this.#end - cutMark.length, this.#end)) && this.isFpmMessage
  }

  /** The lines without what is behind the body of the first, in memory that is theirs until the next line is added. */
  get text (): Buffer { return this.#text.subarray(0, this.#end) }

  /** The lines as one, in memory that is theirs until the next line is added. */
  asOne (): Buffer {
    return this.#tail.length === 0 ? this.text : Buffer.concat([this.text, this.#tail])
  }

  /** The blank lines, which are held no more. */
  takeBlanks (): readonly BlankLine[] {
    const blanks = this.#blanks
    this.#blanks = []
    this.#blankBytes = 0
    return blanks
  }

  /** The lines as one. Nothing but blank lines is held afterwards. */
  take (): Buffer {
    const bytes = this.asOne()
    this.#text = this.#tail = nothing
    this.#end = 0
    this.numbers = undefined
    this.hasUnmarked = false
    this.count = 0
    this.bytes = 0
    return bytes
  }

  #begin ({ bytes, start, end, timeMs }: LogRecord, { bodyStart, bodyEnd }: TraceLine): void {
    this.#messageFrom = bodyStart - start
    this.#text = Buffer.allocUnsafe(bodyEnd - start + roomBytes)
    this.#end = bytes.copy(this.#text, 0, start, bodyEnd)
    if (bodyEnd < end) this.#tail = Buffer.from(bytes.subarray(bodyEnd, end))
    this.timeMs = timeMs
    this.bytes = end - start
  }

  #append (bytes: Buffer, start: number, end: number, isPiece: boolean): void {
    const added = end - start + (isPiece ? 0 : 1)
    if (this.#end + added > this.#text.length) {
      const grown = Buffer.allocUnsafe(this.#end + added + roomBytes * this.count)
      this.#text.copy(grown, 0, 0, this.#end)
      this.#text = grown
    }
    if (!isPiece) this.#text[this.#end++] = ascii.newline
    this.#end += bytes.copy(this.#text, this.#end, start, end)
    this.bytes += added
  }

  /** The blank lines before a line of the record are lines of it. */
  #addBlanks (): void {
    for (const { body, numbers } of this.takeBlanks()) {
      this.#append(body, 0, body.length, false)
      this.count++
      this.#addNumbers(numbers)
    }
  }

  #addNumbers (numbers: readonly number[] | undefined): void {
    if (numbers !== undefined) this.numbers = (this.numbers ?? []).concat(numbers)
  }
}

const nothing = Buffer.alloc(0)
const cutMark = Buffer.from('...')
const mostBlankLines = 16
/** What a held line costs besides its bytes: what is noted of it, and room for the next ones. */
export const lineOverheadBytes = 192
/** Room for the next lines, for each that is held: the more there are, the more may come. */
const roomBytes = 128

// Tested in test/join/traces.test.ts
