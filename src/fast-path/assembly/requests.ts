import {
  agentSlot, bytesSlot, durationSlot, isAgentStart, keySecondsAt, methodSlot, placesAt, requestBytes, requestSlot,
  requestsAt, statusCount, statusSlot
} from '../layout'
import { digitsAt, isKind } from './bytes'

const otherMethod = 9

/** Whether the line may be a health check that is left out: its agent's name begins like one of theirs. */
export function mayBeHealthCheck (): bool {
  const start = startOf(agentSlot)
  return start >= 0 && isKind(load<u8>(start), isAgentStart)
}

/** Notes the request of the line whose places are noted, as `createRequestMetrics` reads it, in row `index`. */
export function noteRequest (index: i32, sender: i32): void {
  const row = requestsAt + index * requestBytes
  store<f64>(row, numberOf(bytesSlot))
  const duration = numberOf(durationSlot)
  const unit = startOf(durationSlot) < 0 ? 0 : load<f64>(keySecondsAt + load<i32>(placesAt + durationSlot * 12 + 8) * 8)
  store<f64>(row + 8, duration < 0 || unit === 0 ? -1 : duration * unit)
  store<i32>(row + 16, method() * statusCount + status())
  store<i32>(row + 20, sender)
}

function startOf (slot: i32): i32 { return load<i32>(placesAt + slot * 12) }
function endOf (slot: i32): i32 { return load<i32>(placesAt + slot * 12 + 4) }

/** As `statusAt` of `formats/line-number.ts`. */
function status (): i32 {
  const start = startOf(statusSlot)
  if (start < 0 || endOf(statusSlot) - start !== 3) return 0
  const hundreds = <u32>load<u8>(start) - 0x30
  const tens = <u32>load<u8>(start + 1) - 0x30
  const ones = <u32>load<u8>(start + 2) - 0x30
  return hundreds >= 1 && hundreds <= 5 && tens <= 9 && ones <= 9 ? hundreds * 100 + tens * 10 + ones : 0
}

/** As `numberAt`: digits with or without a fraction; -1 where there is no such value. */
function numberOf (slot: i32): f64 {
  const start = startOf(slot)
  const end = endOf(slot)
  if (start < 0 || start === end || end - start > 20) return -1
  if (end - start <= 8 && digitsAt(start) >= end - start) return <f64>valueOf8(start, end - start)
  let value: f64 = 0
  let power: f64 = 0
  for (let at = start; at < end; at++) {
    const byte = <u32>load<u8>(at)
    if (byte - 0x30 < 10) {
      value = value * 10 + <f64>byte - 0x30
      power *= 10
    } else if (byte === 0x2e && power === 0 && at > start && at < end - 1) {
      power = 1
    } else {
      return -1
    }
  }
  return power === 0 ? value : value / power
}

/** The value of one to eight digits, two, four and eight of them together. */
function valueOf8 (start: i32, count: i32): u64 {
  // Moved up, so that what is missing in front is worth nothing.
  let word = (load<u64>(start) & 0x0f0f0f0f0f0f0f0f) << (64 - count * 8)
  word = (word * 10 + (word >> 8)) & 0x00ff00ff00ff00ff
  word = (word * 100 + (word >> 16)) & 0x0000ffff0000ffff
  return (word * 10000 + (word >> 32)) & 0xffffffff
}

/** As `methodOf`, of the line's own value, else of its request line. */
function method (): i32 {
  const start = startOf(methodSlot)
  if (start >= 0) return methodAt(start, endOf(methodSlot))
  const request = startOf(requestSlot)
  return request < 0 ? otherMethod : methodAt(request, endOf(requestSlot))
}

// Names as little-endian words.
const GET: u64 = 0x544547
const HEAD: u64 = 0x44414548
const POST: u64 = 0x54534f50
const PUT: u64 = 0x545550
const DELETE: u64 = 0x4554454c4544
const CONNECT: u64 = 0x5443454e4e4f43
const OPTIONS: u64 = 0x534e4f4954504f
const TRACE: u64 = 0x4543415254
const PATCH: u64 = 0x4843544150

/** Index of the method before the first space, in the order of `formats/http-method.ts`. */
function methodAt (start: i32, end: i32): i32 {
  let length = 0
  while (start + length < end && load<u8>(start + length) !== 0x20) length++
  if (length < 3 || length > 7) return otherMethod
  const word = load<u64>(start) & ((<u64>1 << (length * 8)) - 1)
  if (word === GET) return 0
  if (word === HEAD) return 1
  if (word === POST) return 2
  if (word === PUT) return 3
  if (word === DELETE) return 4
  if (word === CONNECT) return 5
  if (word === OPTIONS) return 6
  if (word === TRACE) return 7
  return word === PATCH ? 8 : otherMethod
}

// Tested in test/pipeline/ordinary-frames.test.ts
