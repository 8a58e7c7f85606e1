import { byteKindsAt } from '../layout'

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

/** How many of the eight bytes at `at` are digits before the first that is none: all together, without a branch. */
export function digitsAt (at: i32): i32 {
  const values = load<u64>(at) ^ 0x3030303030303030
  const isNone = (((values & 0x7f7f7f7f7f7f7f7f) + 0x7676767676767676) | values) & 0x8080808080808080
  return <i32>ctz(isNone) >> 3
}

export function isKind (byte: i32, bits: i32): bool {
  return (<i32>load<u8>(byteKindsAt + byte) & bits) !== 0
}

// Tested in test/pipeline/ordinary-frames.test.ts
