import type { LogRecord } from '../contracts/record.ts'
import { ascii, isCapital } from '../bytes/ascii.ts'
import { JsonProgress } from '../bytes/json-progress.ts'
import { fpmMessage, longestMarkBytes } from '../formats/php-fpm.ts'
import { createEmitter, endAll, type Copied, type Joiner, type JoinerOptions } from './joiner.ts'

export interface CutJsonOptions extends JoinerOptions {
  /** Most pieces of one line. */
  readonly maxPieceCount: number
  /** How long no piece may come before what is there goes on as it came. */
  readonly maxQuietMs: number
}

/**
 * Puts records of loggers in JSON together again that php-fpm cut at its `log_limit` and did not decorate: nothing
 * marks the pieces, but all except the last are of one length, and no logger writes a newline into an object. So a line
 * that begins an object and does not end it waits, and takes what goes on where it stopped: lines of its own length,
 * and the one that ends the object. Lines of other writers pass by, also objects that are cut themselves.
 *
 * Only of standard error, and of no line that has lost a piece: on standard output, and where Docker cut a line, the
 * front of one and the end of another would make an object that nobody wrote.
 *
 * What does not become an object goes on as it came, line by line, and the line that waited is counted as cut short.
 *
 * Source: https://github.com/php/php-src/issues/9010
 */
export interface CutJsonJoiner extends Joiner {
  /** Takes a copy of a record that is a piece. @returns true when it is none, and goes on */
  add (record: LogRecord): boolean
}

interface OpenObject {
  readonly container: string
  readonly stream: LogRecord['stream']
  /** Of each piece but the last, bytes. */
  readonly lengthBytes: number
  readonly pieces: Copied[]
  readonly progress: JsonProgress
  bytes: number
  lastTimeMs: number
  touchedMs: number
}

/** The least `log_limit` that php-fpm takes is 512. */
const leastPieceBytes = 511
const pieceOverheadBytes = 256
const { openBrace, closeBrace } = ascii

export function createCutJsonJoiner (options: CutJsonOptions): CutJsonJoiner {
  const { maxBytes, maxPieceCount, maxQuietMs, maxOpenCount, maxTotalBytes, clock, ledger, metrics } = options
  const { hasRoom = () => true } = options
  const joined = ledger.counter('joined', 'trace')
  const emitPart = createEmitter(options)
  const tried = new JsonProgress()
  // The one whose last piece is longest ago comes first: children that are cut at the same time take turns.
  const open: OpenObject[] = []
  let heldBytes = 0
  let pendingCount = 0
  metrics.gauge('sluice_joins_open', ['cut_json'], () => open.length)

  function put ({ container, stream }: OpenObject, { bytes, timeMs, numbers }: Copied): void {
    emitPart({ bytes, timeMs, numbers, stream, container, isWhole: true })
  }

  function remove (object: OpenObject): void {
    open.splice(open.indexOf(object), 1)
    heldBytes -= object.bytes + object.pieces.length * pieceOverheadBytes
    pendingCount -= object.pieces.length
  }

  function finish (object: OpenObject): void {
    const { pieces } = object
    const [first] = pieces
    if (first === undefined) return
    remove(object)
    joined.value += pieces.length - 1
    put(object, {
      bytes: Buffer.concat(pieces.map(({ bytes }) => bytes)),
      timeMs: first.timeMs,
      numbers: first.numbers && pieces.flatMap(({ numbers }) => numbers ?? []),
    })
  }

  /** What never became an object goes on line by line. */
  function giveUp (object: OpenObject, reason: 'time' | 'bytes' | 'count' | 'memory' | 'stop'): void {
    remove(object)
    metrics.counter('sluice_joins_cut_total', 'trace', reason).value++
    for (const piece of object.pieces) put(object, piece)
  }

  function hold (object: OpenObject, { bytes, start, end, timeMs, numbers }: LogRecord): void {
    object.pieces.push({ bytes: Buffer.from(bytes.subarray(start, end)), timeMs, numbers })
    object.progress.copyFrom(tried)
    object.bytes += end - start
    object.lastTimeMs = timeMs
    object.touchedMs = clock.monotonicMs()
    heldBytes += end - start + pieceOverheadBytes
    pendingCount++
  }

  /** Whether the record is the next piece of an object; `tried` has read it then. */
  function isNext (object: OpenObject, { container, stream, bytes, start, end, timeMs }: LogRecord): boolean {
    if (object.container !== container || object.stream !== stream) return false
    if (timeMs - object.lastTimeMs > maxQuietMs) return false
    const lengthBytes = end - start
    if (lengthBytes > object.lengthBytes || lengthBytes === 0) return false
    // The last piece ends with the object.
    if (lengthBytes < object.lengthBytes && bytes[end - 1] !== closeBrace) return false
    tried.copyFrom(object.progress)
    return tried.read(bytes, start, end) && (tried.isDone || lengthBytes === object.lengthBytes)
  }

  /** Whether the record begins an object and does not end it; `tried` has read it then. */
  function isFirst ({ bytes, start, end }: LogRecord): boolean {
    if (end - start < leastPieceBytes) return false
    const objectStart = startOf(bytes, start, end)
    if (objectStart < 0) return false
    tried.begin()
    return tried.read(bytes, objectStart, end) && !tried.isDone
  }

  return {
    add (record) {
      for (const object of open) {
        if (!isNext(object, record)) continue
        if (object.bytes + record.end - record.start > maxBytes || object.pieces.length >= maxPieceCount) {
          giveUp(object, 'bytes')
          return true
        }
        hold(object, record)
        open.splice(open.indexOf(object), 1)
        open.push(object)
        if (tried.isDone) finish(object)
        return false
      }
      if (!isFirst(record)) return true
      const object: OpenObject = {
        container: record.container,
        stream: record.stream,
        lengthBytes: record.end - record.start,
        pieces: [],
        progress: new JsonProgress(),
        bytes: 0,
        lastTimeMs: record.timeMs,
        touchedMs: 0,
      }
      open.push(object)
      hold(object, record)
      const [oldest] = open
      if (oldest !== undefined && open.length > maxOpenCount) giveUp(oldest, 'count')
      else if (oldest !== undefined && heldBytes > maxTotalBytes) giveUp(oldest, 'memory')
      return false
    },
    tick () {
      if (open.length === 0) return
      const nowMs = clock.monotonicMs()
      // A clock that goes back must not keep an object for ever.
      for (const object of open.filter(({ touchedMs }) => Math.abs(nowMs - touchedMs) >= maxQuietMs)) {
        if (!hasRoom()) return
        giveUp(object, 'time')
      }
    },
    flush: (hasTime = () => true) => endAll(open.slice(), hasTime, object => giveUp(object, 'stop')),
    get pendingCount () { return pendingCount },
    get heldBytes () { return heldBytes },
  }
}

/** Where an object begins: at the front, or behind the mark of php-fpm; -1 where there is none that may be open. */
function startOf (bytes: Buffer, start: number, end: number): number {
  if (bytes[start] === openBrace) return start
  if (!isCapital(bytes[start] as number)) return -1
  const mark = fpmMessage.exec(bytes.toString('latin1', start, Math.min(end, start + longestMarkBytes)))
  if (mark === null || bytes[start + mark[0].length] !== openBrace) return -1
  return start + mark[0].length
}
