import type { Cutting } from '../../contracts/sink.ts'
import { EventColumns } from './event-columns.ts'
import { EventView, putLogEventsLimits, readEvent } from './event-line.ts'

export interface BatchLimits {
  /** As CloudWatch Logs counts: UTF-8 bytes of the messages, and 26 for each. 1,048,576 at most. */
  readonly maxBytes: number
  /** 10,000 at most. */
  readonly maxRecords: number
}

/**
 * Cuts what one PutLogEvents may carry, exactly: bytes, events, and no more than 24 hours between the oldest and the
 * newest. A line that cannot be sent counts as a record without bytes; one event over `maxBytes` is a batch of its own.
 *
 * @param columns hold the batch that was cut last
 */
export function createBatchCutting (limits: BatchLimits, columns: EventColumns = new EventColumns()): Cutting {
  const maxBytes = Math.min(limits.maxBytes, putLogEventsLimits.batchBytes)
  const maxRecords = Math.min(limits.maxRecords, putLogEventsLimits.eventCount)
  const view = new EventView()
  return {
    // What a line has besides its message comes near to what an event is counted as; escapes make it a little longer.
    readBytes: Math.ceil(maxBytes * 1.25),
    cut: lines => {
      let endByte = 0
      let records = 0
      let batchBytes = 0
      let oldestMs = Infinity
      let newestMs = -Infinity
      columns.begin(lines)
      while (records < maxRecords) {
        if (!readEvent(lines, endByte, view)) return { endByte, records, isFull: false }
        if (view.fault === undefined) {
          const eventBytes = view.messageBytes + putLogEventsLimits.overheadBytes
          oldestMs = Math.min(oldestMs, view.timeMs)
          newestMs = Math.max(newestMs, view.timeMs)
          const isOver = batchBytes + eventBytes > maxBytes || newestMs - oldestMs > putLogEventsLimits.spanMs
          if (isOver && batchBytes > 0) return { endByte, records, isFull: true }
          batchBytes += eventBytes
        }
        columns.add(view)
        endByte = view.lineEnd
        records++
      }
      return { endByte, records, isFull: true }
    },
  }
}
