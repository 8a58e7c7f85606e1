import { hex, refuse } from './refusal.ts'
import { uint32 } from './msgpack.ts'

/** What `timeMsAt` says instead of a time. */
export const specialTime = {
  /** The sender gave no time that a clock shows: the record is of now. */
  now: -1,
  /** Fluent Bit's begin or end of a group: the entry is no log record. */
  groupMarker: -2,
} as const

/** Last ms of the year 9999: beyond it dates are no longer written with four digits of year. */
const maxTimeMs = 253_402_300_799_999

/**
 * Reads the time of an entry, ms since the epoch, rounded down: EventTime as fixext8 or ext8, whole or broken seconds
 * of any width. Nil, 0, unknown extensions and times outside 1970 to 9999 are now, because a line matters more than
 * its time.
 *
 * Sources: https://github.com/fluent/fluentd/wiki/Forward-Protocol-Specification-v1#eventtime-ext-format and, for the
 * group markers, https://github.com/fluent/fluent-bit/blob/master/src/flb_log_event_decoder.c
 *
 * @returns a time above 0, or one of `specialTime`
 * @throws SluiceError `ERR_FRAME` if something is there that is no time at all
 */
export function timeMsAt (bytes: Buffer, at: number): number {
  const type = bytes[at] as number
  if (type === 0xd7) return bytes[at + 1] === 0 ? eventTimeMs(bytes, at + 2) : specialTime.now
  if (type === 0xce) return secondsToMs(uint32(bytes, at + 1))
  if (type < 0x80) return secondsToMs(type)
  if (type >= 0xe0) return specialTime.now
  switch (type) {
    case 0xc0: return specialTime.now
    case 0xc7: return bytes[at + 1] === 8 && bytes[at + 2] === 0 ? eventTimeMs(bytes, at + 3) : specialTime.now
    case 0xc8: case 0xc9: case 0xd4: case 0xd5: case 0xd6: case 0xd8: return specialTime.now
    case 0xca: return secondsToMs(bytes.readFloatBE(at + 1))
    case 0xcb: return secondsToMs(bytes.readDoubleBE(at + 1))
    case 0xcc: return secondsToMs(bytes.readUInt8(at + 1))
    case 0xcd: return secondsToMs(bytes.readUInt16BE(at + 1))
    case 0xcf: return secondsToMs(Number(bytes.readBigUInt64BE(at + 1)))
    case 0xd0: return secondsToMs(bytes.readInt8(at + 1))
    case 0xd1: return secondsToMs(bytes.readInt16BE(at + 1))
    case 0xd2: return secondsToMs(bytes.readInt32BE(at + 1))
    case 0xd3: return secondsToMs(Number(bytes.readBigInt64BE(at + 1)))
    default: return refuse('time', `expected a time, found ${hex(type)}`)
  }
}

function eventTimeMs (bytes: Buffer, at: number): number {
  const seconds = uint32(bytes, at)
  const nanoseconds = uint32(bytes, at + 4)
  if (seconds >= 0xfffffffe && nanoseconds === 0) return specialTime.groupMarker
  const timeMs = seconds * 1000 + Math.floor(nanoseconds / 1e6)
  return timeMs > 0 ? timeMs : specialTime.now
}

function secondsToMs (seconds: number): number {
  const timeMs = Math.floor(seconds * 1000)
  return timeMs > 0 && timeMs <= maxTimeMs ? timeMs : specialTime.now
}
