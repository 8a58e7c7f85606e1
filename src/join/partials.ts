import { crc32 } from 'node:zlib'
import { freeMemory } from '../bytes/free-memory.ts'
import { unfinishedBytes } from '../bytes/character-cut.ts'
import { linePart, nextCutLine, type LogRecord, type Stream } from '../contracts/record.ts'
import { createCutCounters, createEmitter, endAll, nothing, type Joiner, type JoinerOptions } from './joiner.ts'

/** A line that is longer than `maxBytes` goes on as several records. */
export interface PartialJoinerOptions extends JoinerOptions {
  /** How long a piece is held, from the first one of its line. */
  readonly maxAgeMs: number
}

/**
 * Puts lines back together that Docker cut at 16,384 bytes, as bytes: a cut may fall into the middle of a character.
 *
 * A line is known by container, stream and `partial_id`, so its pieces may come over two connections and in any order.
 * It keeps the time of its first piece. Nothing is lost by joining: a line cut short by a bound is emitted, in order
 * and without the pieces that are missing, and counted by reason; n pieces emitted as one count n − 1 joined.
 *
 * Source: https://github.com/moby/moby/blob/master/daemon/logger/copier.go
 */
export interface PartialJoiner extends Joiner {
  /** Takes a copy of a record whose `partial` is set. May emit before it returns. */
  add (record: LogRecord): void
}

const cutReasons = ['bytes', 'time', 'count', 'memory', 'conflict', 'stop'] as const
type CutReason = typeof cutReasons[number]

/** What a held piece costs besides its bytes: a million pieces of one byte take far more than a mebibyte. */
const pieceOverheadBytes = 256
/**
 * Most pieces of a line that wait for those before them: a piece finds its place among them, which takes time for each.
 * As many of Docker's are 64 MiB.
 */
const maxPieces = 4096

interface Piece {
  readonly ordinal: number
  readonly bytes: Buffer
  readonly timeMs: number
  /** As in the record; of a piece that came twice, those of both. */
  numbers: readonly number[] | undefined
}

interface OpenLine {
  readonly key: string
  readonly container: string
  readonly stream: Stream
  /** In order of their ordinals, each once. */
  pieces: Piece[]
  /** The beginning of a character or a number that a part which was released left for the next. */
  carried: Buffer
  /** A part of it was released, and it goes on. */
  isContinued: boolean
  /** As in the record. */
  readonly cutLine: number
  /** Of the pieces held. */
  bytes: number
  openedMs: number
  /** The ordinal at which the next part begins: 1, or more when a part of the line was released. */
  firstOrdinal: number
  /** Undefined until the last piece is here. */
  lastOrdinal: number | undefined
}

/** Enough of a piece to know it again. */
interface Trace {
  readonly ordinal: number
  readonly lengthBytes: number
  readonly crc: number
}

export function createPartialJoiner (options: PartialJoinerOptions): PartialJoiner {
  const { maxBytes, maxAgeMs, maxOpenCount, maxTotalBytes, clock, emit, ledger, metrics } = options
  const { hasRoom = () => true } = options
  const joined = ledger.counter('joined', 'partial')
  const cuts = createCutCounters(options, 'partial', cutReasons)
  const emitJoined = createEmitter(options)
  // Oldest first.
  const open = new Map<string, OpenLine>()
  // The last piece of lines emitted lately: a sender that lost our ack sends it once more, when its line is gone.
  const ended = new Map<string, Trace>()
  let pendingCount = 0
  let heldBytes = 0
  metrics.gauge('sluice_joins_open', ['partial'], () => open.size)

  function hold (line: OpenLine, piece: Piece): void {
    const { pieces } = line
    let index = pieces.length
    while (index > 0 && (pieces[index - 1]?.ordinal ?? 0) > piece.ordinal) index--
    if (index === pieces.length) pieces.push(piece)
    else pieces.splice(index, 0, piece)
    line.bytes += piece.bytes.length
    heldBytes += piece.bytes.length + pieceOverheadBytes
    pendingCount++
  }

  /**
   * Emits the first `count` pieces of a line as one record and forgets them.
   *
   * @param goesOn another piece of the line is here: the beginning of a character or a number is left for it
   */
  function release (line: OpenLine, count: number, goesOn = false): void {
    const pieces = line.pieces.splice(0, count)
    const [first] = pieces
    const last = pieces.at(-1)
    if (first === undefined || last === undefined) return
    const isTorn = first.ordinal > 1 || (!goesOn && !isComplete(line, pieces))
    const own = pieces.length === 1 ? first.bytes : Buffer.concat(pieces.map(piece => piece.bytes))
    const all = line.carried.length === 0 ? own : Buffer.concat([line.carried, own])
    const leftBytes = goesOn ? unfinishedBytes(all, 0, all.length) : 0
    const bytes = all.subarray(0, all.length - leftBytes)
    line.carried = all.subarray(bytes.length)
    line.bytes -= own.length
    line.firstOrdinal = last.ordinal + 1
    heldBytes -= own.length + pieces.length * pieceOverheadBytes
    pendingCount -= pieces.length
    remember(line.key, last)
    const part = line.isContinued ? goesOn ? linePart.middle : linePart.last : goesOn ? linePart.first : linePart.whole
    line.isContinued = goesOn
    if (bytes.length === 0 && first.ordinal > 1) {
      // The empty end of a line whose parts were released: there is nothing left to emit.
      joined.value += pieces.length
      return
    }
    joined.value += pieces.length - 1
    const numbers = first.numbers && pieces.flatMap(piece => piece.numbers ?? [])
    const { stream, container, cutLine } = line
    emitJoined({ bytes, timeMs: first.timeMs, numbers, stream, container, part, cutLine, isTorn })
    // Whoever was handed it has copied it. The bytes of a single piece are that piece.
    for (const piece of pieces) freeMemory(piece.bytes)
    if (pieces.length > 1) freeMemory(bytes)
  }

  function remember (key: string, { ordinal, bytes }: Piece): void {
    ended.delete(key)
    ended.set(key, { ordinal, lengthBytes: bytes.length, crc: crc32(bytes) })
    if (ended.size <= maxOpenCount) return
    const [oldest] = ended.keys()
    if (oldest !== undefined) ended.delete(oldest)
  }

  function close (line: OpenLine): void {
    open.delete(line.key)
    release(line, line.pieces.length)
  }

  function cut (line: OpenLine, reason: CutReason): void {
    cuts[reason].value++
    close(line)
  }

  /** Releases parts of a line until one more piece fits. */
  function makeRoom (line: OpenLine, bytes: number): void {
    while (line.pieces.length >= maxPieces ||
      (line.pieces.length > 0 && line.carried.length + line.bytes + bytes > maxBytes)) {
      cuts.bytes.value++
      release(line, leadingCount(line), true)
      // Pieces that stay keep their age; a line without pieces begins a new one.
      if (line.pieces.length > 0) continue
      open.delete(line.key)
      open.set(line.key, line)
      line.openedMs = clock.monotonicMs()
    }
  }

  function openLine (record: LogRecord, key: string): OpenLine {
    const line = {
      key,
      container: record.container,
      stream: record.stream,
      pieces: [],
      carried: nothing,
      isContinued: false,
      cutLine: nextCutLine(),
      bytes: 0,
      openedMs: clock.monotonicMs(),
      // The rest of a line of which a part was emitted is complete without that part.
      firstOrdinal: (ended.get(key)?.ordinal ?? 0) + 1,
      lastOrdinal: undefined,
    }
    open.set(key, line)
    return line
  }

  return {
    add (record) {
      const { partial, bytes, start, end, timeMs } = record
      if (partial === undefined || !Number.isSafeInteger(partial.ordinal)) {
        record.partial = undefined
        emit(record)
        return
      }
      const { ordinal, isLast } = partial
      const key = `${record.container}\0${record.stream}\0${partial.id}`
      const view = bytes.subarray(start, end)
      if (isSamePiece(ended.get(key), ordinal, view)) {
        joined.value++
        return
      }
      let line = open.get(key)
      const duplicate = line === undefined ? undefined : findPiece(line.pieces, ordinal)
      if (line !== undefined && duplicate !== undefined) {
        if (duplicate.bytes.equals(view)) {
          duplicate.numbers = duplicate.numbers?.concat(record.numbers ?? [])
          joined.value++
          return
        }
        cut(line, 'conflict')
        line = undefined
      }
      line ??= openLine(record, key)
      makeRoom(line, view.length)
      hold(line, { ordinal, bytes: Buffer.from(view), timeMs, numbers: record.numbers })
      if (isLast) line.lastOrdinal = ordinal
      if (isComplete(line, line.pieces)) close(line)
      if (open.size > maxOpenCount) cutOldest()
      keepTotal()
    },
    tick () {
      if (open.size === 0) return
      const nowMs = clock.monotonicMs()
      for (const line of open.values()) {
        // A clock that goes back must not keep a line for ever.
        if (Math.abs(nowMs - line.openedMs) < maxAgeMs || !hasRoom()) return
        cut(line, 'time')
      }
    },
    flush: (hasTime = () => true) => endAll(open.values(), hasTime, line => cut(line, 'stop')),
    get pendingCount () { return pendingCount },
    get heldBytes () { return heldBytes },
  }

  function keepTotal (): void {
    for (const line of open.values()) {
      if (heldBytes <= maxTotalBytes) return
      cut(line, 'memory')
    }
  }

  function cutOldest (): void {
    const [oldest] = open.values()
    if (oldest !== undefined) cut(oldest, 'count')
  }
}

/** How many pieces at the front follow each other without a gap; all of them when the very first is missing. */
function leadingCount ({ pieces, firstOrdinal }: OpenLine): number {
  let count = 0
  while (count < pieces.length && pieces[count]?.ordinal === firstOrdinal + count) count++
  return count === 0 ? pieces.length : count
}

function isComplete ({ firstOrdinal, lastOrdinal }: OpenLine, pieces: readonly Piece[]): boolean {
  if (lastOrdinal === undefined || pieces.at(-1)?.ordinal !== lastOrdinal) return false
  const first = pieces[0]?.ordinal ?? 0
  return first <= firstOrdinal && pieces.length === lastOrdinal - first + 1
}

function findPiece (pieces: readonly Piece[], ordinal: number): Piece | undefined {
  return (pieces.at(-1)?.ordinal ?? 0) < ordinal ? undefined : pieces.find(piece => piece.ordinal === ordinal)
}

function isSamePiece (trace: Trace | undefined, ordinal: number, bytes: Buffer): boolean {
  return trace?.ordinal === ordinal && trace.lengthBytes === bytes.length && trace.crc === crc32(bytes)
}
