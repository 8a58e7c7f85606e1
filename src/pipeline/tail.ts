import type { Clock } from '../contracts/clock.ts'
import type { Outcome } from '../contracts/outcome.ts'
import { stream, type LogRecord } from '../contracts/record.ts'
import { repairKindNames } from '../contracts/repair-kinds.ts'
import type { Tail, TailLine, TailReader, TailWanted } from '../contracts/tail.ts'
import { decodeEvent } from '../encode/event-encoder.ts'
import type { ErrorReading } from '../formats/error-reading.ts'
import { isBelow, levelOfName, type ErrorLevel } from '../formats/level.ts'
import type { Listener } from './inbound.ts'
import type { Append } from './outlets.ts'

export interface TailOptions {
  readonly clock: Pick<Clock, 'monotonicMs'>
  /** Has the inbound half call `listener` for each record, until the function that is returned is called. */
  readonly listen: (listener: Listener) => () => void
}

export interface PipelineTail extends Tail {
  /** Watches what is appended to a spool, as long as somebody reads the tail. */
  watched (append: Append): Append
}

/** What somebody who looks may cost, in records a second, however many come: shown, and looked at for that. */
export const tailLimits = { shown: 200, looked: 2_000 } as const
/** Characters of a text that are shown. */
const shownLength = 4_096
/** A longer line of a spool is not kept whole until it is shown. */
const keptBytes = 64 * 1024
/** Parts of one record that are shown. */
const maxAppended = 4

const streamNames = { [stream.none]: '', [stream.stdout]: 'stdout', [stream.stderr]: 'stderr' } as const

interface Reading {
  readonly wanted: TailWanted
  readonly level: ErrorLevel | undefined
  readonly reader: TailReader
  missed: number
}

/**
 * Tells readers what becomes of records, within bounds: a line over them is missed by the readers, and by nobody else.
 * The first reader has the inbound half listen, the last one ends that.
 */
export function createTail ({ clock, listen }: TailOptions): PipelineTail {
  const readings = new Set<Reading>()
  let stopListening: (() => void) | undefined
  let appended: Buffer[] = []
  let appendedBytes = 0
  let secondMs = 0
  let looked = 0
  let shown = 0

  function onRecord (record: LogRecord, outcome: Outcome, reading: ErrorReading): void {
    const lines = appended
    const bytes = appendedBytes
    appended = []
    appendedBytes = 0
    const nowMs = clock.monotonicMs()
    if (nowMs - secondMs >= 1_000) {
      secondMs = nowMs
      looked = shown = 0
    }
    const interested = [...readings]
      .filter(({ wanted }) => wanted.class === undefined || wanted.class === outcome.class)
    if (interested.length === 0) return
    if (looked >= tailLimits.looked || shown >= tailLimits.shown) {
      for (const each of interested) each.missed++
      return
    }
    looked++
    const line = lineOf(record, outcome, reading, lines, bytes)
    const takers = interested.filter(each => isWanted(each, line))
    if (takers.length === 0) return
    shown++
    const json = JSON.stringify(line)
    for (const each of takers) if (!each.reader.take(json)) each.missed++
  }

  return {
    open (wanted, reader) {
      const level = wanted.level === undefined ? undefined : levelOfName(wanted.level)
      const reading: Reading = { wanted, level, reader, missed: 0 }
      readings.add(reading)
      stopListening ??= listen(onRecord)
      return {
        get missed () { return reading.missed },
        close () {
          readings.delete(reading)
          if (readings.size > 0) return
          stopListening?.()
          stopListening = undefined
          appended = []
        },
      }
    },
    watched: append => (timeMs, container, bytes, start, end, isHeld) => {
      const isTaken = append(timeMs, container, bytes, start, end, isHeld)
      if (stopListening !== undefined && isTaken) {
        appendedBytes += end - start
        // One over the limits is not shown, and is not copied either.
        if (looked < tailLimits.looked && shown < tailLimits.shown && appended.length < maxAppended) {
          appended.push(Buffer.from(bytes.subarray(start, Math.min(end, start + keptBytes))))
        }
      }
      return isTaken
    },
  }
}

function isWanted ({ wanted: { text }, level }: Reading, line: TailLine): boolean {
  if (level !== undefined && (line.level === undefined || isBelow(line.level as ErrorLevel, level))) return false
  return text === undefined || line.line.toLowerCase().includes(text.toLowerCase())
}

function lineOf (
  record: LogRecord, outcome: Outcome, reading: ErrorReading, appended: readonly Buffer[], deliveredBytes: number
): TailLine {
  const { bytes, start, end } = record
  const date = new Date(record.timeMs)
  const fields = outcome.class === 'error' && outcome.failed === undefined ? reading.fields : undefined
  return {
    time: Number.isNaN(date.getTime()) ? undefined : date.toISOString(),
    container: record.container,
    stream: streamNames[record.stream],
    class: outcome.class,
    level: fields?.level,
    rule: outcome.rule,
    filter: outcome.filter,
    repairs: repairKindNames.filter((_name, bit) => (outcome.repairs & (1 << bit)) !== 0),
    reason: outcome.reason,
    route: outcome.route,
    isAccepted: outcome.isAccepted,
    failed: outcome.failed,
    line: cut(bytes.toString('utf8', start, Math.min(end, start + shownLength * 4))),
    bytes: end - start,
    joined: Math.max(0, (record.numbers?.length ?? 1) - 1),
    fields: fields && Object.fromEntries(Object.entries(fields)
      .map(([name, value]) => [name, typeof value === 'string' ? cut(value) : value])),
    delivered: appended.map(line => {
      const text = line.toString()
      return cut(decodeEvent(text)?.message ?? text)
    }),
    deliveredBytes,
  }
}

function cut (text: string): string {
  return text.length <= shownLength ? text : `${text.slice(0, shownLength)}…`
}
