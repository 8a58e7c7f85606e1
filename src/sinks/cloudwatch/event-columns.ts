import type { Rejection } from '../../contracts/sink.ts'
import { EventView, readEvent } from './event-line.ts'

/**
 * The events of one batch as columns: ten thousand of them are five arrays, not ten thousand objects.
 *
 * Who cuts a batch reads its lines, and who makes the request of it needs what was found: both share one of these.
 * Reused, so it holds the batch that was read last.
 */
export class EventColumns {
  /** Lines of the batch, of which the events are those that a request can carry. */
  records = 0
  count = 0
  /** Index of each event's line in the batch. */
  lines = new Uint32Array(0)
  timesMs = new Float64Array(0)
  /** Offsets, four for each event: start and end of its time, of its message. */
  offsets = new Uint32Array(0)
  isSorted = true
  /** Lines that no request could carry. */
  rejections: Rejection[] = []
  #memory: ArrayBufferLike | undefined
  #from = 0
  readonly #view = new EventView()

  /** Goes to the lines of another batch. */
  begin (lines: Buffer): void {
    this.records = this.count = 0
    this.isSorted = true
    this.rejections = []
    this.#memory = lines.buffer
    this.#from = lines.byteOffset
  }

  /** The next line of the batch. */
  add (view: EventView): void {
    const index = this.records++
    if (view.fault !== undefined) {
      this.rejections.push({ index, reason: view.fault })
      return
    }
    const event = this.count++
    if (event === this.lines.length) this.#grow()
    this.isSorted &&= event === 0 || view.timeMs >= (this.timesMs[event - 1] as number)
    this.lines[event] = index
    this.timesMs[event] = view.timeMs
    this.offsets[event * 4] = view.timeStart
    this.offsets[event * 4 + 1] = view.timeEnd
    this.offsets[event * 4 + 2] = view.messageStart
    this.offsets[event * 4 + 3] = view.messageEnd
  }

  /** Reads the first `records` of the lines, unless it holds these: memory is never filled twice with lines. */
  read (lines: Buffer, records: number): void {
    if (lines.buffer === this.#memory && lines.byteOffset === this.#from && records === this.records) return
    this.begin(lines)
    const view = this.#view
    for (let at = 0; this.records < records && readEvent(lines, at, view); at = view.lineEnd) this.add(view)
  }

  /** Indexes of events by time, and those of one time as they came. */
  order (): Uint32Array {
    const { timesMs } = this
    return Uint32Array.from({ length: this.count }, (_, index) => index)
      .sort((a, b) => (timesMs[a] ?? 0) - (timesMs[b] ?? 0) || a - b)
  }

  #grow (): void {
    const length = Math.max(64, this.lines.length * 2)
    const { lines, timesMs, offsets } = this
    this.lines = new Uint32Array(length)
    this.timesMs = new Float64Array(length)
    this.offsets = new Uint32Array(length * 4)
    this.lines.set(lines)
    this.timesMs.set(timesMs)
    this.offsets.set(offsets)
  }
}
