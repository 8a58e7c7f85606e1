import type { LogRecord } from '../contracts/record.ts'
import { fpmMessage } from '../formats/php-fpm.ts'
import type { TraceLine } from '../formats/trace-line.ts'

/** A line without bytes to show, held until it is known whether one of the record follows. */
interface BlankLine {
  readonly bytes: Buffer
  /** Without the decoration of php-fpm. */
  readonly body: Buffer
  readonly timeMs: number
  readonly numbers: readonly number[] | undefined
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
  blanks: BlankLine[] = []
  /** Bodies and newlines, in order. */
  #chunks: Buffer[] = []
  /** The first line as it came, and where its body lies in it. */
  #first: Buffer = nothing
  #bodyStart = 0
  #bodyEnd = 0

  /** @param isPiece it goes on within the line before */
  add (record: LogRecord, line: TraceLine, isPiece: boolean): void {
    if (this.count === 0) {
      this.#begin(record, line)
    } else {
      this.#addBlanks()
      if (!isPiece) this.#chunks.push(newline)
      this.#chunks.push(Buffer.from(record.bytes.subarray(line.bodyStart, line.bodyEnd)))
      this.bytes += line.bodyEnd - line.bodyStart + (isPiece ? 0 : 1)
    }
    this.count++
    this.#addNumbers(record.numbers)
  }

  addBlank ({ bytes, start, end, timeMs, numbers }: LogRecord, { bodyStart, bodyEnd }: TraceLine): void {
    const copy = Buffer.from(bytes.subarray(start, end))
    this.blanks.push({ bytes: copy, body: copy.subarray(bodyStart - start, bodyEnd - start), timeMs, numbers })
  }

  /** php-fpm without decoration marks messages of PHP, and cuts those too. */
  get isFpmMessage (): boolean {
    return fpmMessage.test(this.#first.toString('latin1', 0, 32))
  }

  asOne (): Buffer {
    const first = this.#first
    return this.count === 1
      ? first
      : Buffer.concat([first.subarray(0, this.#bodyStart), ...this.#chunks, first.subarray(this.#bodyEnd)])
  }

  /** The lines as one. Nothing but blank lines is held afterwards. */
  take (): Buffer {
    const bytes = this.asOne()
    this.#chunks = []
    this.#first = nothing
    this.numbers = undefined
    this.hasUnmarked = false
    this.count = 0
    this.bytes = 0
    return bytes
  }

  #begin ({ bytes, start, end, timeMs }: LogRecord, line: TraceLine): void {
    this.#first = Buffer.from(bytes.subarray(start, end))
    this.#bodyStart = line.bodyStart - start
    this.#bodyEnd = line.bodyEnd - start
    this.timeMs = timeMs
    this.#chunks.push(this.#first.subarray(this.#bodyStart, this.#bodyEnd))
    this.bytes = end - start
  }

  /** The blank lines before a line of the record are lines of it. */
  #addBlanks (): void {
    for (const { body, numbers } of this.blanks) {
      this.#chunks.push(newline, body)
      this.bytes += body.length + 1
      this.count++
      this.#addNumbers(numbers)
    }
    this.blanks = []
  }

  #addNumbers (numbers: readonly number[] | undefined): void {
    if (numbers !== undefined) this.numbers = (this.numbers ?? []).concat(numbers)
  }
}

const nothing = Buffer.alloc(0)
const newline = Buffer.from('\n')

// Tested in test/join/traces.test.ts
