import { atOther, atUnknown, tagAt, tagBytesAt } from '../layout'
import { findSender, noName } from './senders'

/** Of the frame that was read last: where its line lies, and its time, ms since the epoch. */
export let lineStart: i32 = 0
export let lineEnd: i32 = 0
export let timeMs: f64 = 0
/** Number of its sender; where no frame was read that can be taken, why. */
export let sender: i32 = atOther

// The little-endian words of what Docker's driver writes. Source: moby daemon/logger/fluentd/fluentd.go
const keyLog: u32 = 0x676f6ca3 // str 3, `log`
const keySource: u64 = 0x656372756f73a6 // str 6, `source`
const stdout: u64 = 0x74756f647473 // `stdout`
const containerN: u64 = 0x656e6961746e6f63 // `containe`
const nerName: u64 = 0x656d616e5f72656e // `ner_name`

/**
 * Reads one frame of Message mode, or one entry of a packed one, of a sender that is known: a line of standard output
 * that is whole, with the time as EventTime.
 *
 * @returns where the frame ends; 0 where it is any other frame, or not all there
 */
export function readFrame (from: i32, end: i32, isEntry: bool): i32 {
  sender = atOther
  let at = from
  const elements = <i32>load<u8>(at++) - 0x90
  // A message has an option or none: the driver's is nil, or empty where it asks for no ack.
  if (isEntry ? elements !== 2 : elements !== 3 && elements !== 4) return 0
  let tagStart = tagAt
  let tagBytes = load<i32>(tagBytesAt)
  if (!isEntry) {
    if (!readText(at, end)) return 0
    tagStart = textStart
    tagBytes = textEnd - textStart
    at = textEnd
  }
  // fixext 8 of type 0
  if (at + 11 > end || load<u16>(at) !== 0x00d7) return 0
  timeMs = <f64>bswap(load<u32>(at + 2)) * 1000 + Math.floor(<f64>bswap(load<u32>(at + 6)) / 1e6)
  at += 10
  const kind = load<u8>(at++)
  if ((kind & 0xf0) !== 0x80) return 0
  let nameStart = 0
  let nameBytes = noName
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
      if (nameBytes !== noName) return 0
      nameStart = textStart
      nameBytes = bytes
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
  if (!isOutput || lineStart === 0) return 0
  const found = findSender(tagStart, tagBytes, nameStart, nameBytes)
  sender = found < 0 ? atUnknown : found
  return found < 0 ? 0 : at
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

// Tested in test/pipeline/ordinary-frames.test.ts
