import { jsonOf, membersOf } from '../../bytes/json-value.ts'
import { decodeEvent } from '../../encode/event-encoder.ts'

/** A record that is sent again. */
export interface ReplayedLine {
  /** The class, or a route of one's own. */
  readonly route: string
  readonly container: string
  readonly timeMs: number
  readonly text: string
}

/** What the path of a segment says of its lines. */
export interface Place {
  readonly route: string
  readonly container: string
  /** The start of its hour: the time of a line that says none itself. */
  readonly timeMs: number
}

const eventStart = /^\{"t":-?\d+,"c":"/

/** A line of a segment: an event, which has its own time and container, or a line of an object, as it is. */
export function readSegmentLine (line: string, place: Place): ReplayedLine | undefined {
  const route = nameOf(place.route)
  const event = eventStart.test(line) ? decodeEvent(line) : undefined
  if (event === undefined) return { route, container: place.container, timeMs: place.timeMs, text: line }
  return { route, container: event.container, timeMs: event.timeMs, text: event.message }
}

/** A dead letter, as `letterText` writes it. @returns undefined where it is none, or its record is no event */
export function readLetter (line: string): ReplayedLine | undefined {
  const { route, reason, record } = membersOf(jsonOf(line))
  // Somebody else's file: the caller counts it.
  if (typeof route !== 'string' || typeof reason !== 'string') return undefined
  const event = decodeEvent(typeof record === 'string' ? record : JSON.stringify(record))
  if (event === undefined) return undefined
  return { route: nameOf(route), container: event.container, timeMs: event.timeMs, text: event.message }
}

/** A route of a container's own has the class before the first dot. */
function nameOf (route: string): string {
  return route.split('.')[0] ?? route
}

// Tested in test/e2e/replay.test.ts
