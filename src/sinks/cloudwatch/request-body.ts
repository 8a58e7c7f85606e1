import type { Rejection } from '../../contracts/sink.ts'
import { ascii } from '../../bytes/ascii.ts'
import { plainClosing } from './entity.ts'
import { createEventView, readEvent } from './event-line.ts'

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
 */
export function createPutBody (
  group: string, stream: string, lines: Buffer, records: number, closing: Buffer = plainClosing,
  allocate: (bytes: number) => Buffer = Buffer.allocUnsafe
): PutBody {
  const spans = new Spans(records)
  const rejections: Rejection[] = []
  const view = createEventView()
  let isSorted = true
  let lastMs = 0
  for (let index = 0, at = 0; index < records && readEvent(lines, at, view); index++, at = view.lineEnd) {
    if (view.fault === undefined) {
      spans.add(index, view.timeMs, view.timeStart, view.timeEnd, view.messageStart, view.messageEnd)
      isSorted &&= view.timeMs >= lastMs
      lastMs = view.timeMs
    } else {
      rejections.push({ index, reason: view.fault })
    }
  }
  const order = isSorted ? undefined : spans.order()
  const opening = Buffer.from(
    `{"logGroupName":${JSON.stringify(group)},"logStreamName":${JSON.stringify(stream)},"logEvents":[`)
  const body = allocate(opening.length + lines.length + spans.count * growthBytes + closing.length)
  const lineOf = new Uint32Array(spans.count)
  let end = copy(opening, 0, opening.length, body, 0)
  for (let index = 0; index < spans.count; index++) {
    const span = order?.[index] ?? index
    lineOf[index] = spans.lines[span] ?? 0
    if (index > 0) body[end++] = comma
    end = spans.write(span, lines, body, end)
  }
  end = copy(closing, 0, closing.length, body, end)
  return { body: body.subarray(0, end), eventCount: spans.count, lineOf, rejections }
}

/** Events as columns: ten thousand of them are five arrays, not ten thousand objects. */
class Spans {
  count = 0
  /** Index of each event's line in the batch. */
  readonly lines: Uint32Array
  readonly #timesMs: Float64Array
  /** Offsets, four for each event: start and end of its time, of its message. */
  readonly #offsets: Uint32Array

  constructor (capacity: number) {
    this.lines = new Uint32Array(capacity)
    this.#timesMs = new Float64Array(capacity)
    this.#offsets = new Uint32Array(capacity * 4)
  }

  add (
    line: number, timeMs: number, timeStart: number, timeEnd: number, messageStart: number, messageEnd: number
  ): void {
    const at = this.count * 4
    this.lines[this.count] = line
    this.#timesMs[this.count] = timeMs
    this.#offsets[at] = timeStart
    this.#offsets[at + 1] = timeEnd
    this.#offsets[at + 2] = messageStart
    this.#offsets[at + 3] = messageEnd
    this.count++
  }

  /** Indexes by time, and those of one time as they came. */
  order (): Uint32Array {
    const timesMs = this.#timesMs
    return Uint32Array.from({ length: this.count }, (_, index) => index)
      .sort((a, b) => (timesMs[a] ?? 0) - (timesMs[b] ?? 0) || a - b)
  }

  /** Writes event `index` at `end` of `body`; returns the new end. */
  write (index: number, source: Buffer, body: Buffer, end: number): number {
    const at = index * 4
    end = copy(eventOpening, 0, eventOpening.length, body, end)
    end = copy(source, this.#offsets[at] ?? 0, this.#offsets[at + 1] ?? 0, body, end)
    end = copy(messageOpening, 0, messageOpening.length, body, end)
    end += source.copy(body, end, this.#offsets[at + 2], this.#offsets[at + 3])
    return copy(eventClosing, 0, eventClosing.length, body, end)
  }
}

/** For a few bytes a loop is cheaper than a call out of JavaScript. */
function copy (source: Buffer, start: number, sourceEnd: number, target: Buffer, end: number): number {
  for (let at = start; at < sourceEnd; at++) target[end++] = source[at] as number
  return end
}
