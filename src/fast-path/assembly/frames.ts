import { byteKindsAt, nameAt, nameBytesAt, tagAt, tagBytesAt } from '../layout'

/** Of the frame that was read last: where its line lies, and its time, ms since the epoch. */
export let lineStart: i32 = 0
export let lineEnd: i32 = 0
export let timeMs: f64 = 0

// The little-endian words of what Docker's driver writes. Source: moby daemon/logger/fluentd/fluentd.go
const keyLog: u32 = 0x676f6ca3 // str 3, `log`
const keySource: u64 = 0x656372756f73a6 // str 6, `source`
const stdout: u64 = 0x74756f647473 // `stdout`
const containerN: u64 = 0x656e6961746e6f63 // `containe`
const nerName: u64 = 0x656d616e5f72656e // `ner_name`

const anyName = -2

/**
 * Reads one frame of Message mode, or one entry of a packed one, of the container that the host has set: a line of
 * standard output that is whole, with the time as EventTime.
 *
 * @returns where the frame ends; 0 where it is any other frame, or not all there
 */
export function readFrame (from: i32, end: i32, isEntry: bool): i32 {
  let at = from
  const elements = <i32>load<u8>(at++) - 0x90
  // A message has an option or none: the driver's is nil, or empty where it asks for no ack.
  if (isEntry ? elements !== 2 : elements !== 3 && elements !== 4) return 0
  if (!isEntry) {
    if (!readText(at, end)) return 0
    if (!isSame(textStart, tagAt, textEnd - textStart, load<i32>(tagBytesAt))) return 0
    at = textEnd
  }
  // fixext 8 of type 0
  if (at + 11 > end || load<u16>(at) !== 0x00d7) return 0
  timeMs = <f64>bswap(load<u32>(at + 2)) * 1000 + Math.floor(<f64>bswap(load<u32>(at + 6)) / 1e6)
  at += 10
  const nameBytes = load<i32>(nameBytesAt)
  const kind = load<u8>(at++)
  if ((kind & 0xf0) !== 0x80) return 0
  let hasName = false
  let isOutput = false
  lineStart = 0
  for (let pairs = kind & 0x0f; pairs > 0; pairs--) {
    const key = at
    const type = <i32>load<u8>(at)
    if (at >= end || (type & 0xe0) !== 0xa0) return 0
    const valueAt = at + 1 + (type & 0x1f)
    if (!readText(valueAt, end)) return 0
    const bytes = textEnd - textStart
    if (load<u32>(key) === keyLog) {
      lineStart = textStart
      lineEnd = textEnd
    } else if ((load<u64>(key) & 0x00ffffffffffffff) === keySource) {
      isOutput = bytes === 6 && (load<u64>(textStart) & 0x0000ffffffffffff) === stdout
    } else if (type === 0xae && load<u64>(key + 1) === containerN && load<u64>(key + 7) === nerName) {
      hasName = true
      if (nameBytes !== anyName && !isSame(textStart, nameAt, bytes, nameBytes)) return 0
    } else if (load<u8>(key + 1) === 0x70) {
      // `partial_id` and its like
      return 0
    }
    at = textEnd
  }
  if (elements === 4) {
    const option = load<u8>(at++)
    if (at > end || (option !== 0xc0 && option !== 0x80)) return 0
  }
  return isOutput && lineStart > 0 && (nameBytes === anyName || hasName === (nameBytes >= 0)) ? at : 0
}

let textStart: i32 = 0
let textEnd: i32 = 0

/** A str of 64 KiB at most, at `at`. */
function readText (at: i32, end: i32): bool {
  if (at + 3 > end) return false
  const type = <i32>load<u8>(at)
  let length: i32 = 0
  if ((type & 0xe0) === 0xa0) {
    textStart = at + 1
    length = type & 0x1f
  } else if (type === 0xd9) {
    textStart = at + 2
    length = load<u8>(at + 1)
  } else if (type === 0xda) {
    textStart = at + 3
    length = (<i32>load<u8>(at + 1) << 8) | load<u8>(at + 2)
  } else {
    return false
  }
  textEnd = textStart + length
  return textEnd <= end
}

/** Whether two stretches have the same length and bytes. */
export function isSame (one: i32, other: i32, bytes: i32, otherBytes: i32): bool {
  if (bytes !== otherBytes) return false
  let left = bytes
  let at = 0
  for (; left >= 16; left -= 16, at += 16) if (sameOf16(one + at, other + at) !== 0xffff) return false
  const wanted = (1 << left) - 1
  return (sameOf16(one + at, other + at) & wanted) === wanted
}

/** Of the 16 bytes at both places a bit each, set where they are the same. */
function sameOf16 (one: i32, other: i32): i32 {
  return i8x16.bitmask(i8x16.eq(v128.load(one), v128.load(other)))
}

export function isKind (byte: i32, bits: i32): bool {
  return (<i32>load<u8>(byteKindsAt + byte) & bits) !== 0
}

// Tested in test/pipeline/ordinary-frames.test.ts
