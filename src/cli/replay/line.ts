import { jsonOf, membersOf } from '../../bytes/json-value.ts'
import { decodeEvent, type DecodedEvent } from '../../encode/event-encoder.ts'

/** What the path of a segment says of its lines. */
export interface Place {
  readonly route: string
  readonly container: string
  /** The start of its hour: the time of a line that says none itself. */
  readonly timeMs: number
}

/** A record that is sent again. `route`: the class, or a route of one's own. */
export interface ReplayedLine extends Place { readonly text: string }

const eventStart = /^\{"t":-?\d+,"c":"/

/** A line of a segment: an event, which has its own time and container, or a line of an object, as it is. */
export function readSegmentLine (line: string, place: Place): ReplayedLine {
  const event = eventStart.test(line) ? decodeEvent(line) : undefined
  return lineOf(place.route, event ?? { ...place, message: line })
}

/** A dead letter, as `letterText` writes it. @returns undefined where it is none, or its record is no event */
export function readLetter (line: string): ReplayedLine | undefined {
  const { route, reason, record } = membersOf(jsonOf(line))
  // Somebody else's file: the caller counts it.
  if (typeof route !== 'string' || typeof reason !== 'string') return undefined
  const event = decodeEvent(typeof record === 'string' ? record : JSON.stringify(record))
  return event && lineOf(route, event)
}

/** A route of a container's own has the class before the first dot. */
function lineOf (route: string, { container, timeMs, message }: DecodedEvent): ReplayedLine {
  return { route: route.split('.')[0] ?? route, container, timeMs, text: message }
}

// Tested in test/e2e/replay.test.ts
