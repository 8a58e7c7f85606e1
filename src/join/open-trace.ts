import type { LogRecord, Stream } from '../contracts/record.ts'
import {
  endsAtLine, endsBehindJson, endsClosing, endsContext, endsOnLine, isMainFrame, lineKind,
  type Ending, type LineKind, type TraceLine,
} from '../formats/error-lines.ts'
import { fpmMessage } from '../formats/php-fpm.ts'

/** One record being put together: which lines it takes, when it is whole, and its bytes. */
export class OpenTrace {
  readonly key: string
  readonly container: string
  readonly stream: Stream
  readonly ending: Ending
  openedMs = 0
  touchedMs = 0
  /** Times of the first line held and of the last line taken, as the sender says, ms since the epoch. */
  timeMs = 0
  lastTimeMs = 0
  lineCount = 0
  /** Bytes held of lines without decoration, and of the newlines between them. */
  bytes = 0
  /** Bodies and newlines, in order. */
  #chunks: Buffer[] = []
  /** Of the lines held, where the records have any. */
  numbers: readonly number[] | undefined
  /** The first line held as it came, and where its body lies in it. */
  #first: Buffer = nothing
  #bodyStart = 0
  #bodyEnd = 0
  /** Between messages and frames only lines that belong to frames are taken: no stray line gets into a trace. */
  #isInFrames: boolean
  #takesText: boolean
  readonly #isHeadless: boolean
  #wasFull = false
  #hasEnded = false

  constructor (key: string, record: LogRecord, line: TraceLine) {
    const isHeader = line.kind === lineKind.header
    this.key = key
    this.container = record.container
    this.stream = record.stream
    this.ending = line.ending
    this.lastTimeMs = record.timeMs
    this.#isInFrames = !isHeader
    this.#isHeadless = !isHeader
    this.#takesText = isHeader && takingText.has(line.ending) &&
      !(line.ending === 'frames' && endsAtLine(record.bytes, line.bodyStart, line.bodyEnd))
  }

  /** Whether it has announced lines that have not come. */
  get isUnfinished (): boolean {
    return !this.#hasEnded && (this.ending === 'thrown' || this.ending === 'on-line' ||
      (this.ending === 'context' && this.#isInFrames) || this.#wasFull)
  }

  accepts (line: TraceLine): boolean {
    // An exception as a string has no mark: within a message that is open it is more text.
    const isText = line.kind === lineKind.header && line.ending === 'frames' && !line.isMarked
    const kind = isText ? lineKind.text : line.kind
    if (this.#wasFull && !line.isMarked && (line.sender !== '' || kind !== lineKind.other)) return true
    // A line that php-fpm attributes to a child belongs to that child, whatever it looks like.
    if (kind === lineKind.other) return line.sender !== '' && !line.isMarked && this.#takesText && this.isUnfinished
    if (kind === lineKind.whole || kind === lineKind.header) return false
    switch (this.ending) {
      case 'piece': return false
      case 'slow': return kind === lineKind.slow
      case 'xdebug': return kind === lineKind.xdebug
      case 'one-more': return kind === lineKind.text || kind === lineKind.indented
      case 'backtrace': return this.#isInFrames ? kind === lineKind.frame : kind === lineKind.stack
      case 'thrown':
      case 'on-line':
      case 'context':
        return kind === lineKind.json ? this.#takesText : this.#acceptsPart(kind)
      case 'quiet':
      case 'frames':
      case 'dated':
        return kind !== lineKind.json && this.#acceptsPart(kind)
    }
  }

  #acceptsPart (kind: LineKind): boolean {
    // A trace without its header takes only frames: an indented line may belong to anything.
    if (kind === lineKind.xdebug || (kind === lineKind.indented && this.#isHeadless)) return false
    return (kind !== lineKind.text && kind !== lineKind.slow) || this.#takesText
  }

  /** Copies one line that is accepted. @returns true when the record is whole with it */
  add (record: LogRecord, line: TraceLine): boolean {
    const { bytes } = record
    // Read before anything is taken: a line that makes a reader fail is not held.
    const isClosed = line.kind === lineKind.closing && endsClosing(bytes, line.bodyStart, line.bodyEnd)
    const isEnd = this.#isEnd(bytes, line)
    const isHeader = this.lineCount === 0 && line.kind === lineKind.header
    const isPiece = this.#wasFull
    if (this.lineCount === 0) {
      this.#first = Buffer.from(bytes.subarray(record.start, record.end))
      this.#bodyStart = line.bodyStart - record.start
      this.#bodyEnd = line.bodyEnd - record.start
      this.timeMs = record.timeMs
      this.#chunks.push(this.#first.subarray(this.#bodyStart, this.#bodyEnd))
      this.bytes = record.end - record.start
    } else {
      if (!isPiece) this.#chunks.push(newline)
      this.#chunks.push(Buffer.from(bytes.subarray(line.bodyStart, line.bodyEnd)))
      this.bytes += line.bodyEnd - line.bodyStart + (isPiece ? 0 : 1)
    }
    this.lineCount++
    if (record.numbers !== undefined) this.numbers = (this.numbers ?? []).concat(record.numbers)
    this.lastTimeMs = record.timeMs
    // Only php-fpm cuts lines at a limit: a line of that length from another writer is a coincidence.
    this.#wasFull = line.isFull && (line.sender !== '' || isPiece || isFpmMessage(this.#first))
    if (isPiece && this.ending === 'piece') return !this.#wasFull
    if (!isPiece) this.#followPhase(line.kind, isClosed)
    this.#hasEnded = !isHeader && isEnd
    return this.#hasEnded
  }

  /** The lines held, as one line in the decoration of the first; nothing is held afterwards. */
  takeBytes (): Buffer {
    const first = this.#first
    const bytes = this.lineCount === 1
      ? first
      : Buffer.concat([first.subarray(0, this.#bodyStart), ...this.#chunks, first.subarray(this.#bodyEnd)])
    this.#chunks = []
    this.#first = nothing
    this.numbers = undefined
    this.lineCount = 0
    this.bytes = 0
    return bytes
  }

  #followPhase (kind: LineKind, isClosed: boolean): void {
    if (kind === lineKind.stack || kind === lineKind.frame) {
      this.#isInFrames = true
      this.#takesText = false
    } else if (kind === lineKind.next || (kind === lineKind.closing && !isClosed)) {
      this.#isInFrames = false
      this.#takesText = takingText.has(this.ending)
    }
  }

  #isEnd (bytes: Buffer, { kind, bodyStart, bodyEnd }: TraceLine): boolean {
    switch (this.ending) {
      case 'thrown':
      case 'quiet':
      case 'frames':
        return kind === lineKind.thrown
      case 'on-line':
        return endsOnLine(bytes, bodyStart, bodyEnd)
      case 'backtrace':
        return kind === lineKind.frame && isMainFrame(bytes, bodyStart, bodyEnd)
      case 'context':
        if (kind === lineKind.closing) return endsClosing(bytes, bodyStart, bodyEnd)
        if (kind === lineKind.json) return endsBehindJson(bytes, bodyStart, bodyEnd)
        return kind !== lineKind.frame && kind !== lineKind.stack && endsContext(bytes, bodyStart, bodyEnd)
      case 'one-more':
        return true
      case 'dated':
      case 'slow':
      case 'xdebug':
      case 'piece':
        return false
    }
  }
}

export function openTrace (key: string, record: LogRecord, line: TraceLine): OpenTrace {
  return new OpenTrace(key, record, line)
}

const nothing = Buffer.alloc(0)
const newline = Buffer.from('\n')
const takingText: ReadonlySet<Ending> = new Set<Ending>(['thrown', 'on-line', 'context', 'quiet', 'frames'])

/** php-fpm without decoration marks messages of PHP, and cuts those too. */
function isFpmMessage (first: Buffer): boolean {
  return fpmMessage.test(first.toString('latin1', 0, 32))
}

// Tested in test/join/traces.test.ts
