import {
  keyBitsAt, keySlotsAt, longestKey, memoAt, memoBytesAt, memoKeysAt, missesAt, mostPlaces, placesAt, redactsAt,
  slotCount, stopsAt
} from '../layout'
import { digitsAt, isSame } from './bytes'
import { isOfInterest } from './secrets'

/** Number of the key `[start, end)`, -1 where it is none that is known, -2 where its value is to be taken out. */
declare function numberOfKey (lineStart: i32, start: i32, end: i32): i32

const space = 0x20
const quote = 0x22
const backslash = 0x5c
const minus = 0x2d
const comma = 0x2c
const dot = 0x2e
const colon = 0x3a
const openBrace = 0x7b
const closeBrace = 0x7d

/** Bits of the groups of the keys that the object has. */
let groups: i32 = 0

/**
 * Whether a line is one flat object of JSON that has a key of both groups of an access line, and nothing that redaction
 * would look at more closely; notes the places of its values. No escapes, no bytes that are not ASCII, no white space
 * but single spaces: what is not here may be as valid, and is left to the walk of `bytes/json-walker.ts`.
 */
export function isOrdinary (start: i32, end: i32): bool {
  const last = end - 1
  if (end - start < 8 || load<u8>(start) !== openBrace || load<u8>(last) !== closeBrace) return false
  for (let slot = 0; slot < slotCount; slot++) store<i32>(placesAt + slot * 12, -1)
  groups = 0
  noteStops(start, end)
  let at = start + 1
  let place = 0
  while (at < last) {
    if (load<u8>(at) === space) at++
    if (load<u8>(at) !== quote) return false
    const key = readKey(place++, start, at + 1, last)
    if (key < -1) return false
    at = keyEnd
    if (load<u8>(at) === space) at++
    const valueAt = at
    const byte = <i32>load<u8>(at)
    let from = at
    let to = 0
    if (byte === quote) {
      to = textEnd(at + 1, last, start)
      from++
      at = to + 1
    } else {
      to = at = scalarEnd(at)
    }
    if (to <= valueAt) return false
    if (key >= 0) note(key, from, to)
    const next = load<u8>(at)
    if (next === closeBrace) return at === last && groups === 3
    if (next !== comma) return false
    at++
  }
  return false
}

/** Where the value begins of the key that was read last, behind its colon. */
let keyEnd: i32 = 0

/** Nearly all keys are where they were on the line before: these need not be looked up and judged again. */
function readKey (place: i32, lineStart: i32, from: i32, last: i32): i32 {
  if (place >= mostPlaces) return -2
  const memo = memoAt + place * longestKey
  const known = <i32>load<u8>(memoBytesAt + place)
  if (known > 0 && isSame(from, memo, known, known)) {
    store<u8>(missesAt + place, 0)
    keyEnd = from + known
    return load<i16>(memoKeysAt + place * 2)
  }
  const end = textEnd(from, last, lineStart)
  if (end < from || load<u8>(end + 1) !== colon) return -2
  keyEnd = end + 2
  const key = numberOfKey(lineStart, from, end)
  // Another writer's keys, who may be one of several in turns.
  const misses = load<u8>(missesAt + place) + 1
  store<u8>(missesAt + place, misses)
  if (key >= -1 && misses > 1 && keyEnd - from <= longestKey) {
    memory.copy(memo, from, keyEnd - from)
    store<u8>(memoBytesAt + place, keyEnd - from)
    store<i16>(memoKeysAt + place * 2, key)
    store<u8>(missesAt + place, 0)
  }
  return key
}

function note (key: i32, from: i32, to: i32): void {
  groups |= load<u8>(keyBitsAt + key)
  const slot = <i32>load<u8>(keySlotsAt + key)
  if (slot >= slotCount) return
  const place = placesAt + slot * 12
  store<i32>(place, from)
  store<i32>(place, to, 4)
  store<i32>(place, key, 8)
}

// By the low and by the high half of a byte: bits that both have where it ends a text, or needs a look. They come from
// memory, since V8 makes a constant anew at every turn of a loop, which costs twice as much as what it is used for.
const lowStops = memory.data<u8>([9, 1, 11, 1, 1, 3, 1, 1, 3, 1, 13, 1, 17, 5, 5, 1])
const highStops = memory.data<u8>([1, 1, 2, 4, 8, 16, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1])
const zeros = memory.data(16, 16)
const lowHalves = memory.data<u8>([15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15])

/** Notes where in a line such bytes are, a bit for each byte. */
function noteStops (start: i32, end: i32): void {
  const lows = v128.load(lowStops)
  const highs = v128.load(highStops)
  const half = v128.load(lowHalves)
  const zero = v128.load(zeros)
  for (let at = start, word = stopsAt; at < end; at += 64, word += 8) {
    const first = othersOf16(at, lows, highs, half, zero) | othersOf16(at + 16, lows, highs, half, zero) << 16
    const last = othersOf16(at + 32, lows, highs, half, zero) | othersOf16(at + 48, lows, highs, half, zero) << 16
    store<u64>(word, ~(first | last << 32))
  }
}

/** Of the 16 bytes at `at` a bit each, set where it is no stop. */
function othersOf16 (at: i32, lows: v128, highs: v128, half: v128, zero: v128): u64 {
  const bytes = v128.load(at)
  const low = i8x16.swizzle(lows, v128.and(bytes, half))
  const high = i8x16.swizzle(highs, v128.and(i16x8.shr_u(bytes, 4), half))
  return <u64>i8x16.bitmask(i8x16.eq(v128.and(low, high), zero))
}

/** Index of the quote behind the text that begins at `from`; 0 where something in it needs more than a look. */
function textEnd (from: i32, last: i32, lineStart: i32): i32 {
  const index = from - lineStart
  let word = stopsAt + (index >> 6 << 3)
  // Without those before `from`.
  let stops = load<u64>(word) & (<u64>-1 << (index & 63))
  for (let at = lineStart + (index & ~63); at < last; at += 64, word += 8, stops = load<u64>(word)) {
    for (; stops !== 0; stops &= stops - 1) {
      const stop = at + <i32>ctz(stops)
      if (stop >= last) return 0
      const byte = <i32>load<u8>(stop)
      if (byte === quote) return stop
      if (byte < space || byte >= 0x80 || byte === backslash) return 0
      if (load<i32>(redactsAt) !== 0 && isOfInterest(byte, stop, lineStart)) return 0
    }
  }
  return 0
}

/** Index behind the number without an exponent, or the word, at `from`; `from` where there is none. */
function scalarEnd (from: i32): i32 {
  const first = load<u32>(from)
  if (first === 0x65757274 || first === 0x6c6c756e) return from + 4 // true, null
  if (first === 0x736c6166 && load<u8>(from + 4) === 0x65) return from + 5 // false
  const integer = load<u8>(from) === minus ? from + 1 : from
  let at = digitsEnd(integer)
  if (at === integer || (load<u8>(integer) === 0x30 && at > integer + 1)) return from
  if (load<u8>(at) === dot) {
    const fraction = at + 1
    at = digitsEnd(fraction)
    if (at === fraction) return from
  }
  return at
}

function digitsEnd (from: i32): i32 {
  let at = from
  let count = digitsAt(at)
  for (; count === 8; count = digitsAt(at)) at += 8
  return at + count
}

// Tested in test/pipeline/ordinary-frames.test.ts
