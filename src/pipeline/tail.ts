import { jsonOf, membersOf } from '../bytes/json-value.ts'
import type { Clock } from '../contracts/clock.ts'
import { namesOfBits, type Outcome } from '../contracts/outcome.ts'
import { streamNames, type LogRecord } from '../contracts/record.ts'
import { repairKindNames } from '../contracts/repair-kinds.ts'
import type { Tail, TailLine, TailReader, TailWanted } from '../contracts/tail.ts'
import { decodeEvent } from '../encode/event-encoder.ts'
import type { ErrorReading } from '../formats/error-reading.ts'
import type { ErrorLevel } from '../contracts/levels.ts'
import { isBelow, levelOfName } from '../formats/level.ts'
import { redactionKinds } from '../redact/redactor.ts'
import { isoOf } from '../telemetry/words.ts'
import type { Listener } from './inbound-types.ts'
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

  function onRecord (record: LogRecord, outcome: Outcome, reading: Pick<ErrorReading, 'fields'>): void {
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

/**
 * The text is what was written to the spool, which is redacted. What goes nowhere was not looked at for secrets, so its
 * text is not shown.
 */
function lineOf (
  record: LogRecord, outcome: Outcome, reading: Pick<ErrorReading, 'fields'>, appended: readonly Buffer[], deliveredBytes: number
): TailLine {
  const delivered = appended.map(line => messageOf(line.toString()))
  const hasFields = outcome.class === 'error' && outcome.failed === undefined && delivered.length > 0
  const fields = hasFields ? reading.fields : undefined
  return {
    time: isoOf(record.timeMs),
    container: record.container,
    stream: streamNames[record.stream] ?? '',
    class: outcome.class,
    level: fields?.level,
    rule: outcome.rule,
    filter: outcome.filter,
    repairs: namesOfBits(repairKindNames, outcome.repairs),
    redactions: namesOfBits(redactionKinds, outcome.redactions),
    reason: outcome.reason,
    route: outcome.route,
    isAccepted: outcome.isAccepted,
    failed: outcome.failed,
    // A copy for another route is the same line.
    line: cut(textOf([...new Set(delivered)])),
    bytes: record.end - record.start,
    joined: Math.max(0, (record.numbers?.length ?? 1) - 1),
    fields: fields && Object.fromEntries(Object.entries(fields)
      .map(([name, value]) => [name, typeof value === 'string' ? cut(value) : value])),
    delivered: delivered.map(cut),
    deliveredBytes,
  }
}

function messageOf (line: string): string {
  return decodeEvent(line)?.message ?? line
}

/** The line that was wrapped in an object to be delivered, where it was; else what is delivered. */
function textOf (delivered: readonly string[]): string {
  const [first = ''] = delivered
  if (delivered.length > 1 || !first.startsWith('{"time":')) return delivered.join('')
  // No JSON where it was cut, because it is long.
  const { log, raw } = membersOf(jsonOf(first))
  return [log, raw].find(value => typeof value === 'string') ?? first
}

function cut (text: string): string {
  return text.length <= shownLength ? text : `${text.slice(0, shownLength)}…`
}
