import { ascii } from '../bytes/ascii.ts'
import type { LogRecord, Stream } from '../contracts/record.ts'
import {
  announcesTrace, endsAtLine, endsBehindJson, endsBehindMain, endsClosing, endsContext, endsHtml, endsInFile,
  endsInPlace, endsMessage, endsOnLine, isMainFrame, isPythonBridgeLine, isPythonException, isSynopsisLine,
} from '../formats/error-line-ends.ts'
import { lineKind, type Ending, type LineKind, type TraceLine } from '../formats/trace-line.ts'
import { HeldLines } from './held-lines.ts'
import {
  afterPython, isOfXdebug, isStrict, isText, isUnmarked, mayNameException, mostUnproven, takingText,
} from './trace-kinds.ts'

/** One record being put together: which lines it takes, and when it is whole. */
export class OpenTrace {
  readonly key: string
  readonly container: string
  readonly stream: Stream
  readonly ending: Ending
  openedMs = 0
  touchedMs = 0
  /** Time of the last line taken, as the sender says, ms since the epoch. */
  lastTimeMs = 0
  readonly held = new HeldLines()
  /** Between messages and frames only lines that belong to frames are taken: no stray line gets into a trace. */
  #isInFrames: boolean
  #takesText: boolean
  readonly #isHeadless: boolean
  readonly #mayBeFiltered: (record: Buffer) => boolean
  /** Undefined until it matters. */
  #isFilterable: boolean | undefined
  /** Brackets at the left margin that are open, and whether one more is announced. */
  #openCount = 0
  #awaitsBracket = false
  #awaitsDump = false
  /** Of a traceback of Python: its exception has been named, or one that followed from it is announced. */
  #python: 'frames' | 'named' | 'bridged' = 'frames'
  #wasFull = false
  #hasEnded = false
  /** It is whole, and waits only for what Xdebug may write of it. */
  #awaitsXdebug = false

  /** @param mayBeFiltered whether a record that begins with these lines may be filtered for its level */
  constructor (key: string, record: LogRecord, line: TraceLine, mayBeFiltered: (record: Buffer) => boolean) {
    const isHeader = line.kind === lineKind.header
    this.key = key
    this.container = record.container
    this.stream = record.stream
    this.ending = line.ending
    this.lastTimeMs = record.timeMs
    this.#mayBeFiltered = mayBeFiltered
    this.#isInFrames = !isHeader && line.ending !== 'dump'
    this.#isHeadless = !isHeader && line.ending !== 'dump'
    this.#takesText = isHeader && takingText.has(line.ending) &&
      !(line.ending === 'frames' && endsAtLine(record.bytes, line.bodyStart, line.bodyEnd))
  }

  /** Whether it has announced lines that have not come. */
  get isUnfinished (): boolean {
    return !this.#hasEnded && !this.#awaitsXdebug && (this.ending === 'thrown' || this.ending === 'on-line' ||
      (this.ending === 'context' && this.#isInFrames) || this.#wasFull)
  }

  /** Whether its lines are lines of their own unless its last one comes. */
  get isUnproven (): boolean {
    return this.ending === 'unproven' && !this.#hasEnded && !this.#awaitsXdebug
  }

  /** Whether a line at the left margin that does not join it ends it: what comes afterwards is not its own. */
  get endsAtStray (): boolean {
    if (this.#awaitsXdebug) return true
    return this.ending !== 'backtrace' && this.ending !== 'piece' && !(this.isUnfinished && this.#isInFrames)
  }

  /** Whether it is whole, and is held only for what Xdebug may write of it. */
  get awaitsXdebug (): boolean {
    return this.#awaitsXdebug
  }

  /** Whether frames of Xdebug go on here: a head of them begins a record where nothing waits for them. */
  #takesXdebug (line: TraceLine): boolean {
    if (this.#awaitsXdebug || this.ending === 'backtrace') return true
    return line.kind === lineKind.xdebug && (this.ending === 'xdebug' || this.ending === 'thrown')
  }

  /** From now on it takes nothing but the frames of Xdebug. */
  awaitXdebug (): void {
    this.#awaitsXdebug = true
  }

  /** @param bytes of the line */
  accepts (line: TraceLine, bytes: Buffer): boolean {
    if (isOfXdebug(line)) return this.#takesXdebug(line)
    if (this.#awaitsXdebug) return line.kind === lineKind.blank
    const kind = this.#kindWithin(line, bytes)
    if (this.#wasFull && !line.isMarked && (line.sender !== '' || kind !== lineKind.other)) return true
    // A line that php-fpm attributes to a child belongs to that child, whatever it looks like.
    if (line.sender !== '' && !line.isMarked && this.isUnfinished && isUnmarked(kind)) return !this.#isBelow
    if (kind === lineKind.other) return false
    if (kind === lineKind.whole || kind === lineKind.header || this.#isForeignTrace(kind)) return false
    switch (this.ending) {
      case 'piece': return false
      case 'slow': return kind === lineKind.slow
      case 'xdebug': return false
      case 'unproven':
        return (kind === lineKind.text || kind === lineKind.indented || kind === lineKind.blank) &&
          line.kind !== lineKind.header && this.held.blankCount < mostUnproven && !this.#isBelow
      case 'one-more': return kind === lineKind.text || kind === lineKind.indented
      case 'backtrace': return this.#isInFrames ? kind === lineKind.frame : kind === lineKind.stack
      case 'thrown':
      case 'on-line':
      case 'context':
        return isText(kind) ? this.#takesText && !this.#isBelow : this.#acceptsPart(kind)
      case 'console':
        return kind === lineKind.indented || kind === lineKind.blank || kind === lineKind.part
      case 'block': return kind === lineKind.indented || kind === lineKind.blank
      case 'python': return kind === lineKind.part || kind === (this.#python === 'frames' ? lineKind.indented : lineKind.blank)
      case 'html':
      case 'dump':
      case 'quiet':
      case 'frames':
      case 'dated':
        return this.#acceptsPart(kind)
    }
  }

  /** What a line is within this record: some that could begin one are more of what is open. */
  #kindWithin ({ kind, ending, isMarked, bodyStart, bodyEnd }: TraceLine, bytes: Buffer): LineKind {
    if (this.ending === 'python' && this.held.count > 0) {
      if (this.#python === 'bridged') return kind === lineKind.header && ending === 'python' ? lineKind.part : kind
      if (this.held.count === 1 || !mayNameException(kind, isMarked)) return kind
      const isPart = this.#python === 'frames'
        ? isPythonException(bytes, bodyStart, bodyEnd)
        : this.held.blankCount > 0 && isPythonBridgeLine(bytes, bodyStart, bodyEnd)
      return isPart ? lineKind.part : kind
    }
    if (kind === lineKind.header && !isMarked) {
      // An exception as a string has no mark: within a message that is open it is more text.
      if (ending === 'frames' || ending === 'unproven') return lineKind.text
      if (ending === 'console') return lineKind.indented
      // Xdebug writes the place of a dump before it.
      if (ending === 'dump' && (this.#openCount > 0 || this.#awaitsDump || (this.ending === 'dump' && this.held.count === 1))) return lineKind.part
      // A dump within a message is more of it.
      if (ending === 'dump' && this.#takesText) return lineKind.text
      if (ending === 'html' && this.ending === 'html') return lineKind.html
    }
    if (kind === lineKind.whole && this.ending === 'html' && this.held.count === 1) return isMarked ? kind : lineKind.html
    if (this.ending === 'console' && kind === lineKind.text) {
      return this.held.blankCount > 0 && isSynopsisLine(bytes, bodyStart, bodyEnd) ? lineKind.part : kind
    }
    return kind
  }

  #acceptsPart (kind: LineKind): boolean {
    // Only its bracket proves a dump that print_r has announced.
    if (this.ending === 'dump' && this.#awaitsBracket && this.#openCount === 0) return kind === lineKind.opener
    if (kind === lineKind.closer) return this.#openCount > 0
    if (kind === lineKind.opener) return this.#awaitsBracket || this.#openCount > 0 || this.#takesAnyText
    if (kind === lineKind.part) return !this.#isHeadless && !isStrict.has(this.ending) && (!this.#isInFrames || this.ending === 'dated')
    if (kind === lineKind.html) return this.ending === 'html' || this.#takesAnyText
    // A trace without its header takes only frames: an indented line may belong to anything.
    if (kind === lineKind.indented && this.#isHeadless) return false
    if (kind === lineKind.program) return this.isUnfinished && this.#takesText && !this.#isBelow
    if (isText(kind)) return ((this.#takesText && kind !== lineKind.json) || this.#openCount > 0) && !this.#isBelow
    return kind !== lineKind.slow || this.#takesText
  }

  /** Whether a line of the message may be any: the answer of an API, say, with its brackets and tags. */
  get #takesAnyText (): boolean {
    return this.#takesText && !this.#isBelow
  }

  /** Whether the level of what is held may filter the record: nobody else's line is joined to it then. */
  get #isBelow (): boolean {
    this.#isFilterable ??= this.#mayBeFiltered(this.held.asOne())
    return this.#isFilterable
  }

  /** Whether a trace begins that this record, which its level may filter, has not announced: another worker's. */
  #isForeignTrace (kind: LineKind): boolean {
    if (kind !== lineKind.stack && kind !== lineKind.frame && kind !== lineKind.thrown) return false
    if (this.#isInFrames || this.held.count === 0 || !this.#isBelow) return false
    const { text } = this.held
    return !announcesTrace(text, 0, text.length)
  }

  /** Copies one line that is accepted. @returns true when the record is whole with it */
  add (record: LogRecord, line: TraceLine): boolean {
    const { bytes } = record
    const { held } = this
    // What is not proven to belong together is held line by line, as blank lines are.
    const isHeldAlone = line.kind === lineKind.blank || (this.isUnproven && !this.#isEnd(bytes, line))
    if (isHeldAlone && held.count > 0 && !this.#wasFull) {
      this.#hasEnded = this.#isEmptyContext(bytes, line)
      held.addBlank(record, line)
      this.lastTimeMs = record.timeMs
      return this.#hasEnded
    }
    // Read before anything is taken: a line that makes a reader fail is not held.
    const isClosed = line.kind === lineKind.closing && endsClosing(bytes, line.bodyStart, line.bodyEnd)
    const isEnd = this.#isEnd(bytes, line)
    const isPlace = this.ending === 'quiet' && line.kind === lineKind.part && endsInPlace(bytes, line.bodyStart, line.bodyEnd)
    const isHeader = held.count === 0 && line.kind === lineKind.header
    const isPiece = this.#wasFull
    const within = this.#kindWithin(line, bytes)
    if (held.count > 0 && (isPiece || isUnmarked(within))) held.hasUnmarked = true
    if (held.count > 0 && this.ending === 'python' && within === lineKind.part) this.#python = afterPython[this.#python]
    held.add(record, line, isPiece)
    this.lastTimeMs = record.timeMs
    if (held.isCutMessage) {
      this.#wasFull = false
      this.#hasEnded = true
      return true
    }
    // Only php-fpm cuts lines at a limit: a line of that length from another writer is a coincidence.
    this.#wasFull = line.isFull && (line.sender !== '' || isPiece || held.isFpmMessage)
    if (isPiece && this.ending === 'piece') return !this.#wasFull
    if (!isPiece) this.#followPhase(line.kind, isClosed)
    if (isPlace) this.#takesText = false
    const isClosing = this.#followBrackets(line)
    this.#awaitsDump = line.announcesDump
    this.#hasEnded = !isHeader && (isEnd || isClosing)
    return this.#hasEnded
  }

  /** Whether Monolog has written its two spaces for what it has not, behind a message that ends with a newline. */
  #isEmptyContext (bytes: Buffer, { kind, bodyStart, bodyEnd }: TraceLine): boolean {
    return this.ending === 'context' && kind === lineKind.blank && bodyEnd - bodyStart === 2 &&
      bytes[bodyStart] === ascii.space && bytes[bodyStart + 1] === ascii.space &&
      this.#openCount === 0 && !this.held.text.includes('"[object] (')
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

  /** @returns true when a dump is closed with this line */
  #followBrackets ({ kind, isOpened, announcesBracket }: TraceLine): boolean {
    if (kind === lineKind.indented || kind === lineKind.blank || kind === lineKind.frame) return false
    if (kind === lineKind.closer) {
      this.#openCount--
      this.#awaitsBracket = false
      return this.#openCount === 0 && this.ending === 'dump'
    }
    this.#awaitsBracket = announcesBracket
    if (isOpened) this.#openCount++
    return false
  }

  #isEnd (bytes: Buffer, { kind, bodyStart, bodyEnd }: TraceLine): boolean {
    switch (this.ending) {
      case 'thrown':
      case 'quiet':
      case 'frames':
        return kind === lineKind.thrown
      case 'on-line':
        return endsOnLine(bytes, bodyStart, bodyEnd)
      case 'unproven':
        return endsInFile(bytes, bodyStart, bodyEnd)
      case 'backtrace':
        return kind === lineKind.frame && isMainFrame(bytes, bodyStart, bodyEnd)
      case 'context':
        if (kind === lineKind.closing) return endsClosing(bytes, bodyStart, bodyEnd)
        if (kind === lineKind.json) return endsBehindJson(bytes, bodyStart, bodyEnd)
        if (kind === lineKind.frame) return endsBehindMain(bytes, bodyStart, bodyEnd)
        if (kind === lineKind.stack || kind === lineKind.closer) return false
        // An exception within the context ends with its trace only.
        return endsContext(bytes, bodyStart, bodyEnd) ||
          (this.held.count > 0 && this.#openCount === 0 && endsMessage(bytes, bodyStart, bodyEnd) && !this.held.text.includes('"[object] ('))
      case 'html':
        return endsHtml(bytes, bodyStart, bodyEnd)
      case 'console':
        return kind === lineKind.text
      case 'one-more':
        return true
      case 'dated':
      case 'slow':
      case 'xdebug':
      case 'dump':
      case 'block':
      case 'piece':
      case 'python':
        return false
    }
  }
}

// Tested in test/join/traces.test.ts
