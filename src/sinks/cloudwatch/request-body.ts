import type { Rejection } from '../../contracts/sink.ts'
import { ascii } from '../../bytes/ascii.ts'
import { plainClosing } from './entity.ts'
import { EventColumns } from './event-columns.ts'

/** A PutLogEvents request, and how to get from its events back to the lines of the batch. */
export interface PutBody {
  /** Its own memory; events are in order of time, and those of one time in the order of their lines. */
  readonly body: Buffer
  readonly eventCount: number
  /** Line of each event, by its index in the request. */
  readonly lineOf: Uint32Array
  /** Lines that are not in the request: no request could carry them. */
  readonly rejections: readonly Rejection[]
}

const eventOpening = Buffer.from('{"timestamp":')
const messageOpening = Buffer.from(',"message":"')
const eventClosing = Buffer.from('"}')
const { comma } = ascii

/** What an event in the request has over its line in the segment, at most: the keys are longer, and a comma. */
const growthBytes = eventOpening.length + messageOpening.length + eventClosing.length + 1

/**
 * Makes the JSON of a PutLogEvents request out of `records` lines of a segment. The text of a message is copied as it
 * stands there, since both are JSON.
 *
 * @param closing what follows the last event, to the end of the JSON
 * @param allocate makes the memory of the body
 * @param columns may hold what is read of the lines here
 */
export function createPutBody (
  group: string, stream: string, lines: Buffer, records: number, closing: Buffer = plainClosing,
  allocate: (bytes: number) => Buffer = Buffer.allocUnsafe, columns: EventColumns = new EventColumns()
): PutBody {
  columns.read(lines, records)
  const { count, rejections } = columns
  const opening = Buffer.from(
    `{"logGroupName":${JSON.stringify(group)},"logStreamName":${JSON.stringify(stream)},"logEvents":[`)
  const body = allocate(opening.length + lines.length + count * growthBytes + closing.length)
  const lineOf = new Uint32Array(count)
  const eventsEnd = writeAll(columns, lines, body, copy(opening, 0, opening.length, body, 0), lineOf)
  const end = copy(closing, 0, closing.length, body, eventsEnd)
  return { body: body.subarray(0, end), eventCount: count, lineOf, rejections }
}

/**
 * Writes the events in order of time at `from`; returns the end. A function of its own: V8 compiles the loop while it
 * runs the first time, and throws that away at each end of it where other code follows, which it has not seen run.
 */
function writeAll (columns: EventColumns, lines: Buffer, body: Buffer, from: number, lineOf: Uint32Array): number {
  const order = columns.isSorted ? undefined : columns.order()
  let end = from
  for (let index = 0; index < lineOf.length; index++) {
    const event = order?.[index] ?? index
    lineOf[index] = columns.lines[event] ?? 0
    if (index > 0) body[end++] = comma
    end = write(columns, event, lines, body, end)
  }
  return end
}

/** Writes event `index` of the columns at `end` of `body`; returns the new end. */
function write ({ offsets }: EventColumns, index: number, source: Buffer, body: Buffer, end: number): number {
  const at = index * 4
  end = copy(eventOpening, 0, eventOpening.length, body, end)
  end = copy(source, offsets[at] ?? 0, offsets[at + 1] ?? 0, body, end)
  end = copy(messageOpening, 0, messageOpening.length, body, end)
  end += source.copy(body, end, offsets[at + 2], offsets[at + 3])
  return copy(eventClosing, 0, eventClosing.length, body, end)
}

/** For a few bytes a loop is cheaper than a call out of JavaScript. */
function copy (source: Buffer, start: number, sourceEnd: number, target: Buffer, end: number): number {
  for (let at = start; at < sourceEnd; at++) target[end++] = source[at] as number
  return end
}
