import { putLogEventsLimits } from '../../../src/sinks/cloudwatch/event-line.ts'
import type { BatchLimits } from '../../../src/sinks/cloudwatch/batch-rules.ts'

export interface LineParts {
  readonly timeMs: number
  readonly container: string
  readonly message: string
  /** Every character of the message as `\uhhhh`, which JSON allows and the encoder does only where it must. */
  readonly isEscaped: boolean
  /** Further fields behind the message. */
  readonly hasMore: boolean
}

export function lineText ({ timeMs, container, message, isEscaped, hasMore }: LineParts): string {
  const text = isEscaped ? `"${message.split('').map(escaped).join('')}"` : JSON.stringify(message)
  return `{"t":${timeMs},"c":${JSON.stringify(container)},"m":${text}${hasMore ? ',"l":"warn","x":{"y":[1]}' : ''}}`
}

function escaped (unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}

export interface SlowEvent {
  readonly timeMs: number
  readonly message: string
  readonly bytes: number
  readonly fault: string | undefined
}

/** The simple duplicate of `readEvent`. */
export function readSlowly (line: string): SlowEvent {
  try {
    const { t, m } = JSON.parse(line) as { t: number, m: string }
    const bytes = Buffer.byteLength(m)
    const isTooLarge = bytes > putLogEventsLimits.batchBytes - putLogEventsLimits.overheadBytes
    const fault = t < 0 ? 'too_old' : m === '' ? 'empty' : isTooLarge ? 'too_large' : undefined
    return { timeMs: t, message: m, bytes, fault }
  } catch {
    return { timeMs: 0, message: '', bytes: 0, fault: 'malformed' }
  }
}

/** The simple duplicate of the cutting: how many lines the first batch takes. */
export function cutSlowly (lines: readonly string[], limits: BatchLimits): number {
  let count = 0
  const taken: { timeMs: number, bytes: number }[] = []
  for (const line of lines) {
    if (count === limits.maxRecords) break
    const event = readSlowly(line)
    if (event.fault === undefined) {
      const next = [...taken, { timeMs: event.timeMs, bytes: event.bytes + 26 }]
      const times = next.map(each => each.timeMs)
      const isOver = next.reduce((sum, each) => sum + each.bytes, 0) > limits.maxBytes ||
        Math.max(...times) - Math.min(...times) > 24 * 3_600_000
      if (isOver && taken.length > 0) break
      taken.push({ timeMs: event.timeMs, bytes: event.bytes + 26 })
    }
    count++
  }
  return count
}
