import type { LogRecord, Stream } from '../contracts/record.ts'
import { createCutCounters, createEmitter, endAll, type Joiner, type JoinerOptions } from './joiner.ts'
import { OpenTrace } from './open-trace.ts'
import { isOfXdebug } from './trace-kinds.ts'
import { lineOverheadBytes } from './held-lines.ts'
import { createXdebugMemory } from './xdebug-memory.ts'
import { readTraceLine } from '../formats/error-lines.ts'
import { TraceLine, lineKind, type Ending } from '../formats/trace-line.ts'

/** What exceeds `maxBytes` becomes another record. */
export interface TraceJoinerOptions extends JoinerOptions {
  /** Most lines of one record; what exceeds them becomes another one. */
  readonly maxLineCount: number
  /** How long nothing may come for a record before it is emitted; also between the times of two of its lines. */
  readonly maxQuietMs: number
  /** How long a record is held at all, from its first line. */
  readonly maxAgeMs: number
  /**
   * Whether a record that begins like this may be filtered for its level: lines that bear no mark of belonging to it
   * are not joined to it then. Asked once a record, when such a line comes; unless given, none is filtered.
   */
  readonly mayBeFiltered?: (record: Buffer) => boolean
}

/**
 * Makes one record of a trace or a message that reached the stream as many lines: PHP that writes the stream itself,
 * php-fpm with and without its decoration, `php://stderr`, Monolog, php-fpm's slow log.
 *
 * A record is known by container and stream, and by the child's pid where php-fpm says it, so traces of several
 * children come out whole. A header always begins a record; a line without a pid goes to the newest header of its
 * stream; a line that is complete by itself is emitted at once. Lines are joined with a newline, pieces of one line
 * that php-fpm cut without one, within the decoration of the first; the time is that of the first. Nothing is lost by
 * joining: a record cut short by a bound is emitted and counted by reason, n lines in one record count n − 1 joined.
 *
 * A line at the left margin that does not join what is open ends it, unless it is whole by itself and another
 * writer's, so the lines of a record stay in their order. Blank lines belong to a record between two lines of it only.
 */
export interface TraceJoiner extends Joiner {
  /**
   * Takes a copy of any record without `partial` that has to wait. May emit others before it returns.
   *
   * @returns true when the record is whole and goes on as it is, behind what was emitted
   */
  add (record: LogRecord): boolean
  /** Whether a record of this stream, of any container, may take more lines. */
  hasOpen (stream: Stream): boolean
}

const cutReasons = ['bytes', 'lines', 'time', 'age', 'count', 'memory', 'stop'] as const
type CutReason = typeof cutReasons[number]

export function createTraceJoiner (options: TraceJoinerOptions): TraceJoiner {
  const { maxBytes, maxLineCount, maxQuietMs, maxAgeMs, maxOpenCount, maxTotalBytes, clock, metrics } = options
  const { hasRoom = () => true } = options
  const mayBeFiltered = options.mayBeFiltered ?? (() => false)
  const xdebug = createXdebugMemory()
  const joined = options.ledger.counter('joined', 'trace')
  const cuts = createCutCounters(options, 'trace', cutReasons)
  const emitJoined = createEmitter(options)
  const line = new TraceLine()
  // Oldest first.
  const open = new Map<string, OpenTrace>()
  /** The last record that is whole, and is held for what Xdebug may write of it. */
  let waiting: OpenTrace | undefined
  let pendingCount = 0
  let heldBytes = 0
  metrics.gauge('sluice_joins_open', ['trace'], () => open.size)

  /** Of most lines the one of the line before: a text that is made anew has to be read through, to be looked up. */
  const last = { container: '', stream: -1, sender: '', key: '' }
  function keyOf ({ container, stream }: LogRecord): string {
    const { sender } = line
    if (last.container === container && last.stream === stream && last.sender === sender) return last.key
    Object.assign(last, { container, stream, sender, key: `${container}\0${stream}\0${sender}` })
    return last.key
  }

  /** Emits what a trace holds as one record. The trace itself stays open for what is still to come. */
  function release (trace: OpenTrace): void {
    const { held, stream, container } = trace
    const { count, timeMs, numbers, hasUnmarked: hasUnmarkedLines, heldBytes: ownBytes } = held
    if (count === 0) return
    const blanks = held.takeBlanks()
    pendingCount -= count + blanks.length
    heldBytes -= ownBytes + (count + blanks.length) * lineOverheadBytes
    joined.value += count - 1
    const shared = { stream, container, isWhole: true }
    emitJoined({ ...shared, bytes: held.take(), timeMs, numbers, hasUnmarkedLines })
    for (const { body: _body, ...blank } of blanks) emitJoined({ ...shared, ...blank, hasUnmarkedLines: false })
  }

  function close (trace: OpenTrace): void {
    open.delete(trace.key)
    if (waiting === trace) waiting = undefined
    release(trace)
  }

  function cut (trace: OpenTrace, reason: CutReason): void {
    cuts[reason].value++
    close(trace)
  }

  /** Ends a trace whose time is over. It counts as cut only if it announced more lines. */
  function end (trace: OpenTrace, reason: CutReason): void {
    if (trace.awaitsXdebug) xdebug.missed(trace)
    if (trace.isUnfinished && trace.held.count > 0) cut(trace, reason)
    else close(trace)
  }

  /** The bound of a record that the line would exceed. */
  function boundOf ({ held }: OpenTrace, { start, end }: LogRecord): CutReason | undefined {
    if (held.count + held.blankCount >= maxLineCount) return 'lines'
    return held.wholeBytes + end - start + 1 > maxBytes ? 'bytes' : undefined
  }

  function hold (trace: OpenTrace, record: LogRecord): void {
    const { held } = trace
    if (held.count > 0) {
      const reason = boundOf(trace, record)
      if (reason !== undefined) {
        cuts[reason].value++
        release(trace)
        trace.openedMs = clock.monotonicMs()
        // It is among the youngest again.
        open.delete(trace.key)
        open.set(trace.key, trace)
      }
    }
    const before = held.heldBytes
    const isEnd = trace.add(record, line)
    trace.touchedMs = clock.monotonicMs()
    pendingCount++
    heldBytes += held.heldBytes - before + lineOverheadBytes
    if (isEnd) {
      if (phpEndings.has(trace.ending) && xdebug.mayFollow(trace)) wait(trace)
      else close(trace)
    }
    for (const oldest of open.values()) {
      if (open.size <= maxOpenCount && heldBytes <= maxTotalBytes) return
      cut(oldest, heldBytes > maxTotalBytes ? 'memory' : 'count')
    }
  }

  /** Nothing of Xdebug follows an error when something else of its stream does, and nothing proves what may be one. */
  function endWait ({ container, stream }: LogRecord): void {
    const unproven = open.size === 0 ? undefined : open.get(`${container}\0${stream}\0`)
    if (unproven?.isUnproven === true) close(unproven)
    if (waiting === undefined || waiting.container !== container || waiting.stream !== stream) return
    const trace = waiting
    xdebug.missed(trace)
    close(trace)
  }

  function wait (trace: OpenTrace): void {
    trace.awaitXdebug()
    waiting = trace
  }

  function begin (record: LogRecord, key: string): OpenTrace {
    const trace = new OpenTrace(key, record, line, mayBeFiltered)
    trace.openedMs = clock.monotonicMs()
    open.set(key, trace)
    hold(trace, record)
    return trace
  }

  return {
    add (record) {
      if (record.isStructured) return true
      readTraceLine(record.bytes, record.start, record.end, line)
      if (line.kind === lineKind.other) endWait(record)
      const isPiece = line.isFull && line.sender !== ''
      if (line.kind === lineKind.other && !isPiece && (open.size === 0 || line.sender === '')) return true
      const mayBeFollowed = line.kind === lineKind.whole && line.isPhpError && xdebug.mayFollow(record)
      if (open.size === 0 && !isPiece && !mayBeFollowed && !beginsTrace(line)) return true

      const key = keyOf(record)
      let trace = open.get(key)
      if (trace !== undefined && record.timeMs - trace.lastTimeMs > maxQuietMs) {
        end(trace, 'time')
        trace = undefined
      }
      const isWithin = trace?.accepts(line, record.bytes) === true
      if (trace !== undefined && isWithin && !(trace.isUnproven && boundOf(trace, record) !== undefined)) {
        if (isOfXdebug(line) && trace.ending !== 'xdebug') {
          xdebug.seen(record)
          if (!trace.awaitsXdebug) wait(trace)
        }
        hold(trace, record)
        return false
      }
      if (trace?.awaitsXdebug === true) {
        xdebug.missed(record)
        close(trace)
        trace = undefined
      }
      if (trace?.isUnproven === true) {
        close(trace)
        trace = undefined
      }
      if (isUnproven(line) && trace?.endsAtStray === false) return true
      if (beginsTrace(line) || isPiece || mayBeFollowed) {
        if (trace !== undefined) close(trace)
        if (line.kind !== lineKind.header) line.ending = endingOf(line, isPiece)
        const begun = begin(record, key)
        if (mayBeFollowed) wait(begun)
        return false
      }
      if (trace !== undefined && (line.kind === lineKind.whole || (isStray(line) && trace.endsAtStray))) close(trace)
      return true
    },
    tick () {
      if (open.size === 0) return
      const nowMs = clock.monotonicMs()
      for (const trace of open.values()) {
        if (!hasRoom()) return
        // A clock that goes back must not keep a trace for ever.
        if (Math.abs(nowMs - trace.touchedMs) >= maxQuietMs) end(trace, 'time')
        else if (Math.abs(nowMs - trace.openedMs) >= maxAgeMs) end(trace, 'age')
      }
    },
    flush: (hasTime = () => true) => endAll(open.values(), hasTime, trace => end(trace, 'stop')),
    hasOpen (stream) {
      for (const trace of open.values()) if (trace.stream === stream) return true
      return false
    },
    get pendingCount () { return pendingCount },
    get heldBytes () { return heldBytes },
  }
}

/** How errors of PHP end, which frames of Xdebug may follow. */
const phpEndings: ReadonlySet<Ending> = new Set<Ending>(['thrown', 'on-line', 'unproven', 'backtrace'])

/** A header, or a trace whose header is not here: its lines still belong together. */
function beginsTrace ({ kind, ending }: TraceLine): boolean {
  return kind === lineKind.header || kind === lineKind.stack || kind === lineKind.frame ||
    (kind === lineKind.opener && ending === 'dump')
}

function isUnproven ({ kind, ending }: TraceLine): boolean {
  return kind === lineKind.header && ending === 'unproven'
}

/** How a record ends that begins without a header. */
function endingOf ({ kind }: TraceLine, isPiece: boolean): Ending {
  if (isPiece) return 'piece'
  if (kind === lineKind.whole) return 'xdebug'
  return kind === lineKind.opener ? 'dump' : 'frames'
}

/** A line at the left margin that is no message of its own beyond doubt. */
function isStray ({ kind }: TraceLine): boolean {
  return kind === lineKind.text || kind === lineKind.json || kind === lineKind.program || kind === lineKind.part ||
    kind === lineKind.closer || kind === lineKind.html
}
