import { createNameMemo } from '../contracts/name-memo.ts'
import { createWritingEncoder, type Encoder } from './encoder.ts'
import { appendJsonText } from '../bytes/json-escape.ts'
import { jsonOf, membersOf } from '../bytes/json-value.ts'

const opening = Buffer.from('{"t":')
const closing = Buffer.from('"}')

/**
 * Encodes for routes that deliver events: `{"t":<ms since the epoch>,"c":"<container>","m":"<line>"}`.
 *
 * Later fields stand after these three. The time is a whole number; one that is no finite number becomes 0.
 */
export function createEventEncoder (): Encoder {
  const containerJson = createNameMemo(name => Buffer.from(`,"c":${JSON.stringify(name)},"m":"`))
  return createWritingEncoder((scratch, record) => {
    scratch.append(opening)
    scratch.appendInteger(record.timeMs)
    scratch.append(containerJson(record.container))
    appendJsonText(scratch, record.bytes, record.start, record.end)
    scratch.append(closing)
    return true
  })
}

export interface DecodedEvent {
  readonly timeMs: number
  readonly container: string
  readonly message: string
}

/** Reads back what `createEventEncoder` wrote; undefined when the line is not such an event. */
export function decodeEvent (line: string): DecodedEvent | undefined {
  const { t, c, m } = membersOf(jsonOf(line))
  if (typeof t !== 'number' || typeof c !== 'string' || typeof m !== 'string') return undefined
  return { timeMs: t, container: c, message: m }
}
