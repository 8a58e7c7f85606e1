import type { Acceptor } from '../contracts/source.ts'
import { stream, type LogRecord, type Stream } from '../contracts/record.ts'
import type { Ledger } from '../telemetry/ledger.ts'

export interface InboundOptions {
  readonly ledger: Ledger
  /** Takes a piece of a line; the lines it completes come back by `takeLine`, perhaps before it returns. */
  readonly joinPieces: (piece: LogRecord) => void
  /**
   * Takes a line that may be one of several of a record; the records it completes come back by `takeRecord`, perhaps
   * before it returns.
   */
  readonly joinLines: (line: LogRecord) => void
  /** Whether a record of the stream waits for more lines. */
  readonly hasOpenLines: (stream: Stream) => boolean
  /** Takes a whole record to the end of its inbound way. False if it was dropped. */
  readonly finish: (record: LogRecord) => boolean
  readonly spool: Pick<Acceptor, 'isFull' | 'whenWritable' | 'stored'>
}

/** The inbound half: one record at a time from its source through join, classify and transform into the spool. */
export interface Inbound {
  /** What a source hands its records to; they are counted as received from `source`. */
  acceptor (source: string): Acceptor
  /** Takes a line that was put together again: its pieces were counted when they came. */
  takeLine (line: LogRecord): void
  /** Takes a record whose lines were put together: they were counted when they came. */
  takeRecord (record: LogRecord): void
}

const openBracket = 0x5b
const openBrace = 0x7b

export function createInbound (options: InboundOptions): Inbound {
  const { ledger, joinPieces, joinLines, hasOpenLines, finish, spool } = options
  let isRefused = false

  function takeLine (line: LogRecord): void {
    const mayBePart = line.stream === stream.stderr || (line.stream === stream.stdout && isOfLogger(line))
    if (mayBePart) joinLines(line)
    else takeRecord(line)
  }

  /** On standard output only what begins with a bracket may have more lines: access lines cost a look. */
  function isOfLogger ({ bytes, start, end }: LogRecord): boolean {
    const first = start < end ? bytes[start] : 0
    return first === openBracket || (first !== openBrace && hasOpenLines(stream.stdout))
  }

  function takeRecord (record: LogRecord): void {
    if (!finish(record)) isRefused = true
  }

  return {
    takeLine,
    takeRecord,
    acceptor (source) {
      const received = ledger.counter('received', source)
      return {
        accept (record) {
          received.value++
          // What a join holds counts as accepted: a driver that waits for acks sends the next piece only after this.
          isRefused = false
          if (record.partial === undefined) takeLine(record)
          else joinPieces(record)
          return !isRefused
        },
        get isFull () { return spool.isFull },
        whenWritable: () => spool.whenWritable(),
        stored: () => spool.stored(),
      }
    },
  }
}
