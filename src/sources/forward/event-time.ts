import type { LogRecord } from '../../contracts/record.ts'
import { hex, refuse } from './refusal.ts'
import { uint32 } from './msgpack.ts'

/** What is known of the time of an entry. */
export const timeKind = {
  known: 0,
  /** The sender gave no time that a clock shows: the record is of now. */
  now: 1,
  /** Fluent Bit's begin or end of a group: the entry is no log record. */
  groupMarker: 2,
} as const
export type TimeKind = typeof timeKind[keyof typeof timeKind]

/** Last ms of the year 9999: beyond it dates are no longer written with four digits of year. */
const maxTimeMs = 253_402_300_799_999

/**
 * Reads the time of an entry into `record.timeMs`, when it is known, rounded down: EventTime as fixext8 or ext8, whole
 * or broken seconds of any width. Nil, 0, unknown extensions and times outside 1970 to 9999 are now, because a line
 * matters more than its time.
 *
 * Sources: https://github.com/fluent/fluentd/wiki/Forward-Protocol-Specification-v1#eventtime-ext-format and, for the
 * group markers, https://github.com/fluent/fluent-bit/blob/master/src/flb_log_event_decoder.c
 *
 * @throws SluiceError `ERR_FRAME` if something is there that is no time at all
 */
export function readTime (bytes: Buffer, at: number, record: LogRecord): TimeKind {
  const type = bytes[at] as number
  if (type === 0xd7) return bytes[at + 1] === 0 ? readEventTime(bytes, at + 2, record) : timeKind.now
  if (type < 0x80) return setSeconds(type, record)
  if (type >= 0xe0) return timeKind.now
  switch (type) {
    case 0xc0: return timeKind.now
    case 0xc7: return bytes[at + 1] === 8 && bytes[at + 2] === 0 ? readEventTime(bytes, at + 3, record) : timeKind.now
    case 0xc8: case 0xc9: case 0xd4: case 0xd5: case 0xd6: case 0xd8: return timeKind.now
    case 0xca: return setSeconds(bytes.readFloatBE(at + 1), record)
    case 0xcb: return setSeconds(bytes.readDoubleBE(at + 1), record)
    case 0xcc: return setSeconds(bytes.readUInt8(at + 1), record)
    case 0xcd: return setSeconds(bytes.readUInt16BE(at + 1), record)
    case 0xce: return setSeconds(bytes.readUInt32BE(at + 1), record)
    case 0xcf: return setSeconds(Number(bytes.readBigUInt64BE(at + 1)), record)
    case 0xd0: return setSeconds(bytes.readInt8(at + 1), record)
    case 0xd1: return setSeconds(bytes.readInt16BE(at + 1), record)
    case 0xd2: return setSeconds(bytes.readInt32BE(at + 1), record)
    case 0xd3: return setSeconds(Number(bytes.readBigInt64BE(at + 1)), record)
    default: return refuse('time', `expected a time, found ${hex(type)}`)
  }
}

/** Written into the record rather than returned: a number this large, returned, is an object. */
function readEventTime (bytes: Buffer, at: number, record: LogRecord): TimeKind {
  const seconds = uint32(bytes, at)
  const nanoseconds = uint32(bytes, at + 4)
  if (seconds >= 0xfffffffe && nanoseconds === 0) return timeKind.groupMarker
  record.timeMs = seconds * 1000 + Math.floor(nanoseconds / 1e6)
  return record.timeMs > 0 ? timeKind.known : timeKind.now
}

function setSeconds (seconds: number, record: LogRecord): TimeKind {
  record.timeMs = Math.floor(seconds * 1000)
  return record.timeMs > 0 && record.timeMs <= maxTimeMs ? timeKind.known : timeKind.now
}
